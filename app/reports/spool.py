"""Hold back text until its turn comes, in memory while it is little and in a nameless file when it is much."""

from collections.abc import Iterator
from tempfile import SpooledTemporaryFile

_IN_MEMORY = 8 * 1024 * 1024
_PIECE = 256 * 1024


class Spool:
    """Text that is written now and read once, later."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(_IN_MEMORY, "w+b")  # noqa: SIM115 - closed when it has been read

    def add(self, text: str) -> None:
        """Add text at the end."""
        self._file.write(text.encode("utf-8", "replace"))

    def drain(self) -> Iterator[str]:
        """Yield all text, and let go of it."""
        self._file.seek(0)
        rest = b""
        while piece := self._file.read(_PIECE):
            whole = rest + piece
            cut = _last_start(whole)
            yield whole[:cut].decode()
            rest = whole[cut:]
        yield rest.decode()
        self._file.close()


def _last_start(raw: bytes) -> int:
    """Return where the last character begins, which may not be whole."""
    cut = len(raw) - 1
    while cut > 0 and raw[cut] & 0xC0 == 0x80:  # noqa: PLR2004 - a byte in the middle of a UTF-8 character
        cut -= 1
    return cut
