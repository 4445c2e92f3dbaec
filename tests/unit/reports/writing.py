"""Write reports whole, as a run does."""

from app.domain import Assessment, Story
from app.reports.report import Report, Summary, Tally, Trouble


def summarise(
    *assessments: Assessment,
    errors: tuple[Trouble, ...] = (),
    remarks: tuple[Trouble, ...] = (),
    failed: tuple[str, ...] = (),
    exit_code: int = 0,
    below: int = 0,
) -> Summary:
    """Return the summary of a run over these stories."""
    tally = Tally()
    for index, value in enumerate(assessments):
        tally.add(value, below=index < below)
    tally.errors.extend(errors)
    tally.unreadable = len(errors)
    tally.remarks.extend(remarks)
    tally.failed = failed
    return tally.summary(exit_code)


def write(report: Report, *told: Assessment | tuple[Assessment, Story], **summary) -> str:
    """Return the whole report of these stories, with or without their texts."""
    pieces = [report.begin()]
    assessments = []
    for one in told:
        assessment, story = one if isinstance(one, tuple) else (one, None)
        assessments.append(assessment)
        pieces.append(report.add(assessment) if story is None else report.tell(assessment, story))
    pieces.extend(report.finish(summarise(*assessments, **summary)))
    return "".join(pieces)
