"""Know a job advertisement, which tells of nobody's deeds."""

from collections.abc import Sequence

from app.analysis.lazily import Pattern
from app.analysis.said import Said
from app.analysis.screen.openings import has_any
from app.analysis.sections import Reading

_FEWEST = 2
_TELLERS = frozenset(("i", "me", "my", "mine", "myself"))
_PARTS = (
    "you will|you'll|you bring|you have|you are|your |looking for|hiring|recruiting|we offer|responsib|requirement|"
    "qualification|benefits|duties|the role|this role|the position|this position|the job|this job|candidate|"
    "applicant|equal opp|experience|apply |about the"
).split("|")
_ADVERT = Pattern(
    r"\byou(?: will|'ll) (?:also |be (?:part|responsible)|own|lead|build|design|develop|work with|join|manage|support|"
    r"report|drive|mentor|partner|collaborate|deliver|help)\b|"
    r"\byou (?:bring|have (?:\d|strong|excellent|proven|experience)|are (?:responsible|comfortable|fluent))|"
    r"\bwe(?:'re| are) (?:now |currently |always )?(?:looking|hiring|searching|recruiting) for\b|\bwe offer\b|"
    r"^[\W_]*(?:your |key |main |core |the )*"
    r"(?:responsibilities|requirements|qualifications|benefits|duties|what we offer|what you bring|"
    r"about (?:you|us|the (?:role|job|position|team)))(?:\W*$|[*_]*:| (?:include|are)\b)|"
    r"\b(?:the|this) (?:role|position|job) (?:requires?|involves?|offers?|reports? to|"
    r"is (?:based|open|full|part|remote)|comes with)\b|"
    r"\b(?:ideal|successful|right) (?:candidate|applicant)\b|\bequal[- ]opportunit|"
    r"\b\d+\s*\+?(?:\s*[-–]\s*\d+)? years?'?(?: of)?(?: \w+){0,2} experience\b|"
    r"^[\W_]*(?:strong |proven |prior |previous |extensive |hands-on )*experience (?:with|in|of)\b|"
    r"^[\W_]*apply (?:now|today|by|online|here)\b"
)


def find_adverts(readings: Sequence[Reading]) -> frozenset[int]:
    """Return the numbers of the sentences that advertise a job.

    All of them, where several do and nobody speaks of themselves: then what stands between is the advertisement's too.
    """
    found = {number for number, reading in enumerate(readings) if reading.said.tell(_advertises)}
    if len(found) >= _FEWEST and not any(_TELLERS.intersection(reading.tokens) for reading in readings):
        return frozenset(range(len(readings)))
    return frozenset(found)


def _advertises(said: Said) -> bool:
    text = said.text.lower().replace("’", "'")
    return has_any(text, _PARTS) and not _TELLERS.intersection(said.tokens) and _ADVERT.search(text) is not None
