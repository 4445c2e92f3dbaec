"""A slow model in a process of its own that answers each tool in the form it asks for, and tells what it was sent."""

import json
import sys
from typing import Any

from tests.faults import behaviours as do
from tests.faults.server import Exchange, ModelServer, Request

_VERDICT = json.dumps({"reason": "The outcome is told with a number.", "pass": True, "score": 0.8})
_GRADE = "The outcome is told with a number.\n\nGRADE: C"


def answer(request: Request) -> str:
    """Return the text that the caller can read: findings, a letter or a verdict."""
    if do.read_story(request) is not None:
        return do.sensible_answer(request)
    return _GRADE if "GRADE: $LETTER" in request.prompt else _VERDICT


class Desk:
    """Answers after a while, and counts; a GET tells the counts and starts them anew."""

    def __init__(self, thinking_s: float) -> None:
        self._think = do.slow(thinking_s, do.answer_with(answer))
        self._clear()

    async def behave(self, exchange: Exchange) -> None:
        """Answer a request."""
        if exchange.request.method == "GET":
            counts = {"requests": self._requests, "sent_bytes": self._sent_bytes, "most_at_once": self._most}
            self._clear()
            await do.body(counts)(exchange)
            return
        self._requests += 1
        self._sent_bytes += len(exchange.request.body)
        self._now += 1
        self._most = max(self._most, self._now)
        try:
            await self._think(exchange)
        finally:
            self._now -= 1

    def _clear(self) -> None:
        self._requests = self._sent_bytes = self._now = self._most = 0


def main(thinking_s: Any) -> None:
    """Serve until stdin is closed; the address is the first line of stdout."""
    with ModelServer(Desk(float(thinking_s)).behave) as server:
        print(server.url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1])
