"""The comparison with other tools: what its model answers, and what a row tells."""

import json
import sys
import urllib.request

import pytest

from evals.bench_peers import Bench, Job, Run, make_table, run
from evals.peers import installing, server
from tests.faults.server import ModelServer


@pytest.fixture
def url():
    with ModelServer(server.Desk(0.0).behave) as model:
        yield model.url


def ask(url, text):
    body = json.dumps({"messages": [{"role": "user", "content": text}]}).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{url}/chat/completions", body), timeout=10) as reply:  # noqa: S310
        return json.load(reply)["choices"][0]["message"]["content"]


def test_the_model_answers_each_tool_in_the_form_it_asks_for(url):
    assert json.loads(ask(url, "Grade by the rubric.")).keys() == {"reason", "pass", "score"}
    assert ask(url, "reply with 'GRADE: $LETTER'").endswith("GRADE: C")
    story = '<story-00>\n"I moved the job, because a rewrite would take a quarter."\n</story-00>'
    assert json.loads(ask(url, story)).keys() == {"parts", "signals", "gaps"}


def test_a_run_is_told_with_what_the_model_was_asked(url, tmp_path):
    code = f"import urllib.request; urllib.request.urlopen('{url}/chat/completions', b'{{\"messages\": []}}')"
    row = run(Job([sys.executable, "-c", code], {}), Bench(url, tmp_path, tmp_path, 1))
    assert isinstance(row, Run)
    assert (row.requests, row.most_at_once) == (1, 1)
    assert row.cpu_s > 0
    assert row.rss_mib > 1


def test_a_tool_that_ends_badly_says_so_in_its_row(url, tmp_path):
    row = run(Job([sys.executable, "-c", "raise SystemExit(7)"], {}), Bench(url, tmp_path, tmp_path, 1))
    assert row == "ended with 7"
    assert "| ours | ended with 7 |" in make_table({"ours": row}, stories=10, at_once=5, rounds=1, load=0.0)


def test_a_tool_that_cannot_be_installed_says_why(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert installing.install_promptfoo(tmp_path / "peers").trouble == "not installed: no npm here"


def test_a_row_tells_multiples_of_the_best_possible_only_of_what_asks():
    asked = Run(wall_s=12.0, cpu_s=3.0, rss_mib=70.0, requests=1000, sent_kib=3000.0, most_at_once=50)
    silent = asked._replace(requests=0)
    table = make_table({"asked": asked, "silent": silent}, stories=1000, at_once=50, rounds=2, load=0.0).splitlines()
    assert table[-2] == "| asked | 12.0 s | 1.20 | 3.0 s | 70 MiB | 1000 | 3.0 KiB | 50 |"
    assert table[-1] == "| silent | 12.0 s |  | 3.0 s | 70 MiB | 0 |  |  |"
