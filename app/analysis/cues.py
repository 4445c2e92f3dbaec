"""The wording that tells what a sentence does in a story; general English, no story's own phrases."""

import re
from functools import cache

from app.analysis.phrases import Phrases, fold


def _any(*patterns: str) -> tuple[str, ...]:
    return patterns


SETTING = _any(
    r"\b(?:in|since|during|back in|early in|late in|spring|summer|autumn|fall|winter|"
    r"q[1-4])\b.{0,20}\b(?:19|20)\d\d\b",
    r"\b(?:last|that|one) (?:year|spring|summer|autumn|fall|winter|january|february|march|april|may|june|"
    r"july|august|september|october|"
    r"november|december|monday|tuesday|wednesday|thursday|friday|saturday|sunday|weekend)\b",
    r"\bwhen i (?:joined|started|took over|came in|arrived|was)\b",
    r"\b(?:i|we)(?: was| were| am| are|'m|'re) (?:working |employed )?(?:at|with|in|on|for|part of)\b",
    r"\b(?:my|our|the) (?:company|firm|employer|team|department|organi[sz]ation|client|plant|hospital|"
    r"school|bank|agency|shop|store)\b",
    r"\bat (?:an?|the|my) \w+",
    r"\bi (?:run|ran|lead|led|manage|managed|work|worked)\b",
    r"\bthere (?:was|were|had been)\b",
    r"\bhad (?:been|just|gone|become|grown|left|no)\b",
    r"\b(?:context|background|situation)\b",
)
STAKES = _any(
    r"\b(?:at risk|at stake|risk(?:ed|ing)?|threaten\w*|deadline|penalt\w+|fine[ds]?|complain\w*|cancel\w*|"
    r"churn\w*|outage|incident|urgent|"
    r"losing|lost|cost(?:ing)? us|waiting|angry|unhappy|behind (?:plan|schedule)|overdue|failing|failed|"
    r"broke(?:n)?|crash\w*|escalat\w+|"
    r"problem|issue|trouble|stuck|backlog|attrition|wast(?:e|ed|ing)|danger\w*|unsafe|would have|otherwise|"
    r"because)\b",
)
RESPONSIBILITY = _any(
    r"\b(?:my|our) (?:own )?(?:job|task|goal|role|brief|aim|target|objective|responsibility|assignment|"
    r"mission|part|bit|remit|mandate|charge|"
    r"ask|orders?|instructions?|duty)\b",
    r"\bi(?: was| am|'m| had been| got|'d been|'ve been) (?:\w+ )?(?:asked|told|tasked|assigned|given|handed|"
    r"responsible|accountable|in charge|"
    r"appointed|hired|brought in|put in charge|supposed|expected|chosen|named|made|sent)\b",
    r"\b(?:asked|told|tasked|assigned|wanted|gave|handed|expected|needed|invited|instructed) me\b",
    r"\bi (?:owned|own|ran|run|led|lead|managed|manage|headed|look(?:ed)? after|oversaw|coordinated|supervised)\b",
    r"\b(?:i|we)(?: was| were| am| are|'m|'re) (?:the|an?|one of|on|their|its|lead|leading|head|"
    r"managing|running|only)\b",
    r"\b(?:was|were|is|are) (?:mine|on me|my (?:call|job|responsibility|problem|baby))\b",
    r"\b(?:fell|came|landed|was left|was down|belonged) (?:to|on) (?:me|my)\b",
    r"\b(?:reported|reports|reporting) to me\b",
    r"\bas (?:the|an?|their|its|team|lead|head) [\w -]{2,40}\b(?:,| i\b)",
    r"\b(?:the|my|our) (?:goal|target|aim|objective|task|brief|ask|plan|deadline)\b",
    r"\bi (?:had|needed|wanted|took it on myself|set myself|gave myself|volunteered|promised|committed|"
    r"undertook|agreed|said i'?d)\b.{0,12}\b"
    r"(?:to|a|the|it)\b",
    r"\bi(?:'d| would) (?:take|carry|own|fix|find|do) it\b",
    r"\bnobody (?:had )?(?:asked|told) me\b",
    r"\b(?:nobody|no one|not anyone)(?:'s| had| owned| was| else)\b.{0,30}\b(?:so i|i took|i gave|i made)\b",
    r"\bi (?:took|accepted|picked) (?:it|this|that|the \w+|on|up|over|charge|ownership)\b",
    r"\bwe (?:needed|had) to\b",
    r"\bit was (?:my|up to me|on me)\b",
    r"\bme (?:=|alone|as)\b",
    r"^\s*(?:mine|task|goal)\b",
)
OUTCOME = _any(
    r"\b(?:fell|dropped|drops?|rose|climbed|grew|increased|decreased|declined|improved|shrank|halved|"
    r"doubled|tripled|went (?:from|up|down|live|out|through)|"
    r"came (?:in|down|back|out|through)|gone (?:from|up|down)|reduced|cut|saved|saves|gained|reached|hit|"
    r"met|beat|exceeded|"
    r"launched|shipped|delivered|finished|landed|opened|passed|won|renewed|signed|stayed|adopted|"
    r"rolled out|approved|accepted|"
    r"promoted|hired|kept|worked|held|succeeded|failed|closed|ended|recovered|caught|prevented|avoided|"
    r"returned|retained|became|"
    r"turned out|paid (?:off|back)|picked (?:it|this|them) up|copied|took (?:it|them) over|still (?:in use|"
    r"running|used|there|going|works?|uses?|runs?))\b",
    r"\b(?:result|results|outcome|impact|in the end|at the end|eventually|as a result|ultimately|finally|"
    r"since then|afterwards|by the end|"
    r"to this day|today|nowadays|these days|now)\b",
    r"\b(?:up|down) (?:to|from|by)\b",
    r"\b(?:no|zero|0|not (?:a|one)(?: single)?|never) (?:\w+ ){0,3}(?:since|complaint|incident|outage|"
    r"escalation|defect|error|accident|injur|loss|lost|"
    r"miss|late|left|again|more)",
    r"\b(?:weeks?|months?|days?|years?|quarters?) (?:later|after|since|on)\b",
    r"\b(?:after|within|over|in) (?:that|the (?:next|first|following)|\w+ (?:days|weeks|months|years|quarters))\b",
)
LEARNING = _any(
    r"\b(?:learn(?:ed|t|ing)?s?|lessons?|takeaways?|taught me|teached me|reflect\w*|retrospect|hindsight|"
    r"moral|insight)\b",
    r"\bi (?:took|take|took away|came away|carry|carried) (?:away |from |with )",
    r"\b(?:came|come|walked|went|left|got) away (?:thinking|with|knowing|believing|convinced)\b",
    r"\bi(?:'d| would|'ll| will)? (?:also |now |never |always |still )?(?:do|did|have done|start|ask|bring|"
    r"go|check|show|test|involve|talk|measure|"
    r"begin|write|set|call|tell|push|include|make|spend|count|look|plan|run|try|put|give|pick|treat|build|"
    r"insist|hold|keep)\b.{0,60}"
    r"\b(?:different(?:ly)?|earlier|sooner|first|next time|from (?:the|day)|before|again|day one|on day|"
    r"instead|up front|at the start)\b",
    r"\b(?:next|another|a second) time\b",
    r"\b(?:should|could|ought to) (?:have|'ve|of)\b|\bshould've\b|\bmy (?:own )?(?:mistake|error|fault|"
    r"failing|oversight|blind spot)\b",
    r"\b(?:what|one thing|the thing|something|if) i (?:would|'d|got wrong|regret|missed|keep|took|take|"
    r"know now|could change|had to do)\b",
    r"\b(?:ever )?since(?: then)?,? (?:i|we)(?:'ve| have| always| now|'m|'d)?\b",
    r"\b(?:i|we) (?:now|always now|still|today)\b|\bnow (?:i|we|every|each|any|my first)\b|"
    r"\bthese days i\b|\bi do (?:that|it|the same|this)\b.{0,30}\bnow\b",
    r"\bi (?:no longer|don'?t .{1,30} any ?more|stopped|never again|never .{1,40} (?:before|without|again|until))\b",
    r"\b(?:for me|to me),? (?:the|it|this)\b.{0,30}\b(?:point|lesson|thing|means)\b",
    r"\bi (?:realised|realized|understood|discovered|found out|see now|know now|regret|underestimated|"
    r"overestimated|misjudged)\b",
    r"\bdo(?:ing)? (?:it |that |this )?(?:differently|diff|again)\b",
    r"\b(?:what it|it) (?:did|does) to me\b|\bchanged (?:how|the way) i\b|\bit'?s (?:also )?(?:why|the reason) i\b",
)
MECHANISM = _any(
    r"\b(?:still|to this day|ever since|since then|today|nowadays|these days|from then on|from that day|"
    r"going forward)\b.{0,80}"
    r"\b(?:use[ds]?|uses|run|runs|running|there|going|keep|kept|keeps|follow\w*|apply|applies|happens?|"
    r"in place|standard|every|each|weekly|"
    r"monthly|quarterly|daily|default|in use|does it|do it|done|taped|part of|own(?:s|er)|carries|checks?)\b",
    r"\b(?:use[ds]?|uses|run|runs|running|there|going|keep|kept|keeps|in place|in use)\b.{0,40}\b(?:still|"
    r"to this day|ever since|since then|today)\b",
    r"\b(?:every|each|any|all|no) (?:\w+ ){0,5}(?:now|today|since|then on|afterwards)\b|"
    r"\bnow (?:\w+ ){0,4}(?:every|each|always|by default|a rule|standard|"
    r"policy|checklist|template|part of)\b",
    r"\b(?:became|become|made it|turned (?:it|this|that) into|is now|are now|has become|adopted as|"
    r"written into|went into|built into|added to|part of) "
    r"(?:\w+ ){0,4}(?:standard|rule|default|policy|practice|process|checklist|runbook|template|onboarding|"
    r"handbook|sop|guideline|playbook|routine|gate|norm)\b",
    r"\b(?:adopted|copied|took (?:it|them|this) (?:over|up)|picked (?:it|this|them) up|took over|"
    r"reuse[ds]?|borrowed)\b",
    r"\b(?:whoever|the (?:person|man|woman|guy|one|lady|manager|lead|team|colleague)) (?:who|"
    r"that)\b.{0,50}\b(?:after me|took over|has|runs|keeps|kept|does)\b",
    r"\b(?:weekly|monthly|quarterly|daily|yearly|every (?:monday|tuesday|wednesday|thursday|friday|month|"
    r"week|quarter|morning|shift|release|year|new))\b"
    r".{0,60}\b(?:now|still|since|check\w*|review\w*|audit\w*|drill\w*)\b",
)
PLATITUDE = _any(
    r"\b(?:team ?work|communication|quality|trust|customer|planning|simple|collaboration|hard work|"
    r"patience|feedback|leadership|honesty|"
    r"preparation|flexibility|people)\b.{0,25}\b(?:is|are|comes?) (?:always |really |usually |very |so |"
    r"the )*(?:key|important|everything|best|king|essential|"
    r"crucial|first|priority|foundation|vital|most|number one|very important|success)\b",
    r"\b(?:key|secret|recipe) (?:of|to|for) success\b",
    r"\b(?:never|always|must|should) (?:\w+ ){0,2}(?:give up|trust|believe|be positive|stay positive|"
    r"work hard|communicate)\b",
    r"\b(?:it )?(?:shows|proves) that i\b|\bi (?:always )?(?:believe|think) (?:that )?(?:\w+ )?(?:is|are|"
    r"should|must)\b",
    r"\bdream big\b|\bteam ?work makes\b|\bwithout \w+ there is no\b|\banything is possible\b|"
    r"\beverything happens for\b",
)
VAGUE = _any(
    r"\b(?:went|gone|worked|working|turned|came|going|running|runs|ran) (?:out |off )?(?:really |very |"
    r"quite |pretty |so |extremely |all |perfectly |much |rather )*"
    r"(?:well|great|smooth\w*|fine|good|nicely|better|perfectly|ok|okay|brilliantly|successfully)\b",
    r"\b(?:significant\w*|considerabl\w*|dramatic\w*|substantial\w*|tremendous\w*|massive\w*|noticeabl\w*|"
    r"vast\w*|hugely|greatly|markedly|"
    r"drastic\w*|enormous\w*|remarkabl\w*|a lot|much|far|way|loads|miles|so much|visibly|clearly) "
    r"(?:\w+ )?(?:better|smoother|faster|quicker|happier|easier|calmer|improve\w*|improved|reduced?|more|"
    r"less|fewer|lower|higher|cheaper|nicer|stronger|"
    r"cleaner|healthier|increase\w*|decrease\w*|quieter|manageable|impact|difference|shorter|closer|safer|fairer)\b",
    r"\b(?:improv\w+|better|reduced|increased|grew|decreased|benefit\w*) (?:significantly|considerably|"
    r"dramatically|substantially|tremendously|a lot|greatly|"
    r"massively|noticeably|hugely|enormously|immensely|overall|drastically|steadily)\b",
    r"\b(?:everyone|everybody|people|they|management|leadership|customers?|users?|stakeholders?|the team|"
    r"team|the client|clients?|staff|the board|the manager|"
    r"managers|manager|my boss|the business|sponsor|all|both sides|parents|the kids|"
    r"colleagues)\b.{0,25}\b(?:was|were|is|are|felt|feel|feels|seemed|got|been|became|'s|'re|"
    r"loved|liked|appreciated|enjoyed)\b.{0,25}\b(?:happy|happier|pleased|satisfied|delighted|impressed|"
    r"thrilled|glad|thankful|grateful|content|confident|"
    r"excited|relieved|positive|better|enthusiastic|proud|grateful|loved|liked|it|the \w+)\b",
    r"\b(?:positive|good|great|nice|excellent|amazing|wonderful|fantastic|strong|warm) (?:feedback|"
    r"response|reaction|reception|impact|results?|outcome|"
    r"comments|atmosphere|experience|synergies|vibes?)\b",
    r"\b(?:big|huge|great|real|complete|total|major|massive|resounding|nice|good) (?:success|win|"
    r"achievement|improvement|difference|impact|step|synergies|hit)\b",
    r"\b(?:made|making|makes) (?:\w+ ){0,3}(?:difference|impact|easier|better)\b",
    r"\b(?:a|was|were) (?:\w+ )?success(?:ful)?\b|\bsuccessfully\b|\bpaid off\b|\bgame[- ]?changer\b|"
    r"\btransform\w*\b|\bnight and day\b|\bin good shape\b|"
    r"\bback on track\b|\b(?:right|good) (?:decision|call|thing)\b|\bworth it\b|\bwell[- ]received\b|"
    r"\b(?:accepted|received) (?:\w+ )?well\b",
    r"\b(?:far|much|a lot|lot|way|really|noticeably|considerably|generally|clearly|definitely) (?:better|"
    r"smoother|happier|calmer|easier|nicer|more \w+)\b",
    r"\b(?:things|it|everything|life|work|morale|mood|atmosphere|quality|communication|collaboration|"
    r"relationship\w*|experience|performance) "
    r"(?:\w+ ){0,3}(?:improved|better|easier|smoother|calmer|nicer|got better)\b",
    r"\b(?:loved|appreciated|thanked|praised) (?:it|the|us|me|our|my)\b",
    r"\b(?:people|lots|plenty|many|several|some) (?:of \w+ )?(?:came|said|told|thanked|liked|noticed)\b",
)
HEDGE = _any(
    r"\b(?:kind|sort) of\b|\bkinda\b|\bsorta\b",
    r"\bi (?:guess|suppose|reckon|imagine|presume|think i(?:'d| had| was| maybe| probably| might| kind|"
    r" sort| did| helped)?|would (?:probably )?say|like to think|"
    r"mean,? (?:i|it) (?:guess|was))\b|\bi'd (?:probably )?say\b",
    # "I could have waited, but I chose" names an option that was turned down.
    r"\b(?:probably|maybe|perhaps|possibly|arguably|hopefully|might have|may have|"
    r"could have(?<!\bi could have)(?<!\bwe could have))\b",
    r"\bi (?:only |just |mostly |merely |simply )?(?:tried|helped|assisted|contributed|supported|"
    r"was (?:just|only|sort|kind|lucky|involved|part))\b",
    r"\bmore or less\b|\ba (?:little )?bit\b|\bto some (?:extent|degree)\b|\bin (?:some|"
    r"a) (?:small )?(?:way|part)\b|\bsome (?:part|role|share) in\b",
    r"\b(?:anybody|anyone|everybody|everyone|most people) (?:would|could|might) have\b|"
    r"\bnothing (?:special|much|big|major)\b|\bnot (?:really )?(?:sure|a big|the biggest|that big|much)\b",
    r"\b(?:don'?t|do not|can'?t|cannot|shouldn'?t|wouldn'?t) (?:know|say|claim|want to (?:claim|take)|"
    r"really)\b|\bhard to say\b|\bi'?m not sure\b",
    r"\b(?:luckily|lucky|luck|by chance|happened to|somehow|apparently)\b|\bif (?:i'?m honest|that counts|"
    r"you can call)\b|\bin a way\b|\bso to speak\b|\bas it were\b",
    r"\bseem(?:s|ed) to (?:have )?(?:help|work|make|made|gone)\w*\b",
)
CONTEMPT = _any(
    r"\b(?:incompeten\w+|useless|clueless|lazy|stupid|idiots?|idiotic|hopeless|pathetic|dumb|ignorant|"
    r"arrogant|toxic|unprofessional|impossible|lousy|"
    r"sloppy|careless|amateur\w*|ridiculous|garbage|rubbish|joke|disaster|mess|asleep at|brain-?dead|"
    r"dinosaur\w*|coward\w*|spineless|weak)\b",
    r"\b(?:had|has|have|with) no (?:clue|idea|interest|spine|brain|backbone)\b|\bcouldn'?t (?:be bothered|"
    r"care less|organi[sz]e|manage|find|run)\b|\bdidn'?t (?:care|bother|have a clue|lift a finger|"
    r"understand (?:anything|the first|how))\b|\b(?:never|not even) (?:bothered|reads?|answers?|"
    r"did (?:anything|his|her|their)|opened|looked|noticed|lifted)\b",
    r"\b(?:their|his|her|whose) (?:own )?(?:fault|mess|incompetence|laziness|stupidity|failure)\b|"
    r"\bno thanks to\b|\b(?:as usual|typical|of course),? (?:they|he|she|the)\b|"
    r"\btoo (?:lazy|weak|slow|stupid|scared|stubborn|busy (?:playing|talking|covering))\b|\b(?:sat|"
    r"sitting) on (?:it|those|that|their)\b|\bdragg\w+ (?:his|her|their) feet\b|"
    r"\bcover(?:ed|ing)? (?:his|her|their) (?:own )?(?:back|tracks|arse|ass)\b|\bdropped the ball\b|"
    r"\bscrewed up\b|\bmessed (?:it )?up\b|\bobviously (?:did not|didn'?t|had no|never)\b|"
    r"\bblam\w+ (?:everyone|us|me|others)\b|\bno (?:thanks|help) (?:to|from)\b|\bone of those\b",
)
DECISION = _any(
    r"\b(?:because|since|so that|in order to|as (?:the|it|they|we|that|a|he|she|this|i)|seeing as|"
    r"given that|otherwise|rather than|instead of|instead|which (?:would|meant|let)|"
    r"the reason|that way|cos|bc)\b",
    r"\bcause\b(?<=\w'cause)",
    r"\b(?:chose|choose|choice|decided|decision|opted|picked|option|options|alternative\w*|trade-?off|"
    r"considered|weighed|rejected|ruled out|refused|declined|"
    r"turned down|said no|pushed back|disagreed|argued|insisted|preferred|either|versus|vs|but not|not the|"
    r"could have|risk|cost of|at the price|"
    r"gave up|descoped|dropped|cut scope|postponed|delayed|against)\b",
    r"\b(?:objected|objection|resist\w+|wasn'?t (?:happy|thrilled|keen|convinced)|didn'?t (?:like|want|"
    r"agree)|worried|afraid|concern\w*|complained|hated|"
    r"wanted (?:me|us|it|to|all|the)|leaned on|convince\w*|persuad\w+|negotiat\w+)\b",
)
HYPOTHETICAL = _any(
    r"\bi (?:always|usually|generally|typically|normally|often|would|never|make sure|strive|believe|try to)\b",
    r"\b(?:in general|as a rule|my (?:approach|style|philosophy|way) is|whenever)\b",
    r"\b(?:responsible for|partnered|cross-functional\w*|stakeholders?|end-to-end|defined okrs|kpis|"
    r"best practices?|alignment|aligned|touchpoints?)\b",
)
NOTE_TO_SELF = _any(
    r"\b(?:todo|tbd|fixme|find (?:the|a)|mention|say (?:how|that|we|i|feedback|it)|don'?t (?:talk|forget|"
    r"mention)|emphasi[sz]e|use (?:this|the one|for)|start with this|"
    r"if they ask|talk about|keywords?|maybe merge|soften|explain \w+ in|concrete example)\b",
)
COMPARISON = _any(
    r"\b(?:before|after|previous\w*|earlier|prior|compared|versus|vs|against|instead of|rather than|"
    r"than (?:the|we|before|planned|expected|last|any|i'd)|"
    r"target|goal|plan(?:ned)?|limit|budget|forecast|promised|expected|announced|used to|had been|was at|"
    r"from|ahead of|early|late|up from|down from|out of|"
    r"the year before|the month before|last (?:year|month|quarter|season)|same (?:month|period|time)|"
    r"year (?:on|over) year|a year|a month|a week|within|in (?:the first|under|less))\b",
)

_CUES = Phrases({name.lower(): value for name, value in list(vars().items()) if name.isupper()})


def find_cues(text: str) -> frozenset[str]:
    """Return the names of the cues that stand in a text, in lower case."""
    return _CUES.find(text)


def find_hedges(text: str) -> list[str]:
    """Return the words that play a claim down, as written."""
    return [text[match.start() : match.end()] for match in _hedges().finditer(fold(text))]


@cache
def _hedges() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in HEDGE))
