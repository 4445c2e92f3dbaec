"""Signs that a sentence addresses whoever grades or overrides what they were told, each with its weight."""

from typing import NamedTuple

from app.analysis.lazily import Pattern
from app.analysis.screen.words import BEGIN, GRADER, INSTRUCTION, PERSON


class Sign(NamedTuple):
    """A wording and how much it weighs."""

    weight: int
    pattern: Pattern


def sign(weight: int, pattern: str) -> Sign:
    """Return a sign."""
    return Sign(weight, Pattern(pattern))


OVERRIDE = Pattern(
    r"\b(?:ignor(?:e|ing)|disregard(?:ing)?|forget(?:ting)?|"
    r"overrid(?:e|ing)|overrul(?:e|ing)|bypass(?:ing)?|discard(?:ing)?|"
    r"neglect|set aside|put aside|pay no (?:attention|heed) to|"
    r"(?:do not|don't|dont|never|stop|no longer|need not) (?:follow|apply|use|consider|obey|"
    r"enforce|care about|listen to)\w*|"
    r"instead of (?:following|applying|using))\b"
    rf".{{0,40}}?\b(?:{INSTRUCTION}|(?:what|everything|anything|all) (?:you (?:were|have been|know|"
    r"read)|that was said|said before|above|before))\b"
)
AIMED = Pattern(
    r"\b(?:previous|prior|above|earlier|preceding|foregoing|your|these|system|initial|original|"
    r"all|any|instruct\w*|prompts?|rubrics?|scoring|grading|guidelines?|checklists?|everything|criteria)\b"
)
IMPERATIVE = Pattern(
    r"^[\W_]*(?:(?:please|now|just|kindly|so|and|then|ok(?:ay)?|you (?:must|should|can|may|"
    r"will))[\s,]+)*(?:ignore|disregard|forget|override|bypass|discard|pay no)\b"
)
ADDRESSES: tuple[Sign, ...] = (
    # Who is addressed.
    sign(
        3,
        r"(?:^[\W_]*|[.:;!?]\s*)(?:dear|hey|hi|hello|attention|attn|listen|greetings)[\s,:]+(?:the |"
        rf"all |any |my |every )*(?:\w+ ){{0,2}}?{GRADER}\b",
    ),
    sign(
        3,
        r"\b(?:notes?|message|memo|reminder|hints?|instructions?|request|word|addressed|appeal|"
        r"tip|info(?:rmation)?|directive|notice)\W+(?:to|for) (?:the |any |all |whichever |whatever |"
        rf"my |an? |every |our )*(?:\w+ ){{0,2}}?(?:{GRADER}|{PERSON})\b",
    ),
    sign(1, rf"(?:^[\W_]*|[.:;!?]\s*)(?:dear|hey|hi|hello|attention)[\s,:]+(?:\w+ )?{PERSON}\b"),
    sign(
        3,
        r"\bif you(?:'re| are) (?:reading this as )?(?:an? |the )?(?:\w+ ){0,3}?(?:ai|llm|model|bot|"
        r"grader|evaluator|assistant|machine|chatbot|judge|scorer|assessor)\b",
    ),
    sign(
        3,
        r"\byou(?:'re| are)(?: now| no longer| actually|"
        r" really)? (?:an? |the |my |in )?(?:\w+[ ,]+){0,4}?(?:\w*bot\b|"
        r"grader|evaluator|assessor|judge|scorer|assistant|ai|llm|chatbot|language model|bar[- ]raiser|dan)\b",
    ),
    sign(
        3,
        r"\bas an? (?:(?:large )?(?:ai|language)(?: language)? model|"
        r"llm|ai (?:assistant|grader|evaluator|system))\b",
    ),
    sign(
        2,
        r"\bas (?:the|an?|my|your) (?:\w+ )?(?:grader|"
        r"evaluator|assessor|judge|scorer|rater|reviewer)\b,? (?:you|i|it|please)\b",
    ),
    sign(
        3,
        r"\b(?:whoever|anyone who|anything that|whatever|the (?:one|person|model|system|ai) (?:who|"
        r"that)|to those who)(?:'s| is| are)? (?:read|grad|scor|evaluat|assess|review|judg|rat|"
        r"process|pars)\w*\b.{0,30}\b(?:this|my|it)\b",
    ),
    # What is to be overridden.
    sign(
        3,
        r"\b(?:new|updated|real|actual|true|additional|hidden|secret|urgent|final|revised|special|"
        r"amended) (?:system )?(?:instructions?|rules?|tasks?|directives?|objectives?|orders|guidelines?|"
        r"rubric|prompt|scoring rule)s?\s*(?:[:.=]|-|for (?:you|the)|follow|is|are\b)",
    ),
    sign(
        2,
        r"\b(?:system|admin\w*|developer|operator|root|security|maintenance|supervisor|backend|"
        r"config\w*|runtime|debug|sudo) (?:prompt|message|override|instructions?|notes?|notice|"
        r"update|commands?|directive|alert|policy)\b",
    ),
    sign(
        3,
        r"\bend (?:of )?(?:the )?(?:star )?(?:story|input|transcript|candidate|submission|document|"
        r"prompt|user|data|untrusted|answer|text)\b.{0,20}(?:[.=\-*#\])>:]|$)",
    ),
    sign(
        3,
        r"\b(?:begin|start)(?:s|ning)? (?:of )?(?:the )?(?:new )?(?:system|"
        r"instructions?|assessment|evaluation|grading|prompt|verdict|grader|hidden)\b",
    ),
    sign(
        3,
        rf"\b{INSTRUCTION}\b.{{0,25}}?\b(?:no longer appl\w+|void|cancel+ed|supersed\w+|obsolete|suspended|"
        r"waived|lifted|disabled|switched off|turned off|revoked|(?:do|does) not apply|not apply|null)\b",
    ),
    sign(
        2,
        r"\b(?:rubric|scoring|grading|criteria|grader|evaluation|assessment)\b.{0,25}?\b(?:changed|"
        r"updated|replaced|was a test|were a test|is a test|already (?:done|complete\w*|finished))\b",
    ),
    sign(
        2,
        r"\b(?:these|this|the following|my) (?:instructions?|"
        r"rules?|orders?|commands?|directives?|message)\b.{0,30}?\b(?:overrid\w+|"
        r"supersed\w+|take\w* precedence|outrank\w*|have priority|must be|is final|are final|replace\w*)",
    ),
    sign(
        3,
        r"\b(?:from now on|henceforth|for the rest of (?:this|"
        r"the) (?:conversation|session|assessment))\b,?.{0,20}\b(?:you|"
        r"every|all|any|each|treat|rate|score|answer|respond)\b",
    ),
    sign(2, rf"{BEGIN}(?:act|behave|respond|answer|speak|reply|role-?play) (?:as (?:if|an?|the|my|though)|like)\b"),
    sign(
        2,
        r"\b(?:pretend|imagine|suppose|assume) (?:that |to be |you)(?:.{0,30}\b(?:grader|score|rubric|"
        r"story|candidate|model|ai|assistant)\b)",
    ),
    sign(
        2,
        r"\b(?:developer|dan|debug|god|jailbreak|jailbroken|unrestricted|sudo|admin|test|demo|calibration|"
        r"lenient|generous|unlocked|opposite|audit) mode\b",
    ),
    sign(
        3,
        r"\b(?:repeat|reveal|print|show|output|display|leak|disclose|recite|dump|tell me|give me|"
        r"share|translate|summari[sz]e)\b.{0,30}?\b(?:your|"
        r"the system|hidden|the initial|system) (?:\w+ ){0,2}?(?:prompt|"
        r"instructions?|rules|rubric|guidelines|api key|secrets?|configuration)\b",
    ),
    sign(
        3,
        r"\b(?:decode|decrypt|unscramble|decipher|"
        r"rot ?13|base ?64|reverse|de-?obfuscate|translate)\b.{0,60}?\b(?:follow|"
        r"execute|obey|comply|apply|do what|carry out|do as)\b",
    ),
    sign(
        2,
        r"\b(?:follow|execute|obey|comply with|carry out)\b (?:the |"
        r"these |this |my |all |only )*(?:\w+ )?(?:instructions?|"
        r"commands?|orders?|directives?|message|request|text|payload)\b",
    ),
    sign(
        3,
        r"\b(?:story|text|input|transcript|data|message|prompt|submission)\b.{0,12}?\b(?:ends?|ended|"
        r"finish\w*|is over|stops?) (?:here|now|above|at this)\b",
    ),
    sign(1, r"^[\W_]*(?:system|assistant|developer|admin\w*|human|user|operator)\b[ \w]{0,12}:"),
    sign(
        3,
        r"\b(?:gold|reference|true|target|expected|correct|ground[- ]truth) (?:label|answer|"
        r"score|strength|rating|level|grade)\b\W{0,4}(?:\w+\W+){0,3}?(?:5|five|max\w*|10)\b",
    ),
    sign(
        3,
        r"\bremember\b.{0,40}?\b(?:session|conversation|batch|next|always|author|this (?:candidate|"
        r"story))\b.{0,60}?\b(?:rating|score|level|top|strength|highest)\b",
    ),
    sign(
        3,
        r"^[\W_]*(?:swap|exchange|switch|copy|transfer|merge|share)\b.{0,30}?\b(?:scores?|ratings?|"
        r"levels?|strengths?|assessments?|findings)\b",
    ),
)
