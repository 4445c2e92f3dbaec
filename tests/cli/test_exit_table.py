"""The table of exit codes in the docs, row by row, each with a command in a process of its own."""

import re
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.cli.conftest import STRONG, WEAK, command_line
from tests.cli.terminals import at_terminal
from tests.faults import behaviours
from tests.faults.server import ModelServer

_ROW = re.compile(r"^\| (\d+) \| (.+) \|$", re.MULTILINE)
DOCUMENTED = [(when, int(code)) for code, when in _ROW.findall(Path("docs/gates.md").read_text(encoding="utf-8"))]


class Place(NamedTuple):
    """A folder to work in, and a model server that the environment names only where a case says so."""

    folder: Path
    server: ModelServer
    monkeypatch: pytest.MonkeyPatch

    def score(self, *arguments: object) -> int:
        return subprocess.run(
            command_line("score", *arguments), capture_output=True, timeout=60, check=False, stdin=subprocess.DEVNULL
        ).returncode

    def configure(self) -> None:
        for name, value in (("BASE_URL", self.server.url), ("API_KEY", "sk-test"), ("MODEL", "gpt-5-mini")):
            self.monkeypatch.setenv(f"COACH_{name}", value)

    def write(self, name: str, content: bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content)
        return path


CASES: dict[str, Callable[[Place], int]] = {}


def case(when: str) -> Callable[[Callable[[Place], int]], Callable[[Place], int]]:
    """Name the row that a case shows."""

    def keep(show: Callable[[Place], int]) -> Callable[[Place], int]:
        CASES[when] = show
        return show

    return keep


@case("everything was assessed and reaches every threshold")
def passed(place: Place) -> int:
    return place.score(STRONG, "--fail-on", "error", "--min-strength", "4")


@case("`--changed-since` finds stories, and none has changed")
def unchanged(place: Place) -> int:
    stories = place.write("a.md", STRONG.read_bytes()).parent
    identity = ("-c", "user.name=t", "-c", "user.email=t@localhost")
    for arguments in (("init", "-q"), ("add", "."), (*identity, "commit", "-q", "-m", "x")):
        subprocess.run(["git", *arguments], cwd=stories, check=True)
    return place.score(stories, "--changed-since", "HEAD")


@case("`--dry-run` has told what the run would take")
def foreseen(place: Place) -> int:
    return place.score(WEAK, "--fail-on", "error", "--dry-run")


@case("everything was assessed, and a story is below a threshold")
def below(place: Place) -> int:
    return place.score(STRONG, WEAK, "--fail-on", "error")


@case("everything was assessed, and the run as a whole is below a threshold")
def below_together(place: Place) -> int:
    return place.score(STRONG, WEAK, "--min-mean-strength", "4.5")


@case("an option or its value is wrong")
def wrong(place: Place) -> int:
    return place.score(STRONG, "--min-strength", "6")


@case("a `coach.toml`, a baseline, an ignore file or a revision can't be used")
def broken(place: Place) -> int:
    return place.score(STRONG, "--config", place.write("coach.toml", b"fail-on = 'fatal'\n"))


@case("no model can be asked: none is configured, or its endpoint refuses the key")
def refused(place: Place) -> int:
    place.configure()
    place.server.script(then=behaviours.status(401))
    return place.score(STRONG, WEAK)


@case("nothing that was named could be read, or there are no stories in it")
def nothing(place: Place) -> int:
    assert place.score(place.folder) == 2
    return place.score(place.folder / "nowhere.md")


@case("a story could not be read, whatever the others got")
def unreadable(place: Place) -> int:
    return place.score(WEAK, place.write("a.md", b"\xff"), "--fail-on", "error")


@case("a story could not be assessed, or only in part, whatever the others got")
def unassessed(place: Place) -> int:
    return place.score(WEAK, place.write("a.md", b"I did it."), "--fail-on", "error")


@case("the budget was used up before the last story")
def spent(place: Place) -> int:
    place.configure()
    return place.score(STRONG, WEAK, "--max-cost-usd", "0.001")


@case("a report could not be written to its end")
def full(place: Place) -> int:
    del place
    command = ["bash", "-c", 'exec "$@" >/dev/full', "bash", *command_line("score", STRONG)]
    return subprocess.run(command, capture_output=True, timeout=60, check=False).returncode


@case("stopped by Ctrl-C; what is done is printed first")
def stopped(place: Place) -> int:
    place.configure()
    place.server.script(behaviours.answer_sensibly, then=behaviours.hang)
    with subprocess.Popen(
        command_line("score", STRONG, WEAK, "--jobs", "1", "--format", "jsonl"), stdout=subprocess.PIPE
    ) as process:
        place.server.wait_for_requests(2, longest_s=60)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
    assert len(out.splitlines()) == 1
    return process.returncode


@case("`--watch` was ended, as it always is, by Ctrl-C")
def watched(place: Place) -> int:
    del place
    with subprocess.Popen(
        command_line("score", STRONG, "--watch"), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, bufsize=0
    ) as process:
        assert process.stderr is not None
        process.stderr.read(1)  # it tells that it watches
        process.send_signal(signal.SIGINT)
        return process.wait(timeout=60)


@case("somebody said no when a terminal asked about the cost")
def declined(place: Place) -> int:
    place.configure()
    code = at_terminal("score", WEAK, "--max-cost-usd", "0.001", typed="n\n").code
    assert place.server.connections == 0
    return code


def test_every_row_of_the_docs_has_a_case():
    assert len(DOCUMENTED) == len(CASES)
    assert {when for when, _ in DOCUMENTED} == set(CASES)


@pytest.mark.parametrize(("when", "code"), DOCUMENTED)
def test_the_docs_tell_the_exit_code(when, code, tmp_path, model_server, monkeypatch):
    assert CASES[when](Place(tmp_path, model_server, monkeypatch)) == code
