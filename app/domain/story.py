"""A story as it is told, and what it is assessed for."""

from typing import Annotated

from pydantic import Field

from app.domain.terms import Value


class Story(Value):
    """A text to assess, with what its author says about it.

    Attributes:
        text: The story exactly as given; every offset counts its Unicode code points.
        principles: Principle ids that the author wants the story to show.
        role: A role id of the rubric, such as `sdm`.
        level: A target level of the rubric, such as `L6`.
        path: The file it came from, as the caller named it.
        first_line: The 1-based line of the file on which the text begins.
        first_char: Where in the file the text begins, in code points, a byte order mark not counted; None for a story
            that is no text file of its own.
        record_line: The line of the file that holds the whole record, for a story of a JSONL file.
    """

    text: str
    id: str | None = None
    title: str | None = None
    question: str | None = None
    principles: tuple[str, ...] = ()
    role: str | None = None
    level: str | None = None
    path: str | None = None
    first_line: Annotated[int, Field(ge=1)] = 1
    first_char: Annotated[int | None, Field(ge=0)] = None
    record_line: Annotated[int | None, Field(ge=1)] = None


class StoryRef(Value):
    """Which story was assessed, without its text."""

    id: str | None
    revision: str | None = None
    title: str | None
    path: str | None
    words: Annotated[int, Field(ge=0)]
    spoken_seconds: Annotated[int, Field(ge=0)]


class Target(Value):
    """What the story was assessed for."""

    question: str | None = None
    principles: tuple[str, ...] = ()
    role: str
    level: str
