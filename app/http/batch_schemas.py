"""The shapes of batches: how they are asked for, how far they are, what came of their stories."""

from datetime import UTC, datetime
from typing import Annotated, Self

from pydantic import Field, model_validator

from app.domain import Assessment, Value
from app.http.schemas import AssessmentOptions, StoryDraft
from app.store import BatchOptions, BatchRecord, BatchStatus, Counts, ItemRecord, State, StoryFields

Id = Annotated[str, Field(max_length=36)]
Dollars = Annotated[float, Field(gt=0, le=1_000_000, allow_inf_nan=False)]
MANY = 100_000


class BatchQuery(AssessmentOptions):
    """How to assess the stories of a batch."""

    max_cost_usd: Dollars | None = Field(
        default=None, description="What all calls to the model for this batch may cost together, in US dollars."
    )
    webhook_url: Annotated[str, Field(max_length=2000)] | None = Field(
        default=None, description="Told, signed, when the batch has come to its end; the operator allows its host."
    )

    def to_options(self) -> BatchOptions:
        """Return the options for the store."""
        return BatchOptions.model_validate(self.model_dump(include=set(BatchOptions.model_fields)))


class BatchRequest(BatchQuery):
    """Stories to assess, given in one of three ways, and how."""

    stories: Annotated[tuple[StoryDraft, ...], Field(min_length=1, max_length=MANY)] | None = Field(
        default=None, description="New stories; they are kept."
    )
    story_ids: Annotated[tuple[Id, ...], Field(min_length=1, max_length=MANY)] | None = Field(
        default=None, description="Ids of kept stories; their newest revisions are assessed."
    )
    all_stories: bool = Field(default=False, description="All kept stories of the key's user.")

    @model_validator(mode="after")
    def _is_one_way(self) -> Self:
        if sum([self.stories is not None, self.story_ids is not None, self.all_stories]) != 1:
            raise ValueError("give one of stories, story_ids and all_stories")
        return self

    def to_stories(self) -> tuple[StoryFields | str, ...] | None:
        """Return the stories for the store; None for all that are kept."""
        if self.stories is not None:
            return tuple(story.to_fields() for story in self.stories)
        return self.story_ids


class BatchView(Value):
    """A batch as it is now."""

    id: str
    status: BatchStatus = Field(description="`running` until nothing more is done for it.")
    counts: Counts
    total: int
    per_second: float | None = Field(description="Stories that came to their end, a second, since it was made.")
    eta_seconds: float | None = Field(description="At this rate, until all have; null before the first.")
    cost_usd: float | None = Field(description="What the assessments cost; null where a price is not known.")
    options: BatchOptions
    cursor: int = Field(description="Of the newest result: pass it as `after` to get only newer ones.")
    round: int = Field(description="Grows each time that failed stories are tried again.")
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, record: BatchRecord) -> Self:
        """Return the view of a stored batch."""
        counts = record.counts
        passed_s = ((record.finished_at or datetime.now(UTC)) - record.created_at).total_seconds()
        worked = counts.done + counts.failed
        per_second = worked / passed_s if worked and passed_s > 0 else None
        left = counts.queued + counts.running
        return cls(
            id=record.id,
            status=record.status,
            counts=counts,
            total=counts.total,
            per_second=None if per_second is None else round(per_second, 3),
            eta_seconds=round(left / per_second, 1) if per_second and left else None if left else 0.0,
            cost_usd=record.cost_usd,
            options=record.options,
            cursor=record.sequence,
            round=record.round,
            created_at=record.created_at,
            finished_at=record.finished_at,
        )


class BatchPage(Value):
    """A page of batches, newest first."""

    items: tuple[BatchView, ...]
    next_cursor: str | None


class BatchResult(Value):
    """What came of one story of a batch."""

    cursor: int = Field(description="Grows from result to result: pass the last one as `after` to go on from it.")
    number: int = Field(description="The story's place in what was asked for, from 0.")
    story_id: str
    state: State
    error: str | None = Field(description="The kind of the failure.")
    attempts: int
    finished_at: datetime
    assessment: Assessment | None = Field(description="Null where there is none, or none any more.")

    @classmethod
    def of(cls, item: ItemRecord) -> Self:
        """Return the view of a story that came to its end."""
        return cls(
            cursor=item.sequence, **item.model_dump(exclude={"sequence", "assessment"}), assessment=item.assessment
        )
