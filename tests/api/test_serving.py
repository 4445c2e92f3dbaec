"""The service on a real socket: limits of the wire, clients that leave, and the end."""

import asyncio
import http.client
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pydantic import SecretStr

from app.errors import CoachError, Misconfigured
from app.http import wire
from app.http.examples import STORY
from app.http.serve import listen, serve
from app.settings import Settings
from app.store import Store
from tests.api.conftest import Headers
from tests.api.live import serving
from tests.faults import behaviours as do
from tests.faults.server import ModelServer


@pytest.fixture(params=["sqlite"])
def database_url(sqlite_url: str) -> str:
    """The wire is the same on every database."""
    return sqlite_url


@pytest.fixture
def with_model(settings: Settings, model_server: ModelServer) -> Settings:
    return settings.model_copy(update={"base_url": model_server.url, "max_assessments": 40, "max_model_calls": 40})


@pytest.fixture
def port(settings: Settings) -> Iterator[int]:
    with serving(settings) as port:
        yield port


def ask(port: int, method: str, path: str, *, body: object = None, headers: Headers | None = None):
    """Return status, headers and parsed body of one request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        content = json.dumps(body).encode() if body is not None else None
        kind = {"Content-Type": "application/json"} if content else {}
        connection.request(method, path, content, {**kind, **(headers or {})})
        answer = connection.getresponse()
        return answer.status, answer.headers, json.loads(answer.read())
    finally:
        connection.close()


def converse(port: int, *parts: bytes) -> tuple[str, dict[str, str], dict[str, Any]]:
    """Send bytes as they are; return the status line, the headers and the parsed body of what comes back."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as wire_:
        for part in parts:
            wire_.sendall(part)
        received = b""
        while more := wire_.recv(65536):
            received += more
    head, _, body = received.decode("latin-1").partition("\r\n\r\n")
    status, *lines = head.split("\r\n")
    return status, {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}, json.loads(body)


def raw_post(headers: Headers, body: object) -> bytes:
    content = json.dumps(body).encode()
    lines = {**headers, "Host": "x", "Content-Type": "application/json", "Content-Length": str(len(content))}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"POST /v1/assessments HTTP/1.1\r\n{head}\r\n".encode() + content


def wait_until(condition: Callable[[], bool], longest_s: float = 20.0) -> None:
    until = time.monotonic() + longest_s
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.005)


def test_a_model_is_asked_and_its_findings_are_kept(with_model: Settings, ann: Headers):
    with serving(with_model) as port:
        assert ask(port, "GET", "/readyz")[2]["model"] == "configured"
        status, _, body = ask(port, "POST", "/v1/assessments", body=STORY, headers=ann)
        assert status == 201
        assert body["provenance"]["engine"] == "llm"
        assert ask(port, "GET", f"/v1/assessments/{body['id']}", headers=ann)[2] == body


@pytest.mark.parametrize(
    ("behaviour", "status", "kind", "code", "retryable"),
    [
        (do.status(429, headers={"retry-after": "8259"}), 503, "model-unavailable", "rate-limited", True),
        (do.status(500), 503, "model-unavailable", "provider-unavailable", True),
        (do.status(429, {"code": "insufficient_quota"}), 503, "provider-quota", "provider-quota", False),
        (do.status(401), 500, "misconfigured", "key-refused", False),
        (do.raw(b"<html>", headers={"content-type": "text/html"}), 502, "model-misbehaved", "bad-response", False),
        (do.answer("{}"), 502, "model-misbehaved", "invalid-output", False),
    ],
    ids=["rate-limit", "500", "quota", "key", "html", "invalid"],
)
def test_a_failed_model_yields_a_problem_and_nothing_is_stored(  # noqa: PLR0913, PLR0917 - a row of the table
    with_model: Settings, model_server: ModelServer, ann: Headers, behaviour, status, kind, code, retryable
):
    model_server.script(then=behaviour)
    with serving(with_model.model_copy(update={"max_attempts": 1})) as port:
        answered, headers, body = ask(port, "POST", "/v1/assessments", body=STORY, headers=ann)
        assert (answered, body["type"], body["code"]) == (status, f"/problems/{kind}", code)
        assert body["retryable"] is retryable
        if code == "rate-limited":
            assert headers["Retry-After"] == "8259"
        assert ask(port, "GET", "/v1/stories", headers=ann)[2]["items"] == []
        assert ask(port, "GET", "/v1/assessments", headers=ann)[2]["items"] == []


def test_a_client_that_leaves_stops_the_model_call(with_model: Settings, model_server: ModelServer, ann: Headers):
    model_server.script(then=do.hang)
    with serving(with_model) as port:
        for round_ in range(20):
            asked = 10 * (round_ + 1)
            clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(10)]
            for client in clients:
                client.sendall(raw_post(ann, STORY))
            wait_until(lambda asked=asked: len(model_server.requests) == asked)
            for client in clients:
                client.close()
            assert all(request.closed.wait(10) for request in model_server.requests)
        model_server.script(then=do.answer_sensibly)
        status, _, _ = ask(port, "POST", "/v1/assessments", body=STORY, headers=ann)
        assert status == 201
        assert len(ask(port, "GET", "/v1/stories", headers=ann)[2]["items"]) == 1


def test_no_answer_names_the_server(port: int):
    _, headers, _ = ask(port, "GET", "/healthz")
    assert "server" not in headers


