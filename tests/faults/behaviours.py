"""What a model server does with a request: answer well, answer badly, or not at all."""

import asyncio
import json
import re
import time
import zlib
from typing import Any

from tests.faults.server import Behaviour, Exchange, Request

_STORY = re.compile(r"<story-([0-9a-f]+)>\n(.*)\n</story-\1>")
_SIGNAL = re.compile(r"^## `([a-z0-9-]+)`.*?^- `([a-z0-9-]+)`:", re.MULTILINE | re.DOTALL)
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]?")
USAGE = {"prompt_tokens": 1200, "completion_tokens": 80, "total_tokens": 1280}


def completion(
    content: Any = "",
    *,
    finish_reason: str = "stop",
    message: Any = None,
    usage: Any = USAGE,
    model: Any = "test-model",
) -> dict[str, Any]:
    """Return a chat completion around an answer's text."""
    inner = message if message is not None else {"role": "assistant", "content": content}
    choice = {"index": 0, "finish_reason": finish_reason, "message": inner}
    return {"id": "c-1", "object": "chat.completion", "created": 1, "model": model, "choices": [choice], "usage": usage}


def read_story(request: Request) -> str | None:
    """Return the story in a request's prompt, or None when there is none."""
    found = _STORY.search(request.prompt)
    return json.loads(found[2]) if found else None


def findings(
    *,
    signals: list[dict[str, Any]] | None = None,
    gaps: list[dict[str, Any]] | None = None,
    parts: list[dict[str, str]] | None = None,
) -> str:
    """Return an answer's text with these findings, which are there unless they say otherwise."""
    listed = {
        name: [{"present": True, **one} for one in found or []]
        for name, found in (("signals", signals), ("gaps", gaps))
    }
    return json.dumps({"parts": parts or [], **listed})


def _sentences_of(request: Request) -> list[str]:
    story = read_story(request) or ""
    return [text.strip() for text in _SENTENCE.findall(story) if len(text.split()) >= 4]


def sensible_findings(request: Request) -> str:
    """Return what a fair reader could note: the first own action as a signal, the end as lacking a lesson."""
    sentences = _sentences_of(request)
    named = _SIGNAL.search(request.prompt)
    if not sentences or named is None:
        return findings()
    own = next((text for text in sentences if re.search(r"\bI\b", text)), sentences[0])
    signal = {"quote": own, "reason": "own deed", "principle": named[1], "signal": named[2]}
    gap = {"quote": sentences[-1], "reason": "nothing is said of a lesson", "code": "no-learning"}
    return findings(signals=[signal], gaps=[gap])


def sensible_answer(request: Request) -> str:
    """Return what a fair reader could answer to any sheet."""
    form = request.json.get("response_format", {}).get("json_schema", {})
    if form.get("name", "findings") == "findings":
        return sensible_findings(request)
    sentences = _sentences_of(request)
    own = next((text for text in sentences if re.search(r"\bI\b", text)), sentences[0])
    fields = form["schema"]["properties"]
    if form["name"] == "follow_ups":
        probe = {"quote": own, "reason": "r", "question": "What else could you have done?"}
        return json.dumps({"probes": [probe], "unproven": []})
    no = {"quote": "", "reason": "not told", "present": False}
    answer: dict[str, Any] = {"parts": []} if "parts" in fields else {}
    for field in fields.keys() - {"parts"}:
        names = fields[field]["required"]
        told = {"no-learning": sentences[-1]} if field == "gaps" else {names[0]: own}
        answer[field] = {name: {**no, "quote": told[name], "present": True} if name in told else no for name in names}
    return json.dumps(answer)


async def answer_sensibly(exchange: Exchange) -> None:
    """Answer a story with findings that quote it; list one model when asked for the models."""
    if exchange.request.method == "GET":
        body: Any = {"object": "list", "data": [{"id": "test-model", "object": "model"}]}
    else:
        body = completion(sensible_answer(exchange.request))
    await exchange.reply(200, json.dumps(body).encode())


def raw(body: bytes, *, status: int = 200, headers: dict[str, str] | None = None) -> Behaviour:
    """Reply with these very bytes."""

    async def behave(exchange: Exchange) -> None:
        await exchange.reply(status, body, headers)

    return behave


