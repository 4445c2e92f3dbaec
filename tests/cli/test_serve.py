"""`star-coach serve` in a process of its own."""

import re
import signal
import subprocess
from contextlib import contextmanager

import httpx
import pytest

from tests.cli.conftest import command_line

LISTENING = re.compile(r"listening on (http://127\.0\.0\.1:\d+),")


@contextmanager
def serving(*options):
    """Run the service on a free port; give its process and its address once it listens."""
    with subprocess.Popen(command_line("serve", "--port", 0, *options), stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            url = next(found[1] for line in process.stderr if (found := LISTENING.search(line)))
            yield process, url
        finally:
            process.kill()


def test_the_service_answers_until_it_is_told_to_stop():
    with serving() as (process, url):
        assert httpx.get(f"{url}/healthz", timeout=10).json()["status"] == "alive"
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        assert "Traceback" not in "".join(process.stderr or ())


@pytest.fixture
def other_database(monkeypatch, tmp_path):
    """A database that is not the user's own embedded one."""
    monkeypatch.setenv("COACH_DATABASE_URL", f"sqlite:///{tmp_path}/other.db")


@pytest.mark.usefixtures("other_database")
def test_another_database_is_upgraded_only_when_asked_for(command):
    refused = command("serve", "--port", 0)
    assert refused.code == 2
    assert "star-coach db upgrade" in refused.err
    assert refused.err.count("\n") == 1
    with serving("--upgrade") as (_, url):
        assert httpx.get(f"{url}/readyz", timeout=10).status_code == 200


def test_an_address_that_is_taken_is_told(command):
    with serving() as (_, url):
        result = command("serve", "--port", url.rsplit(":", 1)[1])
    assert result.code == 2
    assert "can't listen on 127.0.0.1 port" in result.err
    assert "Traceback" not in result.err
