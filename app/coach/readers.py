"""Look at stories in processes of their own once many come at a time.

Reading keeps a processor busy for some twenty milliseconds. While one process reads for everybody, whoever waits for a
page or for a model's answer waits for all that as well; so a crowd is read elsewhere, and a single story here.
"""

import asyncio
import logging
import multiprocessing
import os
import pickle
import signal
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial

from app.analysis.observe import Sight, look
from app.analysis.principles import Ranked
from app.rubric import Rubric

ALONE = 24
_MOST = 4
_YIELDING = 5  # steps of niceness: whoever answers requests comes first

Looker = Callable[[str, Rubric, str | None], Awaitable[Sight]]
"""Looks at a text with a rubric and the question that the text answers, as `app.analysis.observe.look` does."""

logger = logging.getLogger("app.coach")


def usual_processes() -> int:
    """Return how many processes read where nobody says: as many as there are processors, up to a few."""
    is_linux = hasattr(os, "sched_getaffinity")
    return min(_MOST, len(os.sched_getaffinity(0)) if is_linux else os.cpu_count() or 1)


async def look_in_thread(text: str, rubric: Rubric, question: str | None) -> Sight:
    """Look at a text in a thread of this process; as `Looker`."""
    return await asyncio.to_thread(look, text, rubric, question=question)


class Readers:
    """Processes that read, started when it gets crowded; until then, and without them, a thread does.

    Args:
        processes: How many there are at most; 0 for none, None for `usual_processes`.
        alone: So many times a story must have come while another one was read before processes are started.
    """

    def __init__(self, processes: int | None, *, alone: int = ALONE) -> None:
        self._processes = usual_processes() if processes is None else processes
        self._alone = alone
        self._under_way = 0
        self._crowded = 0
        self._starting: asyncio.Task[None] | None = None
        self._pool: ProcessPoolExecutor | None = None
        self._packed: dict[str, bytes] = {}

    async def look(self, text: str, rubric: Rubric, question: str | None) -> Sight:
        """Look at a text; as `Looker`. A process that dies costs time and nothing else."""
        self._crowded += self._under_way > 0
        if self._processes and self._starting is None and self._crowded >= self._alone:
            self._starting = asyncio.create_task(asyncio.to_thread(self._start))
        self._under_way += 1
        try:
            seen = await self._look_elsewhere(self._pool, text, rubric, question) if self._pool else None
            return seen or await look_in_thread(text, rubric, question)
        finally:
            self._under_way -= 1

    async def aclose(self) -> None:
        """Stop the processes."""
        if self._starting is not None:
            await asyncio.wait({self._starting})
        if self._pool is not None:
            await asyncio.to_thread(partial(self._pool.shutdown, cancel_futures=True))
            self._pool = None

    def _start(self) -> None:
        methods = multiprocessing.get_all_start_methods()
        context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
        if "forkserver" in methods:
            context.set_forkserver_preload([__name__])  # what it loads is shared by all that it starts
        pool = ProcessPoolExecutor(self._processes, context, _prepare)
        try:
            for reply in [pool.submit(os.getpid) for _ in range(self._processes)]:
                reply.result()
        except (OSError, EOFError, BrokenProcessPool) as error:
            logger.warning("no process could be started to read stories: %s; threads do", type(error).__name__)
            pool.shutdown(wait=False, cancel_futures=True)
        else:
            self._pool = pool

    async def _look_elsewhere(
        self, pool: ProcessPoolExecutor, text: str, rubric: Rubric, question: str | None
    ) -> Sight | None:
        """Return None where it fails, so that this process tries, and a defect is told with its place."""
        try:
            reply = await asyncio.wrap_future(pool.submit(_look, rubric.sha256, None, text, question))
            if reply is None:
                if rubric.sha256 not in self._packed:
                    self._packed[rubric.sha256] = pickle.dumps(rubric, pickle.HIGHEST_PROTOCOL)
                packed = self._packed[rubric.sha256]
                reply = await asyncio.wrap_future(pool.submit(_look, rubric.sha256, packed, text, question))
        except (BrokenProcessPool, RuntimeError) as error:  # one was killed, perhaps for want of memory, or all stop
            if self._pool is pool:
                logger.warning("a process that reads stories is gone: %s", type(error).__name__)
                self._pool, self._starting, self._crowded = None, None, 0
                pool.shutdown(wait=False, cancel_futures=True)
            return None
        return _unpack(reply, rubric) if reply else None


def _unpack(reply: bytes, rubric: Rubric) -> Sight:
    sight, ranks = pickle.loads(reply)  # noqa: S301 - from a process that this one started
    if isinstance(sight.observed, str):
        return sight
    principles = {principle.id: principle for principle in rubric.principles}
    ranked = tuple([Ranked(principles[name], score, readings) for name, score, readings in ranks])
    return sight._replace(observed=sight.observed._replace(ranked=ranked))


_rubrics: dict[str, Rubric] = {}
"""Those that a reading process was given so far, by digest."""


def _prepare() -> None:
    if hasattr(os, "nice"):
        os.nice(_YIELDING)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started this, and ends it
    threading.Thread(target=leave_with_parent, daemon=True).start()


def leave_with_parent() -> None:
    """End this process when the one that started it is gone: one that was killed has told nobody to stop."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _look(digest: str, packed: bytes | None, text: str, question: str | None) -> bytes | None:
    """Return a sight as bytes, its principles by name; None for a rubric that is not known here.

    Of a defect nothing is returned but that there was one: what it says may hold a story.
    """
    if packed is not None:
        _rubrics[digest] = pickle.loads(packed)  # noqa: S301 - from the process that started this one
    if digest not in _rubrics:
        return None
    try:
        sight, ranks = look(text, _rubrics[digest], question=question), []
    except Exception:  # noqa: BLE001 - see above
        return b""
    if not isinstance(sight.observed, str):
        ranks = [(item.principle.id, item.score, item.readings) for item in sight.observed.ranked]
        sight = sight._replace(observed=sight.observed._replace(ranked=()))
    return pickle.dumps((sight, ranks), pickle.HIGHEST_PROTOCOL)
