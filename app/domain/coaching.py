"""What an assessment tells beyond gaps: expectations, follow-ups, ties, limits and how the story would sound."""

from typing import Annotated

from pydantic import Field

from app.domain.terms import Evidence, GapCode, Score, Severity, Source, Value


class Answer(Value):
    """An answer to a tie-break question and the principle that it speaks for."""

    answer: str
    principle: str


class TieBreak(Value):
    """Two leading principles that are close, and the question that tells them apart.

    Attributes:
        between: The two principle ids, the better ranked first.
        margin: How far apart their scores are; comparable within one rubric alone.
    """

    between: tuple[str, str]
    margin: Annotated[float, Field(ge=0)]
    ask: str
    answers: tuple[Answer, Answer]


class Unsupported(Value):
    """A declared principle that the story's evidence does not support.

    Attributes:
        instead: The principle that the evidence supports best; null where it supports none.
        ask: The question that tells the two apart, where the rubric has one.
    """

    principle: str
    rank: Annotated[int, Field(ge=1)]
    reason: str
    instead: str | None = None
    ask: str | None = None


class ExpectationFinding(Value):
    """Whether the story shows what is expected at its target's role and level.

    Attributes:
        met: With the sentence that shows it in `evidence`; otherwise `probe` asks for it.
        probe: The question to ask; null where the expectation is met.
        severity: How much it matters that it is not met.
    """

    id: str
    met: bool
    text: str
    probe: str | None = None
    severity: Severity
    evidence: tuple[Evidence, ...] = ()


class FollowUp(Value):
    """A question that an interviewer would ask next about one sentence of the story; the most useful comes first.

    Attributes:
        evidence: The sentence that the question is about.
        principle: The principle that an answer would give evidence for, where the question comes from one.
        gap: The gap that an answer would close, where there is one.
        expectation: The id of the expectation that an answer would meet, where there is one.
        source: Who asks it; a model's question holds no number and no name that the story lacks.
    """

    question: str
    evidence: Evidence
    principle: str | None = None
    gap: GapCode | None = None
    expectation: str | None = None
    source: Source = Source.RULES


class Unproven(Value):
    """A claim of the story for which a model finds nothing in it, in the model's words; it moves no level.

    Attributes:
        evidence: The claim.
    """

    reason: str
    evidence: Evidence


class Limit(Value):
    """What keeps the strength from being higher.

    Attributes:
        gaps: The open gaps that count for it.
        expectations: The ids of the expectations that are not met and count for it.
    """

    at_most: Score
    reason: str
    gaps: tuple[GapCode, ...] = ()
    expectations: tuple[str, ...] = ()


class Shares(Value):
    """Whole percentages of the words in each part; together 100."""

    situation: Annotated[int, Field(ge=0, le=100)]
    task: Annotated[int, Field(ge=0, le=100)]
    action: Annotated[int, Field(ge=0, le=100)]
    result: Annotated[int, Field(ge=0, le=100)]


class Voices(Value):
    """How many clauses with a deed say `I`, how many a group, how many somebody else and how many nobody."""

    i: Annotated[int, Field(ge=0)]
    we: Annotated[int, Field(ge=0)]
    others: Annotated[int, Field(ge=0)]
    nobody: Annotated[int, Field(ge=0)]


class Delivery(Value):
    """How the story would be told aloud.

    Attributes:
        seconds: At 140 words a minute.
        seconds_fast: At 150 words a minute.
        seconds_slow: At 130 words a minute.
        parts: Null where no sentence belongs to a part.
        clauses: Deeds of the whole story, clause by clause.
    """

    words: Annotated[int, Field(ge=0)]
    seconds: Annotated[int, Field(ge=0)]
    seconds_fast: Annotated[int, Field(ge=0)]
    seconds_slow: Annotated[int, Field(ge=0)]
    parts: Shares | None
    clauses: Voices
