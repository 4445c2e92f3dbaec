"""A provider's files and batches on a real socket: takes a file, answers it line by line, and keeps count."""

import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from tests.faults import behaviours
from tests.faults.server import Exchange, Request

_FILE = re.compile(rb'filename="[^"]*"\r\n(?:[^\r\n]+\r\n)*\r\n(.*)\r\n--', re.DOTALL)
Line = Callable[[Request], dict[str, Any]]


def answered(request: Request) -> dict[str, Any]:
    """Return what a well-behaved model's line holds."""
    body = behaviours.completion(behaviours.sensible_answer(request))
    return {"response": {"status_code": 200, "request_id": "req-1", "body": body}, "error": None}


def with_body(body: Any, status: int = 200) -> Line:
    """Return a line with this reply."""
    return lambda _: {"response": {"status_code": status, "request_id": "req-1", "body": body}, "error": None}


class BatchApi:
    """The provider's side; `handle` is the default behaviour of a `ModelServer`.

    Attributes:
        polls: So many looks at a batch find it at work.
        status: What becomes of batches.
        answer: Makes a line from a question; answers of what is not to be answered are left out.
        answers: So many of a batch's questions are answered.
        stop_at: After this step nothing is said any more, and `stopped` is set.
        asked: How often each question was carried out, by the part of its id that stands for it.
    """

    def __init__(self) -> None:
        self.polls = 1
        self.status = "completed"
        self.errors: Any = None
        self.answer: Line = answered
        self.answers = 10**9
        self.stop_at: str | None = None
        self.stopped = threading.Event()
        self.files: dict[str, bytes] = {}
        self.batches: dict[str, dict[str, Any]] = {}
        self.asked: Counter[str] = Counter()
        self.lines: list[dict[str, Any]] = []
        self.steps: list[str] = []
        self._number = 0

    async def handle(self, exchange: Exchange) -> None:
        """Carry out one request."""
        request = exchange.request
        path = request.path.partition("?")[0].removeprefix("/v1/")
        step, reply = self._carry_out(request, path)
        self.steps.append(step)
        if step == self.stop_at:
            self.stopped.set()
            if step == "content":
                await exchange.send(exchange.head(200, {"content-length": "100000"}) + b'{"id')
            await behaviours.hang(exchange)
            return
        if isinstance(reply, bytes):
            await exchange.reply(200, reply, {"content-type": "application/octet-stream"})
        elif reply is None:
            await exchange.reply(404, b'{"error": {"message": "no such thing", "code": null}}')
        else:
            await exchange.reply(200, json.dumps(reply).encode())

    def _carry_out(self, request: Request, path: str) -> tuple[str, Any]:
        match request.method, path.split("/"):
            case "POST", ["files"]:
                found = "upload", self._upload(request)
            case "POST", ["batches"]:
                found = "create", self._create(request.json)
            case "GET", ["batches"]:
                found = "list", self._list(request.path)
            case "GET", ["batches", name]:
                found = "poll", self._look(name)
            case "GET", ["files", name, "content"]:
                found = "content", self.files.get(name)
            case "DELETE", ["files", name]:
                found = "delete", self._delete(name)
            case _:
                found = "unknown", None
        return found

    def _delete(self, name: str) -> dict[str, Any]:
        return {"id": name, "object": "file", "deleted": self.files.pop(name, None) is not None}

    def _name(self, kind: str) -> str:
        self._number += 1
        return f"{kind}_{self._number}"

    def _upload(self, request: Request) -> dict[str, Any]:
        assert b'name="purpose"\r\n\r\nbatch\r\n' in request.body
        found = _FILE.search(request.body)
        assert found is not None
        name = self._name("file")
        self.files[name] = found[1]
        return {"id": name, "object": "file", "bytes": len(found[1]), "created_at": int(time.time())}

    def _create(self, body: dict[str, Any]) -> dict[str, Any] | None:
        assert (body["endpoint"], body["completion_window"]) == ("/v1/chat/completions", "24h")
        if body["input_file_id"] not in self.files:
            return None
        name = self._name("batch")
        self.batches[name] = {
            "id": name,
            "object": "batch",
            "status": "validating",
            "created_at": int(time.time()),
            "polls": 0,
            **body,
        }
        return self.batches[name]

    def _list(self, path: str) -> dict[str, Any]:
        found = list(reversed(self.batches.values()))
        after = re.search(r"after=(\w+)", path)
        if after:
            found = found[[batch["id"] for batch in found].index(after[1]) + 1 :]
        return {"object": "list", "data": found[:2], "has_more": len(found) > 2}

    def _look(self, name: str) -> dict[str, Any] | None:
        batch = self.batches.get(name)
        if batch is None:
            return None
        batch["polls"] += 1
        if batch["polls"] > self.polls and batch["status"] in {"validating", "in_progress"}:
            self._finish(batch)
        elif batch["status"] == "validating":
            batch["status"] = "in_progress"
        return batch

    def _finish(self, batch: dict[str, Any]) -> None:
        batch["status"], batch["errors"] = self.status, self.errors
        if self.status == "failed":
            return
        outputs: list[dict[str, Any]] = []
        errors: list[dict[str, Any]] = []
        for number, text in enumerate(self.files[batch["input_file_id"]].splitlines()):
            line = json.loads(text)
            self.lines.append(line)
            if number >= self.answers:
                if self.status == "expired":
                    error = {"code": "batch_expired", "message": "This request could not be executed in time."}
                    errors.append({"custom_id": line["custom_id"], "response": None, "error": error})
                continue
            request = Request("POST", line["url"], {}, json.dumps(line["body"]).encode())
            self.asked[line["custom_id"][:43]] += 1
            told = {"id": "x", "custom_id": line["custom_id"], **self.answer(request)}
            (outputs if _succeeded(told) else errors).append(told)
        for key, lines in (("output_file_id", outputs), ("error_file_id", errors)):
            if lines:
                batch[key] = self._name("file")
                self.files[batch[key]] = b"".join(json.dumps(line).encode() + b"\n" for line in reversed(lines))


def _succeeded(told: dict[str, Any]) -> bool:
    return told["response"] is not None and told["response"]["status_code"] == 200
