"""Remember what sentences say, for who reads many stories: drafts and copies of one story share most of theirs."""

from functools import lru_cache

from app.analysis.said import Reader, Said
from app.analysis.screen.screen import Measure, measure_honest


class Memory:
    """The readers of an analysis, which read a sentence that they have read before but once.

    Whoever makes one decides how long the sentences of a story are kept in memory: as long as the memory itself.

    Args:
        sentences: How many are kept at most; those that were not met for the longest time go first.
    """

    def __init__(self, sentences: int) -> None:
        self.read: Reader = lru_cache(maxsize=sentences)(Said)
        self.measure_honest: Measure = lru_cache(maxsize=sentences)(measure_honest)
