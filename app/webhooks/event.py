"""What a receiver is told: that a batch is finished, and how many stories came to which end."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from app.domain import Value

Name = Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]


class BatchFinished(Value):
    """Nothing more is done for a batch; holds no story, title, file name or user.

    Attributes:
        batch_id: What the API knows the batch by.
        status: How it ended.
        counts: How many of its stories, by what became of them.
        finished_at: When it ended; the same in every try.
        round: Counts from 1, one more each time that failed stories are tried again and the batch ends once more.
    """

    batch_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,100}$")]
    status: Literal["finished", "cancelled"] = "finished"
    counts: Mapping[Name, Annotated[int, Field(ge=0)]]
    finished_at: AwareDatetime
    round: Annotated[int, Field(ge=1)] = 1

    @property
    def id(self) -> str:
        """Return what stays the same over all tries, for the receiver to tell a repeated one by."""
        return f"msg_{self.batch_id}_{self.round}"

    def render(self) -> bytes:
        """Return the body; the same bytes in every try."""
        moment = self.finished_at.astimezone(UTC)
        data = {"batch_id": self.batch_id, "status": self.status, "counts": dict(self.counts)}
        event = {"type": "batch.finished", "timestamp": _write_time(moment), "data": data}
        return json.dumps(event, separators=(",", ":")).encode()


def _write_time(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
