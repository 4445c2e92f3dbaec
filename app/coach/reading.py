"""Read stories from files, folders and streams; one that can't be read stops no other."""

import os
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

from app.coach.records import Place, story_from_fields, story_from_record
from app.documents import DocumentError, find_line, load_json, load_yaml, split_front_matter
from app.domain import Story
from app.errors import UnreadableStory

TEXT_SUFFIXES = (".md", ".markdown", ".txt")
LINES_SUFFIXES = (".jsonl", ".ndjson")
DOCUMENT_SUFFIXES = (".json", ".yaml", ".yml")
MAX_TEXT_BYTES = 1024 * 1024
MAX_DOCUMENT_BYTES = 16 * 1024 * 1024

_DATA_SUFFIXES = (*LINES_SUFFIXES, *DOCUMENT_SUFFIXES)
_UTF8_BOM = b"\xef\xbb\xbf"
_OTHER_BOMS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
_LOOKS_LIKE_JSON = re.compile(rb'\s*(?:\{\s*["}]|\[\s*\{)')


class _Record(NamedTuple):
    """A value that may be a story."""

    value: Any
    place: Place


Reading = Iterator[Story | UnreadableStory]
_Records = Iterator[_Record | UnreadableStory]


def parse_story(text: str, path: str) -> Story:
    """Return the story of a Markdown or plain text, whose front matter may name id, title, question and target.

    Args:
        text: The whole file; the story's text begins right after the newline that ends its front matter.
        path: The file, as the caller named it.

    Raises:
        UnreadableStory: The front matter is broken, or a field is unknown or of the wrong type.
    """
    try:
        front = split_front_matter(text)
    except DocumentError as error:
        raise UnreadableStory(path, error.reason, line=error.line) from None
    head = text[: len(text) - len(front.body)].rstrip().removesuffix("---")
    place = Place(path, _finder(head, []), Path(path).stem or None)
    return story_from_fields(front.fields or {}, place, text=front.body, first_line=front.first_line)


def read_stories(path: Path, shown: str, *, on_skip: Callable[[str], None] | None = None) -> Reading:
    """Yield every story of a file or, sorted by name, of a folder and the folders in it.

    A folder gives its Markdown and text files, and those JSON, JSONL and YAML files whose first record has a `text`.
    Hidden files, README files and all other kinds are passed over; a file that is named itself never is.

    Args:
        path: A file or a folder.
        shown: How the caller named it; stories and errors carry it.
        on_skip: Told the name of each data file in a folder that was passed over since it holds no story.
    """
    if not _is(Path.is_dir, path):
        yield from _read_file(path, shown)
        return
    files: list[Path] = []
    closed: list[OSError] = []
    for folder, folders, names in os.walk(path, onerror=closed.append):
        folders[:] = [name for name in folders if not name.startswith(".")]
        files += [Path(folder, name) for name in names if _is_wanted(name)]
    for error in closed:
        yield UnreadableStory(_inside(shown, Path(error.filename).relative_to(path)), _cause(error))
    for file in sorted(files, key=lambda file: file.parts):
        name = _inside(shown, file.relative_to(path))
        if _is(Path.exists, file) and not _is(Path.is_file, file):
            continue  # a pipe or a socket would never end
        if file.suffix.lower() in _DATA_SUFFIXES and not _holds_stories(file):
            if on_skip is not None:
                on_skip(name)
        else:
            yield from _read_file(file, name)


def _is(test: Callable[[Path], bool], path: Path) -> bool:
    try:
        return test(path)
    except OSError:  # a folder on the way is closed: opening the file will tell
        return False


def read_stream(stream: BinaryIO, shown: str) -> Reading:
    """Yield the stories of a stream: of JSON or JSONL when it begins like one, else one Markdown or plain text."""
    head = stream.read(MAX_TEXT_BYTES + 1)
    if not _LOOKS_LIKE_JSON.match(head.removeprefix(_UTF8_BOM)):
        yield from _read_text(head, shown)
    elif head.lstrip().startswith(b"{") and _is_json(head.split(b"\n", 1)[0]):
        yield from _stories(_line_records(head, stream, shown))
    else:
        yield from _stories(_document_records(head + _rest(stream, head), shown, load_json))


def _rest(stream: BinaryIO, head: bytes) -> bytes:
    return stream.read(MAX_DOCUMENT_BYTES + 1 - len(head))


def _is_json(line: bytes) -> bool:
    try:
        load_json(line.decode("utf-8-sig"))
    except ValueError:
        return False
    return True


def _is_wanted(name: str) -> bool:
    path = Path(name)
    known = path.suffix.lower() in (*TEXT_SUFFIXES, *_DATA_SUFFIXES)
    return known and not name.startswith(".") and path.stem.lower() != "readme"


def _inside(shown: str, inner: Path) -> str:
    name = os.fsencode(inner).decode("utf-8", "backslashreplace")
    if name == ".":
        return shown
    return name if shown == "." else f"{shown.rstrip('/')}/{name}"


