"""The JSONL format: one assessment a line, written as the stories come."""

from typing_extensions import override

from app.domain import Assessment
from app.reports.report import Report


class JsonlReport(Report):
    """Writes an assessment a line; what went wrong elsewhere stays on stderr."""

    @override
    def add(self, assessment: Assessment) -> str:
        return assessment.model_dump_json() + "\n"
