import json
import re
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from app.domain import Charge
from app.errors import Misconfigured
from app.judge.batch_drafts import Drafts, FileLimits
from app.judge.batch_ledger import Answered, Failed, Slot, Spoken, Submission, open_ledger
from app.judge.batch_lines import Question, read_custom_id, read_line, write_line
from app.judge.dialect import Dialect
from app.judge.failures import Kind, RefusedParameter
from app.judge.prices import Price

NAME = "ab" * 32
DIALECT = Dialect()


def submission(**fields) -> Submission:
    known = {"id": "s1", "created_at": 1, "dialect": Spoken.of(DIALECT), "questions": {"q1": (10, 20)}}
    return Submission.model_validate({**known, **fields})


def test_a_custom_id_is_short_says_nothing_and_leads_back():
    question = Question(NAME, "0123456789abcdef")
    assert re.fullmatch(r"[A-Za-z0-9_-]{54}", question.custom_id)
    assert read_custom_id(question.custom_id) == question


@pytest.mark.parametrize("text", ["", "short", "é" * 54, NAME[:43]])
def test_another_custom_id_leads_nowhere(text):
    assert read_custom_id(text) is None


def test_a_line_is_what_the_provider_takes():
    line = write_line("c", {"model": "m", "messages": [{"role": "user", "content": "é\n"}]})
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert json.loads(line)["url"] == "/v1/chat/completions"


def told(**fields) -> bytes:
    return json.dumps({"custom_id": "c", **fields}).encode()


@pytest.mark.parametrize(
    ("line", "kind", "is_free"),
    [
        (told(response=None, error={"code": "batch_expired", "message": "late"}), Kind.TIMEOUT, True),
        (told(response=None, error={"code": "batch_cancelled"}), Kind.PROVIDER_UNAVAILABLE, True),
        (
            told(response={"status_code": 429, "body": {"error": {"code": "insufficient_quota"}}}),
            "provider-quota",
            True,
        ),
        (told(response={"status_code": 500, "body": None}), Kind.PROVIDER_UNAVAILABLE, True),
        (told(response={"status_code": 200, "body": None}), Kind.BAD_RESPONSE, False),
        (told(response={"status_code": 200, "body": "<html>"}), Kind.BAD_RESPONSE, False),
        (told(response={"status_code": 200, "body": {"choices": []}}), Kind.BAD_RESPONSE, False),
    ],
)
def test_a_line_without_an_answer_is_a_fault_of_the_closed_list(line, kind, is_free):
    result = read_line(line)
    assert result is not None
    assert result.fault is not None
    assert (result.text, result.fault.kind, result.is_free) == (None, kind, is_free)


def test_an_answer_that_no_cache_would_keep_is_too_large():
    message = {"role": "assistant", "content": "a" * 200_001}
    body = {"choices": [{"finish_reason": "stop", "message": message}]}
    result = read_line(told(response={"status_code": 200, "body": body}))
    assert result is not None
    assert result.fault is not None
    assert (result.text, result.fault.kind) == (None, Kind.REPLY_TOO_LARGE)


def test_a_refused_parameter_is_told_by_name():
    error = {"message": "Unsupported value", "param": "temperature", "code": "unsupported_value"}
    result = read_line(told(response={"status_code": 400, "body": {"error": error}}))
    assert result is not None
    assert isinstance(result.fault, RefusedParameter)
    assert result.fault.name == "temperature"


@pytest.mark.parametrize("line", [b"", b"{", b"[]", b'{"custom_id": 3}', b"\xff"])
def test_what_is_no_line_is_passed_over(line):
    assert read_line(line) is None


def test_files_end_at_the_number_and_the_size_that_the_provider_takes():
    drafts = Drafts(FileLimits(requests=3, bytes=100))
    for number in range(4):
        drafts.add(f"n{number}", f"c{number}", b"x" * 10 + b"\n", Charge(1, 2), DIALECT)
    drafts.add("n4", "c4", b"x" * 95 + b"\n", Charge(1, 2), DIALECT)
    assert (drafts.count, drafts.most) == (5, Charge(5, 10))
    taken = drafts.take()
    assert [list(draft.submission.questions) for draft in taken] == [["c0", "c1", "c2"], ["c3"], ["c4"]]
    assert len({draft.submission.id for draft in taken}) == 3
    assert drafts.count == 0
    for draft in taken:
        draft.content.close()


def test_the_ledger_comes_back_as_it_was_saved_and_only_as_it_was_saved(tmp_path):
    names = (f"{first:02x}" + "00" * 31 for first in range(256))
    questions = {Question(name, "00" * 8).custom_id: (1, 2) for name in names}
    with open_ledger(Slot(tmp_path, "a")) as ledger:
        ledger.submissions.append(submission(file_id="file-1", questions=questions))
        ledger.dialect = Dialect(temperature=False)
        ledger.save()
        ledger.answered[NAME] = Answered(input=1, output=2, cached=0, nanousd=3, attempts=1)
    with open_ledger(Slot(tmp_path, "a")) as ledger:
        assert ledger.submissions == [submission(file_id="file-1", questions=questions)]
        assert ledger.dialect == Dialect(temperature=False)
        assert ledger.answered == {}
        assert stat.S_IMODE((tmp_path / "batches-v1" / "a.json").stat().st_mode) == 0o600
        ledger.close()
    assert [path.name for path in (tmp_path / "batches-v1").iterdir()] == ["a.lock"]


def test_the_charge_is_what_was_taken_and_the_most_that_is_under_way(tmp_path):
    with open_ledger(Slot(tmp_path, "a")) as ledger:
        ledger.submissions.extend([submission(), submission(id="s2", is_over=True)])
        ledger.answered[NAME] = Answered(input=1, output=2, cached=0, nanousd=3, attempts=1)
        ledger.failed["b"] = Failed(kinds=["truncated"], nanousd=4, tokens=5)
        assert ledger.charge == Charge(10 + 3 + 5, 20 + 3 + 4)


@pytest.mark.parametrize(
    "spoil",
    [lambda path: path.write_text("{"), lambda path: path.write_text('{"story": "x"}'), lambda path: path.mkdir()],
)
def test_a_spoilt_ledger_is_not_thrown_away_unasked(tmp_path, spoil: Callable[[Path], object]):
    with open_ledger(Slot(tmp_path, "a")):
        pass
    spoil(tmp_path / "batches-v1" / "a.json")
    with pytest.raises(Misconfigured), open_ledger(Slot(tmp_path, "a")):
        pass


def test_a_batch_costs_its_share():
    price = Price(input=2.0, cached_input=0.5, output=8.0, batch_share=0.5).in_a_batch()
    assert (price.input, price.cached_input, price.output) == (1.0, 0.25, 4.0)
    assert Price(input=1, output=2).in_a_batch() == Price(input=1, output=2)
