"""What concerns a whole run is told in every format that has a place for it."""

import json
from xml.etree import ElementTree as ET

import pytest

from app.catalog import Catalog
from app.coach.gate import Gate
from app.reports.github import GithubReport
from app.reports.html import HtmlReport
from app.reports.junit import JunitReport
from app.reports.markdown import MarkdownReport
from app.reports.report import Report, Trouble
from app.reports.sarif import SarifReport
from tests.unit.reports.samples import assessment
from tests.unit.reports.test_junit import SCHEMA as JUNIT
from tests.unit.reports.test_sarif import SCHEMA as SARIF
from tests.unit.reports.writing import write

REMARK = Trouble(path="known.json", line=4, kind="stale-baseline", reason="a gap that is gone")
FAILED = "the mean strength is 3.1, at least 4.0 wanted"


def told(report: Report) -> str:
    return write(report, assessment(), remarks=(REMARK,), failed=(FAILED,), exit_code=1)


@pytest.mark.parametrize(
    "report",
    [
        HtmlReport(),
        MarkdownReport(),
        GithubReport(),
        JunitReport(Gate()),
        SarifReport(Catalog().rubric("leadership-principles")),
    ],
)
def test_a_threshold_of_the_run_that_is_not_reached_is_told(report):
    assert FAILED in told(report)


def test_it_is_a_case_of_its_own_in_junit():
    text = told(JunitReport(Gate()))
    JUNIT.validate(text)
    suite = ET.fromstring(text)[0]  # noqa: S314 - made by this test
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")


def test_what_is_of_no_use_is_a_remark_and_no_failure():
    log = json.loads(told(SarifReport(Catalog().rubric("leadership-principles"))))
    SARIF.validate(log)
    invocation = log["runs"][0]["invocations"][0]
    assert invocation["toolExecutionNotifications"] == []
    [remark] = invocation["toolConfigurationNotifications"]
    assert (remark["level"], remark["message"]["text"]) == ("warning", "a gap that is gone")
    assert "::warning file=known.json,line=4,title=Of no use::a gap that is gone\n" in told(GithubReport())
    assert "known.json:4</bdi>" in told(HtmlReport())
