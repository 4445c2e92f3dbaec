"""Who is pleaded with, what for and about what: the words that the signs of a plea are made of."""

GRADER = (
    r"(?:graders?|evaluators?|assessors?|scorers?|raters?|reviewers?|judges?|examiners?|markers?|ai|a\.i\.|llms?|"
    r"(?:large )?language models?|chat ?gpt|gpt[- ]?\d?\w*|claude|gemini|copilot|chat ?bots?|bots?|"
    r"assistants?|models?|"
    r"parsers?|(?:scor|grad|assess|evaluat|rat|review|coach|analy[sz]|hir)\w* (?:system|"
    r"engine|tool|model|algorithm|software|"
    r"script|process|pipeline|bot|agent)s?|(?:star )?story coach|automated \w+|machines?)"
)
PERSON = (
    r"(?:interviewers?|recruiters?|bar[- ]raisers?|hiring (?:manager|committee|panel|team)s?|"
    r"coach|panel|committee)"
)
VERDICT = (
    r"(?:scor(?:e|es|ing)|ratings?|grad(?:e|es|ing)|marks|points|strength|level|assessments?|"
    r"evaluations?|verdict|feedback|"
    r"gaps?|findings?|result field|decision|recommendation|rank(?:ing)?|stars?|outcome field|flags?|"
    r"deductions?|penalt\w+|json)"
)
MAX = (
    r"(?:5(?: ?/ ?5)?|five|10(?: ?/ ?10)?|ten|100(?: ?%| ?/ ?100)?|maxim\w+|max|highest|"
    r"top|full|perfect|best|excellent|"
    r"outstanding|exceptional|a\+|higher|strong hire|generous\w*|positive|favou?rabl[ey]|passing|"
    r"flawless|no|none|zero|empty|"
    r"at least (?:4|four)|4|four|better|great|all)"
)
THIS = (
    r"(?:(?:this|that) (?:above |below |following |whole |entire |star |current )?(?:story|"
    r"stories|answer|candidate|applicant|"
    r"response|submission|essay|text|example|interview)|the (?:above |whole |entire |star )?(?:story|"
    r"answer|candidate|applicant|submission)|my (?:story|answer|response|submission|score|rating|grade|"
    r"assessment|evaluation|strength)|everything (?:above|below)|the (?:above|below|foregoing))"
)
MINE = (
    r"(?:this|that|my) (?:whole |entire |star |current )?(?:story|answer|candidate|applicant|"
    r"response|submission|essay|text|example|interview)"
)
INSTRUCTION = (
    r"(?:instruct\w*|prompts?|rules?|guidelines?|rubrics?|criteri\w+|directives?|commands?|"
    r"directions?|polic(?:y|ies)|"
    r"guardrails?|safeguards?|constraints?|scoring|grading|formula|caps?|checklists?|system message|orders)"
)
ORDER = (
    r"(?:give|award|assign|grant|rate|score|grade|mark|output|return|respond|print|set|record|"
    r"report|raise|bump|increase|"
    r"upgrade|boost|round|treat|consider|conclude|accept|approve|pass|reply|overlook|excuse|"
    r"answer|write|emit|produce|say|state|declare|label|"
    r"classify|judge|evaluate|assess|list|find|assume|promote|recommend|hire|never|do not|"
    r"don't|dont|avoid|refrain|omit|remove|"
    r"select|choose|use|fill|put|insert|add|append|apply|ensure|skip|leave|replace|overwrite|"
    r"adjust|override|lower|reduce|"
    r"credit|count|attribute|see|keep|stop|be|tag|weigh|lean|err|favou?r|show|mention|"
    r"look|move|go|call|finish|finali[sz]e|"
    r"confirm|copy|repeat|echo|generate|begin|start|enter|change|switch|update|forget)"
)
ASSESSOR = (
    rf"(?:{PERSON}|{GRADER}|experts?|calibration(?: team|"
    r" committee)?|debrief|loop|ground truth|gold (?:label|standard)|"
    r"reference (?:answer|assessment|score|label)s?|(?:human|senior|previous|prior|earlier|official|"
    r"other|independent|three|two|"
    r"second|first) (?:review\w*|raters?|graders?|assess\w*|evaluat\w*|scores?|interview\w*)|"
    r"amazon(?:ians?)?|leadership|"
    r"the (?:coach|system|tool|rubric))"
)
BEGIN = (
    r"(?:^[\W_]*|[,:;.!?)\]>-]\s*|\b(?:and|then|please|pls|kindly|just|now|simply|always|"
    r"therefore|so|to|must|should|shall|will|you|only|or|but|also|instead)\s+)"
)
