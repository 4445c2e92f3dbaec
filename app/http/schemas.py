"""The shapes of HTTP bodies that are not already domain values."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from app.domain import Assessment, Depth, Effort, EngineChoice, Samples, Story, Value
from app.store import Revision, StoryChanges, StoryFields, StoryRecord

Name = Annotated[str, Field(max_length=64)]
Title = Annotated[str, Field(max_length=200)]
AskedQuestion = Annotated[str, Field(max_length=1000)]
RubricRef = Annotated[str, Field(max_length=100, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*(/v[0-9]+)?$")]
Principles = Annotated[tuple[Name, ...], Field(max_length=32)]


class StoryDraft(Value):
    """A story as its author gives it."""

    text: str = Field(description="The story, plain text or Markdown; kept exactly as sent.")
    title: Title | None = None
    question: AskedQuestion | None = Field(default=None, description="The interview question that it answers.")
    principles: Principles = Field(default=(), description="Ids of the principles that it is meant to show.")
    role: Name | None = Field(default=None, description="A role of the rubric, such as `sdm`.")
    level: Name | None = Field(default=None, description="A target level of the rubric, such as `L6`.")

    def to_story(self) -> Story:
        """Return the story for an assessment."""
        return Story(
            text=self.text,
            title=self.title,
            question=self.question,
            principles=self.principles,
            role=self.role,
            level=self.level,
        )

    def to_fields(self) -> StoryFields:
        """Return the story for the store."""
        return StoryFields(
            text=self.text,
            title=self.title,
            question=self.question,
            principles=self.principles,
            role=self.role,
            level=self.level,
        )


class AssessmentOptions(Value):
    """How to assess."""

    engine: EngineChoice | None = Field(
        default=None,
        description="`rules` works offline; `llm` adds a model's findings; `auto` asks the model where one is set up. "
        "The service's own choice when left out.",
    )
    rubric: RubricRef | None = Field(
        default=None,
        description="A rubric's name, or `name/vN` for one version. The service's own choice when left out.",
    )
    depth: Depth | None = Field(
        default=None,
        description="`quick` asks the model once; `panel` asks about each principle, the gaps and follow-up questions "
        "by themselves, which costs several times as much. The service's own choice when left out.",
    )
    samples: Samples | None = Field(
        default=None,
        description="Ask the model the same up to so many times and take the median of the levels. The service's own "
        "choice when left out.",
    )

    @property
    def effort(self) -> Effort:
        """How thoroughly to ask the model."""
        return Effort(depth=self.depth, samples=self.samples)


class AssessmentRequest(StoryDraft, AssessmentOptions):
    """A story to assess and keep, and how."""


class StoryPatch(Value):
    """The fields of a story to change; null clears one, and a field that is left out stays."""

    text: str = Field(default="", description="A text that differs from the newest revision's makes a new revision.")
    title: Title | None = None
    question: AskedQuestion | None = None
    principles: Principles = ()
    role: Name | None = None
    level: Name | None = None

    def to_changes(self) -> StoryChanges:
        """Return the changes, holding only the fields that were given."""
        return StoryChanges.model_validate(self.model_dump(exclude_unset=True))


class RevisionView(Value):
    """One text that a story has had; it never changes."""

    id: str
    number: int = Field(description="Counts from 1 within the story.")
    sha256: str = Field(description="Of the text's UTF-8 bytes.")
    created_at: datetime
    text: str

    @classmethod
    def of(cls, revision: Revision) -> "RevisionView":
        """Return the view of a stored revision."""
        return cls.model_validate(revision.model_dump())


class RevisionPage(Value):
    """A page of the texts that a story has had, newest first."""

    items: tuple[RevisionView, ...]
    next_cursor: str | None


class StorySummary(Value):
    """A stored story without its text."""

    id: str
    title: str | None
    question: str | None
    principles: tuple[str, ...]
    role: str | None
    level: str | None
    version: int = Field(description="Grows with every change; the ETag is made of it.")
    revision: str = Field(description="Id of the newest revision.")
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, record: StoryRecord) -> "StorySummary":
        """Return the summary of a stored story."""
        return cls.model_validate({**record.model_dump(exclude={"revision"}), "revision": record.revision.id})


class StoryPage(Value):
    """A page of stories, newest first."""

    items: tuple[StorySummary, ...]
    next_cursor: str | None


class StoryView(Value):
    """A stored story with its newest text."""

    id: str
    title: str | None
    question: str | None
    principles: tuple[str, ...]
    role: str | None
    level: str | None
    version: int = Field(description="Grows with every change; the ETag is made of it.")
    revision: RevisionView = Field(description="The newest revision.")
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, record: StoryRecord) -> "StoryView":
        """Return the view of a stored story."""
        return cls.model_validate(record.model_dump())


class AssessmentPage(Value):
    """A page of assessments, newest first."""

    items: tuple[Assessment, ...]
    next_cursor: str | None
