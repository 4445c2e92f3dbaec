"""Who may be assessed now while the caller waits: so many at once, a share for each user, and not for long."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple

from app.errors import LimitExceeded, ModelUnavailable

_OF_ALL = 4  # one place in so many is kept from a user who has all the others
_SHORTEST_WISH_S = 1.0
_LONGEST_WISH_S = 30.0
_WEIGHT = 0.1  # of the newest assessment in the average of how long one takes
_SILENCE_S = 10.0

logger = logging.getLogger(__name__)


class Traffic(NamedTuple):
    """What has gone through so far, and what is under way."""

    under_way: int
    waiting: int
    admitted: int
    refused: int
    too_slow: int


class Admission:
    """Gives places to assessments whose callers wait for them; batches don't pass here.

    Who finds no place waits in line for a short while and is refused then, so what can't be done soon doesn't pile up.
    One user alone gets three quarters of the places and of the line, so that another one's single story finds one.

    Args:
        places: Assessments at the same time.
        wait_s: For a place.
        longest_s: For an assessment that has a place; it is stopped then.
        now: The clock that tells how long one takes.
    """

    def __init__(
        self, places: int, *, wait_s: float, longest_s: float, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._places = places
        self._share = max(1, places - max(1, places // _OF_ALL))
        self._wait_s = wait_s
        self._longest_s = longest_s
        self._now = now
        self._held: Counter[str] = Counter()
        self._line: dict[asyncio.Future[None], str] = {}
        self._usual_s = 0.0
        self._admitted = self._refused = self._too_slow = 0
        self._silent_until = now()

    @property
    def traffic(self) -> Traffic:
        """Return the counts."""
        return Traffic(self._held.total(), len(self._line), self._admitted, self._refused, self._too_slow)

    @asynccontextmanager
    async def place(self, user_id: str) -> AsyncGenerator[None]:
        """Hold a place while the context lasts; given back whatever happens, also to a caller that leaves.

        Raises:
            LimitExceeded: No place became free in time.
            ModelUnavailable: What had a place took too long.
        """
        await self._enter(user_id)
        began = self._now()
        timer = asyncio.timeout(self._longest_s)
        try:
            async with timer:
                yield
        except TimeoutError:
            if not timer.expired():
                raise
            self._too_slow += 1
            raise ModelUnavailable(
                f"the assessment took longer than {self._longest_s:g} seconds", slug="too-slow"
            ) from None
        finally:
            self._leave(user_id, self._now() - began)

    async def _enter(self, user_id: str) -> None:
        if self._has_place_for(user_id):
            self._take(user_id)
            return
        own = sum(waiting == user_id for waiting in self._line.values())
        if own >= self._share or len(self._line) >= self._places:
            raise self._refusal()
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._line[turn] = user_id
        try:
            async with asyncio.timeout(self._wait_s):
                await turn
        except BaseException as error:
            # A place may have been given in the very moment in which the caller left or the time was over.
            if self._line.pop(turn, None) is None:
                self._give_back(user_id)
            if isinstance(error, TimeoutError):
                raise self._refusal() from None
            raise

    def _has_place_for(self, user_id: str) -> bool:
        return self._held.total() < self._places and self._held[user_id] < self._share

    def _take(self, user_id: str) -> None:
        self._held[user_id] += 1
        self._admitted += 1

    def _leave(self, user_id: str, took_s: float) -> None:
        self._usual_s += (took_s - self._usual_s) * (_WEIGHT if self._usual_s else 1.0)
        self._give_back(user_id)

    def _give_back(self, user_id: str) -> None:
        """Give a place to the first in line who may have it."""
        self._held[user_id] -= 1
        self._held += Counter()  # which forgets users without a place
        for turn, waiting in self._line.items():
            if self._has_place_for(waiting):
                del self._line[turn]
                self._take(waiting)
                turn.set_result(None)
                return

    def _refusal(self) -> LimitExceeded:
        self._refused += 1
        if time.monotonic() >= self._silent_until:
            self._silent_until = time.monotonic() + _SILENCE_S
            logger.warning(
                "assessments are refused: %d under way, %d refused so far", self._held.total(), self._refused
            )
        wish_s = min(max(self._usual_s, _SHORTEST_WISH_S), _LONGEST_WISH_S)
        return LimitExceeded("too many assessments are under way already", slug="overloaded", retry_after_s=wish_s)