def _cause(error: OSError) -> str:
    return f"can't be read ({(error.strerror or type(error).__name__).lower()})"


def _holds_stories(file: Path) -> bool:
    """Tell whether the first record of a data file has a text; a broken file counts, so that it is complained of."""
    try:
        with file.open("rb") as stream:
            first = next(_file_records(stream, file.suffix.lower(), ""), None)
    except OSError:
        return True
    if isinstance(first, _Record):
        fields: object = first.value
        return isinstance(fields, dict) and "text" in fields
    return first is not None


def _read_file(path: Path, shown: str) -> Reading:
    suffix = path.suffix.lower()
    try:
        with path.open("rb") as stream:
            if suffix in _DATA_SUFFIXES:
                yield from _stories(_file_records(stream, suffix, shown))
            elif suffix in TEXT_SUFFIXES:
                yield from _read_text(stream.read(MAX_TEXT_BYTES + 1), shown)
            elif suffix and _is(Path.is_file, path):
                known = " ".join((*TEXT_SUFFIXES, *_DATA_SUFFIXES))
                yield UnreadableStory(shown, f"{suffix} is no kind of story file; known are {known}")
            else:
                yield from read_stream(cast("BinaryIO", stream), shown)
    except OSError as error:
        yield UnreadableStory(shown, _cause(error))


def _read_text(raw: bytes, shown: str) -> Reading:
    try:
        if len(raw) > MAX_TEXT_BYTES:
            raise UnreadableStory(shown, f"larger than {MAX_TEXT_BYTES // 1024} KiB, so it is not one story")
        yield parse_story(_decode(raw, shown), shown)
    except UnreadableStory as error:
        yield error


def _decode(raw: bytes, shown: str, *, line: int = 1) -> str:
    for bom, encoding in _OTHER_BOMS:
        if raw.startswith(bom):
            raise UnreadableStory(shown, f"is {encoding}; save it as UTF-8", line=line)
    raw = raw.removeprefix(_UTF8_BOM)
    nul = raw.find(b"\0")
    if nul >= 0:
        where = line + raw.count(b"\n", 0, nul)
        raise UnreadableStory(shown, "holds a NUL byte, so it is not text", line=where)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        where = line + raw.count(b"\n", 0, error.start)
        raise UnreadableStory(shown, f"is not UTF-8 (byte 0x{raw[error.start]:02x})", line=where) from None


def _stories(records: _Records) -> Reading:
    for record in records:
        if isinstance(record, UnreadableStory):
            yield record
            continue
        try:
            yield story_from_record(record.value, record.place)
        except UnreadableStory as error:
            yield error


def _file_records(stream: BinaryIO, suffix: str, shown: str) -> _Records:
    if suffix in LINES_SUFFIXES:
        return _line_records(b"", stream, shown)
    load = load_json if suffix == ".json" else load_yaml
    return _document_records(stream.read(MAX_DOCUMENT_BYTES + 1), shown, load)


def _document_records(raw: bytes, shown: str, load: Callable[[str], Any]) -> _Records:
    try:
        if len(raw) > MAX_DOCUMENT_BYTES:
            raise UnreadableStory(
                shown, f"larger than {MAX_DOCUMENT_BYTES // 1024**2} MiB; use JSONL, one story a line"
            )
        text = _decode(raw, shown)
        value: Any = load(text)
    except UnreadableStory as error:
        yield error
        return
    except DocumentError as error:
        yield UnreadableStory(shown, error.reason, line=error.line)
        return
    steps: list[int | str] = []
    if isinstance(value, dict) and "stories" in value and "text" not in value:
        value, steps = cast("Any", value["stories"]), ["stories"]
    stem = Path(shown).stem
    if not isinstance(value, list):
        yield _Record(value, Place(shown, _finder(text, steps), stem))
        return
    for index, item in enumerate(cast("list[Any]", value)):
        yield _Record(item, Place(shown, _finder(text, [*steps, index]), f"{stem} #{index + 1}"))


def _finder(text: str, steps: list[int | str]) -> Callable[[str], int | None]:
    return lambda name: find_line(text, [*steps, name] if name else steps)


def _line_records(head: bytes, stream: BinaryIO, shown: str) -> _Records:
    stem = Path(shown).stem
    for number, line in enumerate(_lines(head, stream), start=1):
        if not line.strip():
            continue
        try:
            if len(line) > MAX_TEXT_BYTES:
                raise UnreadableStory(shown, f"a record larger than {MAX_TEXT_BYTES // 1024} KiB", line=number)
            value = load_json(_decode(line, shown, line=number))
        except UnreadableStory as error:
            yield error
        except DocumentError as error:
            yield UnreadableStory(shown, error.reason, line=number)
        else:
            yield _Record(value, Place(shown, partial(_always, number), f"{stem} #{number}"))


def _always(line: int, _: str) -> int:
    return line


def _lines(head: bytes, stream: BinaryIO) -> Iterator[bytes]:
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
