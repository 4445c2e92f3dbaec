"""Hold what comes out of a run against the thresholds, the baseline and the selection that were asked for."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from app.cli.complaint import note
from app.cli.order import Order
from app.cli.output import replace_file
from app.coach.baseline import Baseline, load_baseline
from app.coach.gate import Standing
from app.coach.suppress import check_comments
from app.domain import Assessment, Story
from app.reports.counting import counted
from app.reports.report import Trouble


class Held(NamedTuple):
    """An assessment as reports show it.

    Attributes:
        below: It is below a threshold.
        remarks: What is wrong with the comments in its story.
    """

    assessment: Assessment
    below: bool
    remarks: tuple[Trouble, ...]


class Thresholds:
    """What a run is held against.

    Args:
        order: What was asked for.

    Raises:
        InvalidInput: The baseline can't be read.
    """

    def __init__(self, order: Order) -> None:
        self._order = order
        self._standing = Standing(order.gate)
        self._baseline = _open_baseline(order.baseline, is_new=order.updates_baseline)

    def hold(self, assessment: Assessment, story: Story) -> Held:
        """Return an assessment with what is known and what is selected, and whether it is below a threshold."""
        remarks = tuple(
            Trouble(path=story.path, line=line, id=story.id, kind="comment", reason=reason)
            for line, reason in check_comments(story, assessment)
        )
        if self._baseline is not None:
            assessment = (
                self._baseline.record(assessment, story, self._order.selection)
                if self._order.updates_baseline
                else self._baseline.apply(assessment, story)
            )
        assessment = self._order.selection.apply(assessment)
        self._standing.add(assessment)
        return Held(assessment, self._order.gate.stops(assessment), remarks)

    def shortfalls(self) -> tuple[str, ...]:
        """Return the thresholds of the whole run that it does not reach."""
        return self._standing.shortfalls()

    def close(self) -> Iterator[Trouble]:
        """Write the baseline where that was asked for; yield its entries that are of no use any more."""
        path = self._order.baseline
        if self._baseline is None or path is None:
            return
        if not self._order.updates_baseline:
            reason = f"is in the baseline {path.name} and is not found any more; --update-baseline drops it"
            for entry in self._baseline.stale():
                yield Trouble(path=_shown(path, entry.path), kind="stale-baseline", reason=f"{entry.code} {reason}")
            return
        with replace_file(path) as stream:
            stream.write(self._baseline.render().encode())
        found, gone = self._baseline.count()
        note(f"{path}: {counted(found, 'gap')} found and known, {gone} dropped")


def _shown(baseline: Path, path: str) -> str:
    """Return a story's path as the user can open it."""
    return path if path == "-" else Path(os.path.relpath(baseline.parent / path)).as_posix()


def _open_baseline(path: Path | None, *, is_new: bool) -> Baseline | None:
    if path is None:
        return None
    return Baseline(path.name, path.parent) if is_new and not path.exists() else load_baseline(path)
