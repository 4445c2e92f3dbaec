"""The JSON format: one object with all assessments and the summary, written as the stories come."""

from typing_extensions import override

from app.domain import Assessment
from app.reports.report import Report, Summary


class JsonReport(Report):
    """Writes `{"assessments": […], "summary": {…}}`, an assessment a line."""

    def __init__(self) -> None:
        self._is_first = True

    @override
    def begin(self) -> str:
        return '{"assessments": ['

    @override
    def add(self, assessment: Assessment) -> str:
        lead = "\n" if self._is_first else ",\n"
        self._is_first = False
        return lead + assessment.model_dump_json()

    @override
    def end(self, summary: Summary) -> str:
        return f'\n], "summary": {summary.model_dump_json()}}}\n'