@pytest.mark.parametrize(
    "bytes_",
    [b"hello\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x02\x00\x01", b"GET /\x00 HTTP/1.1\r\n\r\n"],
)
def test_bytes_that_are_no_http_are_answered_with_a_problem(port: int, bytes_: bytes):
    status, headers, body = converse(port, bytes_)
    assert status == "HTTP/1.1 400 Bad Request"
    assert headers["content-type"] == "application/problem+json"
    assert headers["x-content-type-options"] == "nosniff"
    assert body["type"] == "/problems/malformed-request"


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * 40_000,
        b"GET / HTTP/1.1\r\n" + b"X-Many: x\r\n" * 4_000,
        b"GET /" + b"x" * 40_000,
    ],
    ids=["one-header", "many-headers", "address"],
)
def test_headers_without_an_end_are_cut_off(port: int, head: bytes):
    status, headers, body = converse(port, head)
    assert status.startswith("HTTP/1.1 431 ")
    assert headers["connection"] == "close"
    assert body["type"] == "/problems/headers-too-large"


def test_headers_that_never_come_are_not_waited_for(settings: Settings, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(wire, "HEADER_TIMEOUT_S", 0.2)
    with serving(settings) as port:
        whole = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        for bytes_, refusals in ((b"", 0), (b"GET /healthz HTTP/1.1\r\nHost:", 1), (whole + b"GET /hea", 1)):
            with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
                client.sendall(bytes_)
                received = b""
                while more := client.recv(65536):
                    received += more
            assert received.count(b"HTTP/1.1 200 OK") == bytes_.count(whole)
            assert received.count(b"HTTP/1.1 408 Request Timeout") == refusals


def test_a_body_without_an_end_is_cut_off_without_being_kept(port: int):
    status, headers, body = converse(
        port,
        b"POST /v1/assessments HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n",
        *[b"10000\r\n" + b"x" * 0x10000 + b"\r\n"] * 6,
    )
    assert status.startswith("HTTP/1.1 413 ")
    assert headers["content-type"] == "application/problem+json"
    assert body["type"] == "/problems/body-too-large"


def test_a_connection_serves_many_requests(port: int):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for _ in range(20):
        connection.request("GET", "/healthz")
        assert connection.getresponse().read().startswith(b'{"status":"alive"')
    connection.close()


def test_many_callers_at_once_all_get_their_own_answer(port: int, ann: Headers, ben: Headers):
    def work(number: int) -> bool:
        key = ann if number % 2 else ben
        body = {**STORY, "title": f"Story {number}"}
        status, _, made = ask(port, "POST", "/v1/assessments", body=body, headers=key)
        seen = ask(port, "GET", f"/v1/assessments/{made['id']}", headers=key)[2]
        return status == 201 and seen == made and made["story"]["title"] == f"Story {number}"

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(24)))


def test_what_is_under_way_is_finished_before_the_end(with_model: Settings, model_server: ModelServer, ann: Headers):
    model_server.script(then=do.slow(1.0))
    answers: list[int] = []
    with serving(with_model) as port:
        caller = threading.Thread(
            target=lambda: answers.append(ask(port, "POST", "/v1/assessments", body=STORY, headers=ann)[0])
        )
        caller.start()
        wait_until(lambda: len(model_server.requests) == 1)
    caller.join()
    assert answers == [201]
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_process_in_order(settings: Settings, number: signal.Signals):
    code = (
        "from app.http.serve import run; from app.settings import Settings; import sys; "
        "run(Settings(database_url=sys.argv[1], port=0)); print('ended')"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, settings.database_url.get_secret_value()],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    first = process.stderr.readline()
    assert "listening on http://127.0.0.1:" in first
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, "ended\n")
    assert "Traceback" not in err


def start(settings: Settings) -> CoachError:
    with pytest.raises(CoachError) as caught:
        asyncio.run(serve(settings, lambda *_: pytest.fail("it started")))
    return caught.value


def test_an_address_that_is_taken_is_named(settings: Settings):
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        error = start(settings.model_copy(update={"port": port}))
    assert isinstance(error, Misconfigured)
    assert error.detail == f"can't listen on 127.0.0.1 port {port}: Address already in use"


def test_an_answer_is_not_held_back_to_be_sent_with_the_next():
    with listen("127.0.0.1", 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP  # what asyncio looks at before it turns off Nagle's delay


def test_a_service_refuses_to_start_on_a_schema_that_is_not_its_own(tmp_path, settings: Settings):
    error = start(settings.model_copy(update={"database_url": SecretStr(f"sqlite:///{tmp_path}/other.db")}))
    assert isinstance(error, Misconfigured)
    assert "db upgrade" in error.detail


def test_the_embedded_database_is_made_and_upgraded_at_start(tmp_path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    settings = Settings(api_key=None, base_url=None)
    assert str(tmp_path) in settings.database_url.get_secret_value()
    with serving(settings.model_copy(update={"port": 0})) as port:
        assert ask(port, "GET", "/readyz")[2]["status"] == "ready"


def test_a_broken_rubric_stops_the_start(tmp_path, settings: Settings):
    (tmp_path / "leadership-principles").mkdir()
    (tmp_path / "leadership-principles" / "v1.yaml").write_text("name: [")
    error = start(settings.model_copy(update={"rubrics_dir": tmp_path}))
    assert error.slug == "broken-catalog"
    assert "v1.yaml:2" in error.detail


def test_webhooks_without_a_secret_stop_the_start(settings: Settings):
    error = start(settings.model_copy(update={"webhook_hosts": ("hooks.example.com",)}))
    assert isinstance(error, Misconfigured)
    assert "COACH_WEBHOOK_SECRET" in error.detail


def test_making_the_application_opens_nothing(tmp_path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COACH_DATABASE_URL", f"sqlite:///{tmp_path}/none.db")
    monkeypatch.setattr(Store, "open", lambda _: pytest.fail("opened"))
    code = "from app.main import create_app; create_app()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert not list(tmp_path.iterdir())