def body(value: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> Behaviour:
    """Reply with a value as JSON."""
    return raw(json.dumps(value).encode(), status=status, headers=headers)


def answer(content: Any, **options: Any) -> Behaviour:
    """Reply with a chat completion around this text."""
    return body(completion(content, **options))


def answer_with(make: Any, **options: Any) -> Behaviour:
    """Reply with a chat completion around a text made from the request."""

    async def behave(exchange: Exchange) -> None:
        value = completion(make(exchange.request), **options)
        await exchange.reply(200, json.dumps(value).encode())

    return behave


def status(code: int, error: Any = None, *, headers: dict[str, str] | None = None) -> Behaviour:
    """Reply with an error in the usual envelope."""
    inner = error if error is not None else {"message": "no", "type": "error", "code": None}
    return body({"error": inner}, status=code, headers=headers)


def refuse_parameter(name: str, message: str | None = None) -> Behaviour:
    """Reply as a service does that does not take a parameter."""
    text = message or f"Unsupported parameter: '{name}' is not supported with this model."
    return status(
        400, {"message": text, "type": "invalid_request_error", "param": name, "code": "unsupported_parameter"}
    )


async def hang(exchange: Exchange) -> None:
    """Say nothing."""
    await exchange.wait_for_hang_up()


def slow(seconds: float, then: Behaviour = answer_sensibly) -> Behaviour:
    """Think for a while first."""

    async def behave(exchange: Exchange) -> None:
        await asyncio.sleep(seconds)
        await then(exchange)

    return behave


async def drip(exchange: Exchange) -> None:
    """Send a good answer so slowly that it never ends, yet no single read is slow."""
    value = json.dumps(completion(sensible_findings(exchange.request))).encode()
    await exchange.send(exchange.head(200, {"content-length": str(len(value))}))
    for place in range(len(value)):
        if exchange.over:
            return
        await exchange.send(value[place : place + 1])
        await asyncio.sleep(0.02)


async def cut(exchange: Exchange) -> None:
    """Promise more than is sent, then hang up."""
    value = json.dumps(completion(sensible_findings(exchange.request))).encode()
    await exchange.send(exchange.head(200, {"content-length": str(len(value))}) + value[:40])
    exchange.hang_up()


async def reset_before_headers(exchange: Exchange) -> None:
    """Cut the wire without a word."""
    exchange.reset()


async def reset_after_headers(exchange: Exchange) -> None:
    """Cut the wire after the headers."""
    await exchange.send(exchange.head(200, {"content-length": "500"}) + b'{"id": ')
    await asyncio.sleep(0.02)
    exchange.reset()


async def half_a_stream(exchange: Exchange) -> None:
    """Stream although nobody asked for it, and stop before the end."""
    event = b'data: {"choices":[{"index":0,"delta":{"content":"{"}}]}\n\n'
    await exchange.reply(200, event, {"content-type": "text/event-stream"})


def redirect(code: int, url: str) -> Behaviour:
    """Point to another address."""
    return raw(b"", status=code, headers={"location": url})


def huge(megabytes: int) -> Behaviour:
    """Send a body that never seems to end."""

    async def behave(exchange: Exchange) -> None:
        await exchange.send(exchange.head(200, {"content-length": str(megabytes * 2**20)}))
        for _ in range(megabytes):
            if exchange.over:
                return
            await exchange.send(b" " * 2**20)

    return behave


def gzip_bomb(megabytes: int) -> Behaviour:
    """Send a small body that unpacks into a huge one."""
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)  # thrice as quick as the best, and a bomb all the same
    packed = b"".join([packer.compress(b" " * 2**20) for _ in range(megabytes)] + [packer.flush()])
    return raw(packed, headers={"content-encoding": "gzip"})


async def answer_packed(exchange: Exchange) -> None:
    """Answer well, compressed."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    value = json.dumps(completion(sensible_findings(exchange.request))).encode()
    await exchange.reply(200, packer.compress(value) + packer.flush(), {"content-encoding": "gzip"})


def by_model(behaviours: dict[str, Behaviour]) -> Behaviour:
    """Do something else for each model; a model that is not named answers sensibly, under its own name."""

    async def behave(exchange: Exchange) -> None:
        model = exchange.request.json["model"]
        named = behaviours.get(model, answer_with(sensible_findings, model=model))
        await named(exchange)

    return behave


class RateLimit:
    """A server that keeps a limit a minute: a bucket that holds a tenth of it, and headers that tell what is left.

    Args:
        limit: Requests a minute.
        then: What happens to a request within the limit.
    """

    def __init__(self, limit: int, then: Behaviour = answer_sensibly) -> None:
        self._limit = limit
        self._level = limit / 10
        self._filled_at = time.monotonic()
        self._then = then
        self.refused = 0

    async def __call__(self, exchange: Exchange) -> None:
        now = time.monotonic()
        self._level = min(self._limit / 10, self._level + (now - self._filled_at) * self._limit / 60)
        self._filled_at = now
        exchange.always = {
            "x-ratelimit-limit-requests": str(self._limit),
            "x-ratelimit-remaining-requests": str(max(0, int(self._level - 1))),
        }
        if self._level < 1:
            self.refused += 1
            await status(429, headers={"retry-after-ms": "500"})(exchange)
            return
        self._level -= 1
        await self._then(exchange)
