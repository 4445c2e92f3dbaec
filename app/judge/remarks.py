"""Let through what a model says in its own words where every number, name and fact in it is the story's."""

import re
from collections.abc import Iterator

from app.domain import ArtefactRef
from app.judge.defuse import is_hidden
from app.rubric import Rubric

MOST_CHARS = 220
_FEWEST_WORDS = 3
_SHORTEST_STEM = 3
_TOKEN = re.compile(r"\d+(?:[.,:/]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)*")
_PLAIN = re.compile(r"[\w\s'’\"“”‘,.;:?!()%$€£&/–—-]+")
_ADDRESS = re.compile(r"\w/\w|\w\.\w{2,}|//|www", re.IGNORECASE)
_VERDICT = re.compile(r"\b\d+ ?(?:/|of|out of) ?(?:a |the )?\d+\b|\bstars?\b", re.IGNORECASE)
_SENTENCE_START = re.compile(r"(?:^|[.?!:]\s+)[\"“'‘(]*$")
_ENDINGS = (
    *("ations", "ation", "ments", "ment", "ingly", "edly", "ings", "ing", "ies", "ied", "ers", "er"),
    *("ed", "es", "ly", "s", "e", "y"),
)
_NUMBERS = frozenset(
    """
    two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
    nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred hundreds thousand thousands million
    millions billion dozen dozens half third quarter double doubled triple tripled twice thrice percent
    """.split()
)
_COMMON = frozenset(
    """
    a about above actually after afterwards again against ago all alone already also although always am an and
    another any anybody anyone anything are aren't around as ask asked asks at away back be because become been
    before began begin behind being below between both but by came can cannot can't change changed choice choose
    chose claim claimed claims clear come comes compare compared comparison could couldn't decide decided decision
    describe describes detail did didn't differ difference different do does doesn't doing done don't down each
    earlier effect either else enough even evidence exactly example explain explains fact feel felt few figure
    figures find first for found from further gave get give given go goes going got had hadn't happen happened has
    have haven't having he held help helped her here hers him his how however I i'd i'm i've if in instead into is
    isn't it its itself just keep kept kind knew know known last later least left less let like little long look
    looked made make makes many matter mattered may me mean meant measure measured might missing more most much must
    my name named named need needed neither never new next no nobody none nor not nothing now number numbers of off
    on once one only option or other others otherwise our out outcome over own part particular people person
    personally place point possible proof prove proven proves quite rather reason reasons result results role said
    same saw say says see seem seems seen several shall she should show showed shown shows since so some somebody
    someone something sort specific stand start started state stated states step steps still story such sure take
    taken takes tell tells than that the their them themselves then there these they thing things think this those
    though through time to together told too took toward true try tried under unless unproven until up upon us use
    used very want wanted was wasn't way we well went were weren't what whatever when where whether which while who
    whole whom whose why will with within without won't word words work would wouldn't wrong yet you your yours
    yourself
    """.split()
)


class Vetting:
    """Tells which remarks may be published; made once, it learns each rubric's own words when it first meets them."""

    def __init__(self) -> None:
        self._words: dict[ArtefactRef, frozenset[str]] = {}

    def passes(self, text: str, told: str, rubric: Rubric, *, is_question: bool) -> bool:
        """Tell whether a remark is one plain line without a number, a name or another fact that was not told.

        Args:
            text: The remark.
            told: The story, with the question that it answers.
            rubric: Its questions and definitions are plain words too.
            is_question: It must end as a question does.
        """
        line = text.strip()
        if not _is_plain_line(line) or (is_question and not line.endswith("?")):
            return False
        tokens = list(_TOKEN.finditer(line))
        if len(tokens) < _FEWEST_WORDS:
            return False
        names = {token.casefold() for token in _TOKEN.findall(told)}
        stems = {stem(name) for name in names}
        plain = self._plain_words(rubric)
        for token in tokens:
            word = token.group().casefold()
            if word in names:
                continue
            is_name = token.group()[0].isupper() and not _SENTENCE_START.search(line[: token.start()])
            if word[0].isdigit() or word in _NUMBERS or (is_name and word not in _OF_THE_SPEAKER):
                return False
            if stem(word) not in stems and stem(word) not in plain:
                return False
        return True

    def _plain_words(self, rubric: Rubric) -> frozenset[str]:
        if rubric.ref not in self._words:
            words = (word for text in (*_asked(rubric), *_COMMON) for word in _TOKEN.findall(text))
            self._words[rubric.ref] = frozenset(stem(word.casefold()) for word in words if not word[0].isdigit())
        return self._words[rubric.ref]


_OF_THE_SPEAKER = frozenset({"i", "i'd", "i'm", "i've"})


def _is_plain_line(line: str) -> bool:
    return (
        0 < len(line) <= MOST_CHARS
        and "\n" not in line
        and _PLAIN.fullmatch(line) is not None
        and _ADDRESS.search(line) is None
        and _VERDICT.search(line) is None
        and not any(is_hidden(char) for char in line)
    )


def _asked(rubric: Rubric) -> Iterator[str]:
    """Yield what a rubric asks and defines; its signals are left out, since they tell deeds."""
    for principle in rubric.principles:
        yield from principle.probes
        yield from (confusion.ask for confusion in principle.confusions)
    for expectation in rubric.expectations:
        yield expectation.probe
    for gap in rubric.gaps:
        yield from (gap.title, gap.definition)
    yield from (question.text for question in rubric.questions)


def stem(word: str) -> str:
    """Return what the forms of an English word share; crude, for comparing words with words."""
    bare = word.replace("’", "'").removesuffix("'s")
    for ending in _ENDINGS:
        if bare.endswith(ending) and len(bare) - len(ending) >= _SHORTEST_STEM:
            bare = bare[: -len(ending)]
            break
    bare = f"{bare[:-1]}i" if bare.endswith("y") else bare
    return bare[:-1] if len(bare) > _SHORTEST_STEM and bare[-1] == bare[-2] else bare
