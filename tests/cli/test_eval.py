"""`star-coach eval`, and the report that `make eval` writes."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.conftest import WEAK, command_line
from tests.cli.test_start_up import HEAVY, modules_after
from tests.faults import behaviours
from tests.faults.server import ModelServer

BODY = WEAK.read_text(encoding="utf-8").split("---\n", 2)[2]
LABEL = {
    "id": "weak",
    "writer": "w1",
    "gaps": ["weak-ownership", "missing-metric", "vague-result", "hedging"],
    "strength": 2,
    "principles": ["hire-and-develop-the-best"],
    "evidence": {"vague-result": ["It went really well."]},
}


@pytest.fixture
def dataset(tmp_path):
    """A dataset of one story with a gap too many in its label."""
    folder = tmp_path / "made"
    (folder / "stories").mkdir(parents=True)
    (folder / "stories" / "weak.md").write_text(BODY, encoding="utf-8")
    (folder / "labels.jsonl").write_text(json.dumps(LABEL) + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def configured(model_server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> ModelServer:
    """A model server that the environment names."""
    monkeypatch.setenv("COACH_BASE_URL", model_server.url)
    monkeypatch.setenv("COACH_API_KEY", "sk-test-canary-key")
    monkeypatch.setenv("COACH_MAX_ATTEMPTS", "1")
    return model_server


def write(path, value):
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return path


def test_the_text_names_figures_codes_and_every_confusion(cli, dataset):
    result = cli("eval", dataset, "--engine", "rules")
    assert (result.code, result.err) == (0, "")
    assert "made: 1 story, 0 not assessed; rules, leadership-principles/v" in result.out
    assert re.search(r"macro F1 +\d\.\d{3}  \d\.\d{3} to \d\.\d{3}", result.out)
    assert re.search(r"vague-result +1\.000 +1\.000 +1\.000 +1 +0 +0 +1 +0", result.out)
    assert re.search(r"weak +missed +hedging", result.out)
    assert max(map(len, result.out.splitlines())) <= 120


def test_markdown_is_a_document_of_tables(cli, dataset):
    out = cli("eval", dataset, "--engine", "rules", "--format", "markdown").out
    assert out.startswith("# Evaluation: made\n\n## Figures\n")
    assert "| figure | value | 95 % interval |\n| :-- | --: | --: |\n" in out


def test_json_goes_to_a_file_and_can_be_compared_with(cli, dataset, tmp_path):
    said = {"id": "weak", "gaps": ["hedging"], "strength": 5, "principles": ["frugality"]}
    before = tmp_path / "before.json"
    first = cli("eval", dataset, "--predictions", write(tmp_path / "said.jsonl", said), "-f", "json", "-o", before)
    assert (first.code, first.out, first.err) == (0, "", "")
    earlier = json.loads(before.read_text(encoding="utf-8"))
    assert (earlier["origin"]["engine"], earlier["changes"], earlier["effort"]) == ("predictions", None, None)
    assert earlier["results"][0]["missed"] == ["weak-ownership", "missing-metric", "vague-result"]
    out = cli("eval", dataset, "--engine", "rules", "--compare", before).out
    assert re.search(r"weak +better: .*missing-metric", out)
    assert re.search(r"weak +worse: .*hedging", out)
    assert re.search(r"weak +strength 5 -> \d \(label 2\)", out)
    compared = cli("eval", dataset, "--engine", "rules", "--compare", before, "--format", "json").json
    assert "hedging" in compared["changes"]["stories"][0]["worse"]


def test_a_broken_floor_is_named_and_ends_with_1(cli, dataset, tmp_path):
    floors = write(tmp_path / "floors.json", {"assessed": 1, "codes": {"vague-result": 1, "hedging": 0.9}})
    result = cli("eval", dataset, "--engine", "rules", "--min", floors)
    assert result.code == 1
    assert result.err == "star-coach: error: hedging is 0.0000, the floor is 0.9\n"
    assert re.search(r"hedging +0\.9 +0\.000 +NO", result.out)
    write(floors, {"codes": {"vague-result": 1}})
    assert cli("eval", dataset, "--engine", "rules", "--min", floors).code == 0


def test_a_story_that_could_not_be_assessed_ends_with_3(cli, dataset):
    (dataset / "stories" / "weak.md").write_text("Too short.\n", encoding="utf-8")
    write(dataset / "labels.jsonl", {**LABEL, "evidence": {}})
    result = cli("eval", dataset, "--engine", "rules")
    assert result.code == 3
    assert result.err == "star-coach: error: 1 of 1 story could not be assessed\n"
    assert re.search(r"weak +not assessed", result.out)


@pytest.mark.parametrize(
    ("name", "content", "place"),
    [
        ("labels.jsonl", "{}", "labels.jsonl:1: id: "),
        ("stories/weak.md", "---\nid: [\n---\nText\n", "weak.md:"),
        ("stories/more.md", "Text\n", "more.md:1: has no label"),
    ],
)
def test_a_broken_dataset_is_told_with_file_and_line_and_leaves_no_output(cli, dataset, name, content, place):
    write(dataset / name, content)
    result = cli("eval", dataset, "--engine", "rules", "--output", dataset.parent / "out.txt")
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert place in result.err
    assert not (dataset.parent / "out.txt").exists()


@pytest.mark.parametrize("option", ["--predictions", "--compare", "--min"])
def test_a_file_that_is_not_there_is_told(cli, dataset, option):
    result = cli("eval", dataset, option, dataset / "nowhere.json")
    assert result.code == 2
    assert "nowhere.json: can't be read" in result.err


def test_predictions_run_no_engine_so_none_can_be_named(cli, dataset):
    for option in (["--engine", "rules"], ["--repeat", "2"]):
        assert cli("eval", dataset, "--predictions", "said.jsonl", *option).code == 2


def test_a_model_is_asked_again_and_its_effort_is_counted(cli, dataset, configured):
    result = cli("eval", dataset, "--engine", "llm", "--repeat", "3", "--format", "json")
    assert result.code == 0
    assert len(configured.requests) == 3
    assert result.json["origin"]["model"] == "test-model"
    assert result.json["effort"]["usage"] == {"input_tokens": 3600, "output_tokens": 240, "calls": 3}
    assert (result.json["retest"]["repeat"], result.json["retest"]["strength"]) == (3, 1)
    assert result.json["scores"]["grounded"] == 1


def test_what_the_model_says_differently_shows_in_the_retest(cli, dataset, configured):
    nothing = behaviours.answer(behaviours.findings())
    configured.script(nothing, behaviours.answer_sensibly)
    out = cli("eval", dataset, "--engine", "llm", "--repeat", "2").out
    assert "Test-retest over 2 runs" in out
    assert re.search(r"overlap of what the model saw +0\.000", out)
    assert re.search(r"same strength +1\.000", out)
    assert "0 quotes dropped; 2400 tokens in, 160 out; " in out


def test_a_gap_that_the_model_alone_sees_is_told_apart_from_the_engine_s_own(cli, dataset, configured):
    unset = {"quote": "It went really well.", "reason": "x", "code": "missing-situation"}
    configured.script(then=behaviours.answer(behaviours.findings(gaps=[unset])))
    made = cli("eval", dataset, "--engine", "llm", "--format", "json").json
    rules = cli("eval", dataset, "--engine", "rules", "--format", "json").json
    assert made["scores"] == {**rules["scores"], "grounded": made["scores"]["grounded"]}
    assert (made["model"]["notes"], made["model"]["invented"], rules["model"]) == (1, 1, None)
    out = cli("eval", dataset, "--engine", "llm").out
    assert "What the model saw of the gaps by itself" in out


def test_depth_and_samples_reach_the_model(cli, dataset, configured):
    cli("eval", dataset, "--engine", "llm", "--depth", "panel")
    asked = {request.json["response_format"]["json_schema"]["name"] for request in configured.requests}
    assert asked == {"signals", "gaps", "follow_ups"}


def test_a_limit_takes_so_many_stories(cli):
    out = cli("eval", "evals/own", "--engine", "rules", "--limit", "2").out
    assert "own: 2 stories, 0 not assessed" in out
    assert cli("eval", "evals/own", "--limit", "0").code == 2


def test_a_failing_model_is_never_a_score(cli, dataset, configured):
    configured.script(then=behaviours.status(500))
    result = cli("eval", dataset, "--engine", "llm", "--format", "json")
    assert result.code == 3
    assert result.json["scores"]["assessed"] == 0
    assert result.json["results"][0]["said"]["strength"] is None
    assert "canary" not in result.out + result.err


def test_ctrl_c_ends_with_130_and_leaves_no_half_a_report(configured, dataset, tmp_path):
    configured.script(then=behaviours.hang)
    options = ("--engine", "llm", "--output", tmp_path / "out.txt")
    with subprocess.Popen(command_line("eval", dataset, *options), stderr=subprocess.PIPE) as process:
        while process.poll() is None and not configured.requests:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, b"")
    assert not list(tmp_path.glob("*out.txt*"))


def test_the_rules_are_evaluated_without_model_service_or_database(dataset):
    assert not modules_after("eval", str(dataset), "--engine", "rules") & HEAVY


def test_the_report_is_made_of_files_alone_and_the_same_but_for_the_time(tmp_path):
    texts = []
    for seed in ("1", "2"):
        path = tmp_path / f"{seed}.md"
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        program = [sys.executable, "evals/report.py", "--evals", str(_small_evals(tmp_path / seed)), "--output", path]
        subprocess.run(program, env=environment, timeout=100, check=True, capture_output=True)
        texts.append(re.sub(r"(?m)^- time: .*$", "", path.read_text(encoding="utf-8")))
    assert texts[0] == texts[1]
    assert "## Which targets are met" in texts[0]
    assert "over-fitted" in texts[0]


def test_the_report_on_a_model_sets_it_beside_the_rules_and_beside_models_that_do_not_read(model_server, tmp_path):
    dataset = _small_evals(tmp_path) / "dev"
    report = tmp_path / "report.md"
    environment = {**os.environ, "OPENAI_BASE_URL": model_server.url, "OPENAI_MODEL": "test-model"}
    options = ["--dataset", str(dataset), "--limit", "2", "--repeat", "2", "--output", str(report)]
    program = [sys.executable, "-m", "evals.report_llm", *options]
    done = subprocess.run(program, env=environment, timeout=100, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(model_server.requests) == 4
    text = report.read_text(encoding="utf-8")
    assert "- model: test-model" in text
    assert "## Test-retest over 2 runs" in text
    assert re.search(r"\| tokens in \| 4800 \|", text)
    rows = [line for line in text.splitlines() if re.match(r"\| (at random|always|test-model)", line)]
    assert len(rows) == 9
    assert all(row.endswith("| none |") for row in rows)


def test_a_model_that_fails_is_told_with_the_kind_of_failure(model_server, tmp_path):
    model_server.script(then=behaviours.answer("no JSON"))
    dataset = _small_evals(tmp_path) / "dev"
    environment = {**os.environ, "OPENAI_BASE_URL": model_server.url, "COACH_MAX_ATTEMPTS": "1"}
    program = [sys.executable, "-m", "evals.report_llm", "--dataset", str(dataset), "--output", str(tmp_path / "r.md")]
    done = subprocess.run(program, env=environment, timeout=100, check=False, capture_output=True)
    assert done.returncode == 3
    text = (tmp_path / "r.md").read_text(encoding="utf-8")
    assert "| stories not assessed, first run | 3 of 3 |" in text
    assert "| invalid-output | 3 |" in text
    assert text.rstrip().endswith("| nothing to compare |")


def _small_evals(folder):
    """Return the first stories of each set, with everything that the report reads."""
    for name in ("dev", "messy", "own", "principles"):
        source = Path("evals", name)
        labels = "heldout.jsonl" if name == "principles" else "labels.jsonl"
        lines = (source / labels).read_text(encoding="utf-8").splitlines(keepends=True)[:3]
        (folder / name / "stories").mkdir(parents=True)
        (folder / name / labels).write_text("".join(lines), encoding="utf-8")
        if name == "principles":
            continue
        for line in lines:
            shutil.copy(source / "stories" / f"{json.loads(line)['id']}.md", folder / name / "stories")
        if name != "own":
            shutil.copy(source / "agreement.json", folder / name)
    shutil.copytree("evals/targets", folder / "targets")
    shutil.copy("evals/leave-one-out.jsonl", folder)
    return folder
