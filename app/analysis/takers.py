"""Take the matches of a pattern out of a text, without looking for what can't be there."""

import re
from collections.abc import Callable
from functools import cached_property


class Taker:
    """A pattern that is tried, and compiled, only when a text shows a sign that it can match.

    Args:
        pattern: A regular expression.
        may_match: True of every text that it matches, and cheap to ask.
        flags: As for `re.compile`.
    """

    def __init__(self, pattern: str, may_match: Callable[[str], object], flags: re.RegexFlag = re.NOFLAG) -> None:
        self._pattern = pattern
        self._may_match = may_match
        self._flags = flags

    def take(self, text: str) -> tuple[list[re.Match[str]], str]:
        """Return the matches, and the text with them blanked."""
        if not self._may_match(text):
            return [], text
        matches = list(self._compiled.finditer(text))
        if not matches:
            return matches, text
        pieces: list[str] = []
        reached = 0
        for match in matches:
            start, end = match.span()
            pieces += text[reached:start], "\x00" * (end - start)
            reached = end
        return matches, "".join([*pieces, text[reached:]])

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self._pattern, self._flags)
