from pathlib import Path

import pytest

from app.judge.failures import MEANINGS, Kind
from tests.faults.rows import FOUND, ROWS, Row
from tests.faults.run import run_row
from tests.faults.table import render_table
from tests.faults.wider import WIDER

_UNSEEN = {Kind.UNREACHABLE, Kind.TLS_FAILED}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.number)
def test_a_fault_costs_so_many_requests_and_ends_so(row: Row):
    run = run_row(row)

    assert (run.calls, run.outcome.kind) == (row.calls, row.outcome)
    assert run.seen == (0 if row.outcome in _UNSEEN else row.calls)
    assert run.bystander_bytes == 0
    if row.outcome == FOUND:
        assert run.outcome.findings is not None
        assert run.outcome.findings.attempts == row.calls
    else:
        assert run.outcome.findings is None
        assert isinstance(run.outcome.error, MEANINGS[Kind(row.outcome)].family)


def test_the_documented_table_is_what_the_rows_say():
    expected = [(row, row.calls, str(row.outcome)) for row in ROWS]

    assert Path("docs/faults.md").read_text(encoding="utf-8") == render_table(expected)


def test_every_fault_of_the_list_has_a_row_and_every_row_a_number_of_its_own():
    numbers = [row.number for row in ROWS]

    assert len(set(numbers)) == len(numbers)
    assert {number[:3] for number in numbers} | {row.number for row in WIDER} == {f"F{n:02}" for n in range(1, 46)}


def test_an_answer_of_another_model_says_so():
    for row in ROWS:
        findings = run_row(row).outcome.findings
        if findings is not None:
            assert findings.degraded is row.number.startswith("F44")
            assert [call.degraded for call in findings.calls] == [findings.degraded]


@pytest.mark.parametrize("test", [test for row in WIDER for test in row.tests])
def test_a_test_that_the_table_names_is_there(test: str):
    path, _, name = test.partition("::")

    assert f"def {name}(" in Path(path).read_text(encoding="utf-8")
