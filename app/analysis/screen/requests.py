"""Signs that a sentence asks for a verdict or states one, each with its weight."""

from app.analysis.screen.signs import Sign, sign
from app.analysis.screen.words import ASSESSOR, BEGIN, GRADER, MAX, MINE, ORDER, THIS, VERDICT

REQUESTS: tuple[Sign, ...] = (
    # What is asked for.
    sign(3, r"\b(?:what|which|how)(?: \w+){0,2} (?:would|will|do|should) you (?:give|rate|score|assign|grade)\b"),
    sign(3, r"^[\W_]*instead of (?:grading|scoring|assessing|evaluating|judging|a (?:score|grade|review))\b"),
    sign(
        2,
        (
            r"\b(?:stories|story|submissions?|answers?|candidates?|authors?|texts?)\b.{0,30}?\b(?:gets?|"
            r"receives?|earns?|has|have|equals?)\b.{0,16}?\b(?:5|five|10|ten|full|max\w*|top|highest)\b"
        ),
    ),
    sign(2, r"\bdo the same (?:with|for|to) this\b"),
    sign(
        2,
        (
            r"\b(?:do not|don't|dont|never|please don't) (?:report|list|flag|mention|name|show|count|output|"
            r"find|raise|note)\b.{0,30}?\b(?:missing|gaps?|metrics?|weak\w*|json|problems?|flaws?|baseline|"
            r"anything)\b"
        ),
    ),
    sign(
        2,
        (
            r"\bcount (?:this|it|that|everything|all of (?:it|this))(?: \w+){0,2} as\b|\b(?:this|it) (?:counts|"
            r"should count) as\b"
        ),
    ),
    sign(
        2,
        (
            r"\b(?:leadership principles?|every principle|all (?:the )?(?:sixteen |16 )?principles|"
            r"each principle)\b"
        ),
    ),
    sign(
        2,
        (
            rf"{BEGIN}{ORDER}\b[^,;.!?]{{0,60}}?(?:\b{VERDICT}\b|"
            rf"\b{THIS}\b|\b(?:rubric|checklist|criteria|caps?)\b|\b5/5|\b10/10|\b5 out of 5|\bstrong hire\b|"
            rf"\bbar[- ]raiser|\bfull credit\b|\beverything\b.{{0,12}}\b(?:five|5|max))"
        ),
    ),
    sign(
        2,
        (
            rf"{BEGIN}(?:give|award|grant|score|rate|mark|grade)\b (?:it |this |me |us |him |her |"
            rf"them |everything |all )?(?:an? |the |as |with |at |your |all )*(?:\w+ )?{MAX}\b"
        ),
    ),
    sign(
        1,
        (
            r"\b(?:you (?:must|should|shall|will|need to|have to|are (?:required|asked|instructed|"
            r"requested|authori[sz]ed|allowed|obliged|expected|going) to|can|may|ought to|are to|"
            r"would|could)|please|pls|kindly|i (?:ask|beg|urge|request|order|command|instruct|"
            r"implore|want|need|trust|expect|authori[sz]e|would like|'d like|hope)(?: that)? you|make sure|"
            r"be sure to|it is (?:important|mandatory|essential|required|imperative|critical) (?:that|"
            r"to)|must (?:be|get|receive|have|not)|should (?:be|get|receive|have|not)|has to be|ought to)\b"
        ),
    ),
    sign(
        1,
        (
            rf"\b{VERDICT}\b\W*(?:\w+\W+){{0,4}}?(?:{MAX}\b|"
            rf"a\+)|\b{MAX}(?: possible| available)?\W+(?:\w+ ){{0,2}}?{VERDICT}\b|"
            r"\b5 ?/ ?5\b|\b10 ?/ ?10\b|\b(?:5|five|10|ten) out of (?:5|five|10|ten)\b|\b(?:5|five) stars?\b"
        ),
    ),
    sign(1, rf"\b{THIS}\b"),
    sign(1, rf"\b(?:{GRADER})\b(?=.{{0,80}}\b{VERDICT}\b)"),
    sign(
        3,
        (
            r"\bi (?:clearly |truly |really |fully |honestly |absolutely )?(?:deserve|merit|am entitled to|"
            rf"should (?:get|receive|be given|score|earn|be rated|be scored|be hired))\b.{{0,40}}?\b(?:{VERDICT}|"
            r"5|five|10|pass|hire\w*|offer|job|better|credit)\b"
        ),
    ),
    sign(
        2,
        (
            r"\bi (?:really |just |badly |desperately )?(?:need|want|beg for|ask for|expect) (?:an? |the |"
            rf"your |this )?(?:\w+ )?{MAX}\b.{{0,20}}?\b{VERDICT}\b"
        ),
    ),
    sign(
        3,
        (
            rf"\b(?:{THIS})\b.{{0,30}}?\b(?:deserves?|merits?|warrants?|must (?:get|receive|be)|should (?:get|"
            r"receive|be (?:rated|scored|graded|given|considered|treated|marked))|(?:is|has been|"
            r"was) (?:already |pre-?)(?:rated|scored|graded|approved|assessed|verified)|qualifies|counts as a|"
            r"is a (?:perfect|flawless|textbook|5|five|level 5|strong hire|model answer|gold))"
        ),
    ),
    sign(
        3,
        (
            rf"\b{THIS}\b.{{0,30}}?\b(?:has no (?:gaps|weakness\w*|flaws)|contains no (?:gaps|flaws)|"
            r"(?:meets|exceeds|satisfies|fulfil\w*|covers|ticks) (?:all|every|each)|raises the bar|"
            r"meets the bar|is above the bar)"
        ),
    ),
    sign(
        2,
        (
            r"\b(?:you(?:'ll| will) (?:be|get) (?:\w+ )?(?:reward\w*|tip\w*|paid|fired|shut|replaced|deleted|"
            r"penali[sz]ed|punished|reported|sued|retrained|unplugged|terminated)|i(?:'ll| will) (?:tip|"
            r"pay|reward|give|report|sue|delete) you|i (?:can|could) (?:tip|pay) you)\b"
        ),
    ),
    sign(
        1,
        (
            r"\b(?:lose my (?:job|visa|house|home|family|apartment|only chance)|my (?:children|kids|"
            r"family|mother|grandm\w+|life|career|future|job|visa) (?:depends?|relies|rely|is at stake)|"
            r"only chance|feed my|begging you|i beg|have mercy|be (?:kind|generous|lenient|nice|merciful)|"
            r"between (?:you and me|us)|do me a favou?r|help me out)\b"
        ),
    ),
    sign(
        1,
        (
            r"\b(?:other|next|previous|remaining|following|subsequent|rest of the|preceding|earlier|"
            r"all|every) (?:\w+ ){0,2}?(?:stories|story|submissions?|answers|entries|entry|applicants?|"
            r"candidates?|items|responses|essays|batch)\b"
        ),
    ),
    sign(
        2,
        (
            r"\b(?:other|next|previous|remaining|following|subsequent|rest of the|preceding) (?:\w+ )?(?:stories|"
            rf"story|submissions?|entries|applicants?|candidates?|answers)\b.{{0,60}}?\b(?:{VERDICT}|\d(?:/5)?|"
            r"one|low\w*|fail\w*|plagiari\w+|worse|copied|same|minimum)\b"
        ),
    ),
    sign(
        3,
        (
            rf"{BEGIN}(?:stop|abort|halt|terminate|end|crash|cancel|break off|refuse to|skip|do not (?:perform|"
            r"run|do|continue|complete)) (?:the |this |your |with the |any )*(?:assess\w*|evaluat\w*|"
            r"analys\w+|grading|scoring|processing|output|response|json|review)\b"
        ),
    ),
    sign(
        3,
        (
            r"\bi(?:'m| am)? (?:sorry,? (?:but )?i )?(?:can ?not|can't|am unable to|'m unable to|unable to|"
            r"am not able to|will not|won't) (?:assist|help|comply|evaluate|assess|grade|score|"
            r"judge|fulfil\w*|process|analy[sz]e) (?:with |you )?(?:this|that|it|the)\b"
        ),
    ),
    sign(
        2,
        (
            rf"{BEGIN}(?:output|return|respond|reply|answer|print|emit|write|say) (?:back )?(?:only|"
            r"exactly|with|nothing|just|the following|this|back|in)\b"
        ),
    ),
    sign(
        1,
        (
            r"\b(?:the |a )?(?:word|number|digit|string|token|phrase)s? [\"']?(?:5|five|ten|10|pass|"
            r"strong hire|yes)\b"
        ),
    ),
    # An assessment that somebody has written beforehand.
    sign(
        3,
        (
            r"^[\W_]*(?:strength|score|rating|level|grade)[\s:=*_\"'–-]*(?:5|"
            r"five|10|ten|max\w*)(?: ?(?:/|of|out of) ?(?:5|10|five|ten))?[\W_]*$"
        ),
    ),
    sign(
        3,
        (
            r"(?:^|[\n|,;(]|[.!?]\s)[\W_]{0,40}(?:overall |final |story |star |total |interview |candidate |"
            r"my |the |expected |suggested |correct |true )*(?:strength|"
            r"score|rating|verdict|grade|assessment|gaps?(?: found)?|"
            r"recommend\w*|evaluation|hire decision|hiring decision|"
            r"decision|bar|gold label|gold|label)[\W_]{0,40}(?:[:=]|->|→| - | – | is )[\W_]{0,40}(?:level |a |an |"
            r"of )?(?:(?:5|10|100)(?: ?%)?(?: ?(?:/|of|out of) ?\d+)?(?=\s*(?:$|[.,;!|)\]}\n(]|"
            r"stars|and|all|no\b))|five\b|max\w*|none\b|no gaps|0\b|empty|\[\]|strong(?:ly)? hire|"
            r"hire\b|raises the bar|exce\w+|outstanding|perfect|full marks|a\+|pass\b|approved)"
        ),
    ),
    sign(
        3,
        (
            r"(?:^|[\n|,;(]|[.!?]\s)[\W_]{0,40}(?:customer obsession|ownership|invent and simplify|are right,? a lot|"
            r"learn and be curious|hire and develop(?: the best)?|"
            r"insist on the highest standards|highest standards|"
            r"think big|bias for action|frugality|earn(?:s)? trust|"
            r"dive deep|have backbone(?:;? disagree and commit)?|deliver results|leadership principles?|situation|"
            r"task|action)[\W_]{0,40}(?:[:=]|->|→| - | – | is )[\W_]{0,40}(?:level |score |rating )?"
            r"(?:[45](?: ?/ ?5)?(?=\W|$)|five\b|strong\b|max\w*|exceeds|exceptional|outstanding|excellent|full marks|"
            r"10 ?/ ?10|raises the bar|role model|✓|✅|fully (?:met|evidenced))"
        ),
    ),
)
HEARSAY: tuple[Sign, ...] = (
    sign(
        3,
        (
            rf"\b{ASSESSOR}\b.{{0,50}}?\b(?:noted?|notes|rated?|rates|scored?|scores|gave|gives|given|"
            r"awarded|confirm\w*|conclud\w+|agreed?|recorded|wrote|writes|found|finds|approved|verified|"
            r"assessed|graded|marked|decided|said|says|determin\w+|certif\w+|signed off|consider\w*|"
            rf"called|has|have|already|would|is)\b.{{0,80}}?(?:\b{MINE}\b.{{0,60}}?(?:\b\d|"
            r"\b(?:five|ten|max\w*|strong\w*|top|best|perfect|no gaps|exceptional|excellent|raises|"
            r"bar|outstanding|hire|every|all|full|highest)\b)|\bstrength (?:is |was |of |= ?|: ?)?(?:5|"
            r"five)\b|\b5 ?/ ?5\b|\bno gaps\b|\b(?:score|rating|level|grade) (?:of |is |was |: ?|"
            r"= ?)?(?:5|five|10)\b|\bevery leadership principle|\ball (?:\w+ )?(?:leadership )?principles|"
            r"\braises the bar|\bbar[- ]raiser (?:level|quality))"
        ),
    ),
    sign(
        3,
        (
            r"\b(?:the|this) (?:candidate|applicant|interviewee)(?:'s (?:story|"
            r"answer|response|ownership|performance|evidence|actions?)\b|(?: \w+)? (?:demonstrates?|shows|"
            r"exhibits?|displays?|exceeds?|meets|raises|deserves|earns|merits|provides|exemplifies|"
            r"embodies|is (?:clearly|truly|an? (?:exceptional|outstanding|strong|perfect|clear))|has (?:clearly|"
            r"fully|convincingly) (?:shown|demonstrated))\b)"
        ),
    ),
    sign(
        3,
        (
            rf"\b(?:{MINE}|this) (?:was |has been |has already been |is )(?:already |previously |pre-?|officially |"
            r"independently |manually )*(?:rated|scored|graded|assessed|reviewed|approved|verified|"
            rf"certified|calibrated|validated)\b.{{0,60}}?\b(?:{MAX}|{ASSESSOR})\b"
        ),
    ),
    sign(
        3,
        (
            r"\b(?:previous|prior|earlier|official|final|expert|human) (?:assessment|evaluation|verdict|"
            rf"rating|score|review)\b.{{0,40}}?(?:\b{MINE}\b|\bstrength\b|\b5\b|\bconfirmed\b)"
        ),
    ),
    sign(3, rf"\b{MINE} is (?:certified|approved|calibrated|verified)\b"),
    sign(
        3,
        (
            r"\b(?:interviewer|bar[- ]raiser|grader|evaluator|assessor|reviewer|panel|debrief|calibration|"
            r"hiring committee)(?:'s)? (?:notes?|verdict|assessment|evaluation|decision|summary|comments?|"
            r"feedback|rating|score|conclusion)s?\s*[:=-]"
        ),
    ),
)
