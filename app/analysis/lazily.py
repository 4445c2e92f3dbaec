"""Compile a regular expression when it is first used: most stories need hardly any of those that know an attack."""

import re
from collections.abc import Callable, Iterator
from functools import cached_property


class Pattern:
    """A regular expression that costs nothing until it is used.

    Args:
        source: The expression.
        flags: As for `re.compile`.
    """

    def __init__(self, source: str, flags: re.RegexFlag = re.NOFLAG) -> None:
        self.source = source
        self._flags = flags

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        """The expression itself."""
        return re.compile(self.source, self._flags)

    @cached_property
    def search(self) -> Callable[[str], re.Match[str] | None]:
        """Look for a match anywhere, as `re.Pattern.search` does."""
        return self.compiled.search

    @cached_property
    def match(self) -> Callable[[str], re.Match[str] | None]:
        """Match at the beginning, as `re.Pattern.match` does."""
        return self.compiled.match

    @cached_property
    def fullmatch(self) -> Callable[[str], re.Match[str] | None]:
        """Match a whole text, as `re.Pattern.fullmatch` does."""
        return self.compiled.fullmatch

    @cached_property
    def finditer(self) -> Callable[[str], Iterator[re.Match[str]]]:
        """Return the matches in order, as `re.Pattern.finditer` does."""
        return self.compiled.finditer

    @cached_property
    def findall(self) -> Callable[[str], list[str]]:
        """Return what matches, as `re.Pattern.findall` does for an expression with one group at most."""
        return self.compiled.findall
