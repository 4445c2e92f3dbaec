"""A clock that moves when it is told to, or when somebody sleeps by it."""

import asyncio


class Clock:
    """Monotonic seconds under a test's control."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Let the time pass at once, and others run."""
        self.now += seconds
        await asyncio.sleep(0)
