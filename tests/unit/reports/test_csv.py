import csv
import io
import re

from hypothesis import given, settings

from app.domain import Suppression
from app.reports.csv import COLUMNS, CsvReport
from app.reports.report import Trouble
from tests.unit.reports.hostile import told_stories
from tests.unit.reports.samples import assessment, evidence, gap, not_assessed
from tests.unit.reports.writing import write

FORMULA = re.compile(r"""[\s"']*[=+\-@＝＋－＠]""")


def rows(*told, base="", **summary):
    text = write(CsvReport(base=base), *told, **summary)
    assert text.endswith("\r\n")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_a_report_of_nothing_is_a_header():
    assert write(CsvReport()) == ",".join(f'"{name}"' for name in COLUMNS) + "\r\n"


def test_a_gap_is_a_row_with_all_of_its_story():
    [row] = rows(assessment(gaps=(gap("hedging", "note", evidence('I "guess"', 7, 3, 40)),)))
    assert row["path"] == "stories/train.md"
    assert (row["strength"], row["gap"], row["severity"], row["part"]) == ("4", "hedging", "note", "result")
    assert (row["line"], row["column"], row["start"], row["end"]) == ("7", "3", "40", "49")
    assert row["quote"] == 'I "guess"'
    assert (row["principle"], row["principle_level"]) == ("dive-deep", "4")
    assert len(row["fingerprint"]) == 32


def test_a_story_without_gaps_has_a_row_too():
    [row] = rows(assessment(gaps=()))
    assert (row["title"], row["gap"], row["fingerprint"]) == ("The late train", "", "")


def test_stories_without_an_assessment_have_a_row_with_the_reason():
    errors = (
        Trouble(path="stories/train.md", id="s1", kind="model-unavailable", reason="No answer."),
        Trouble(path="bad.md", line=3, kind="unreadable-story", reason="unknown key"),
    )
    first, second = rows(not_assessed("model-unavailable: No answer."), errors=errors)
    assert (first["status"], first["reason"], first["strength"]) == (
        *("not_assessed", "model-unavailable: No answer.", ""),
    )
    assert (second["path"], second["line"], second["reason"]) == ("bad.md", "3", "unreadable-story: unknown key")


def test_a_byte_order_mark_is_there_only_when_asked_for():
    assert write(CsvReport(bom=True)) == "\ufeff" + write(CsvReport())


def test_no_cell_computes():
    for text in ("=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", '"=1', " =1", "＝1", "'=1"):
        [row] = rows(assessment(story={"title": text}))
        assert row["title"].startswith("'"), text
    assert rows(assessment(story={"title": "a;=1; @b"}))[0]["title"] == "a;'=1;' @b"
    assert rows(assessment(story={"title": "from 9 - 3, it fell"}))[0]["title"] == "from 9 - 3, it fell"


@settings(deadline=None, max_examples=100)
@given(told_stories())
def test_hostile_text_adds_no_row_no_column_and_no_formula(told):
    text = write(CsvReport(), told)
    lines = text.encode().decode().split("\r\n")
    assert len(lines) == 5
    for delimiter in (",", ";", "\t"):
        for line in lines[1:]:
            for cell in next(csv.reader([line], delimiter=delimiter)):
                assert cell.startswith("'") or not FORMULA.match(cell)
    assert all(None not in row and None not in row.values() for row in rows(told))


def test_a_suppressed_gap_has_its_row_with_the_reason():
    known = gap().model_copy(update={"suppressed": Suppression(kind="comment", reason="secret")})
    assert rows(assessment(gaps=(known,)))[0]["suppressed"] == "comment: secret"
