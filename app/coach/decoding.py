"""Turn the bytes of story files into text and lines, whatever their size and encoding."""

from collections.abc import Iterator
from typing import BinaryIO

from app.errors import UnreadableStory

MAX_TEXT_BYTES = 1024 * 1024
UTF8_BOM = b"\xef\xbb\xbf"
_OTHER_BOMS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)


def decode(raw: bytes, shown: str, *, line: int = 1) -> str:
    """Return bytes as text.

    Args:
        raw: All of a file, or a record of it.
        shown: The file, as the caller named it.
        line: The line of the file on which the bytes begin.

    Raises:
        UnreadableStory: They are in another encoding, or no text.
    """
    for bom, encoding in _OTHER_BOMS:
        if raw.startswith(bom):
            raise UnreadableStory(shown, f"is {encoding}; save it as UTF-8", line=line)
    raw = raw.removeprefix(UTF8_BOM)
    nul = raw.find(b"\0")
    if nul >= 0:
        where = line + raw.count(b"\n", 0, nul)
        raise UnreadableStory(shown, "holds a NUL byte, so it is not text", line=where)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        where = line + raw.count(b"\n", 0, error.start)
        raise UnreadableStory(shown, f"is not UTF-8 (byte 0x{raw[error.start]:02x})", line=where) from None


def read_lines(head: bytes, stream: BinaryIO) -> Iterator[bytes]:
    """Yield lines without their newline; of a line that is too long, no more than shows that it is."""
    *whole, last = head.split(b"\n")
    yield from whole
    while more := stream.readline(MAX_TEXT_BYTES + 2):
        line = last + more
        last = b""
        yield line[: MAX_TEXT_BYTES + 1].removesuffix(b"\n")
        while not more.endswith(b"\n") and (more := stream.readline(MAX_TEXT_BYTES)):
            pass
    if last:
        yield last
