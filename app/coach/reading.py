"""Read stories from files, folders and streams; one that can't be read stops no other."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

from app.coach.decoding import MAX_TEXT_BYTES, UTF8_BOM, decode, read_lines
from app.coach.finding import DATA_SUFFIXES, LINES_SUFFIXES, TEXT_SUFFIXES, Finder, Found, is_quietly
from app.coach.records import Place, show_key, story_from_fields, story_from_record
from app.coach.target import UnknownTarget
from app.documents import DocumentError, find_line, load_json, load_yaml, split_front_matter
from app.domain import Story
from app.errors import UnreadableStory

MAX_DOCUMENT_BYTES = 16 * 1024 * 1024

_LOOKS_LIKE_JSON = re.compile(rb'\s*(?:\{\s*["}]|\[\s*\{)')


class _Record(NamedTuple):
    """A value that may be a story."""

    value: Any
    place: Place


Reading = Iterator[Story | UnreadableStory]
Vet = Callable[[Story], None]
"""Raises `UnknownTarget` for a story that can't be assessed; the reader adds the place."""

_Records = Iterator[_Record | UnreadableStory]


def parse_story(text: str, path: str, *, vet: Vet | None = None) -> Story:
    """Return the story of a Markdown or plain text, whose front matter may name id, title, question and target.

    Args:
        text: The whole file; the story's text begins right after the newline that ends its front matter.
        path: The file, as the caller named it.
        vet: Looks at the story.

    Raises:
        UnreadableStory: The front matter is broken, or a field is unknown, of the wrong type or refused by `vet`.
    """
    try:
        front = split_front_matter(text)
    except DocumentError as error:
        raise UnreadableStory(path, error.reason, line=error.line) from None
    head = text[: len(text) - len(front.body)].rstrip().removesuffix("---")
    place = Place(path, _finder(head, []), Path(path).stem or None)
    story = story_from_fields(
        front.fields or {},
        place,
        text=front.body,
        first_line=front.first_line,
        first_char=len(text) - len(front.body),
    )
    return _vetted(story, place, vet)


def _vetted(story: Story, place: Place, vet: Vet | None) -> Story:
    if vet is not None:
        try:
            vet(story)
        except UnknownTarget as error:
            raise place.complaint(error.detail, error.field, slug=error.slug) from None
    return story


def read_stories(
    path: Path, shown: str, *, on_skip: Callable[[str], None] | None = None, vet: Vet | None = None
) -> Reading:
    """Yield every story of a file or, sorted by name, of a folder with the folders in it or of a pattern.

    A folder gives its Markdown and text files, and those JSON, JSONL and YAML files whose first record has a `text`.
    Hidden files, README files and all other kinds are passed over; a file that is named itself never is.

    Args:
        path: A file, a folder or a pattern.
        shown: How the caller named it; stories and errors carry it.
        on_skip: Told the name of each data file in a folder that was passed over since it holds no story.
        vet: Looks at each story.

    Raises:
        InvalidInput: As for `Finder.find`.
    """
    return read_found(Finder().find(path, shown), on_skip=on_skip, vet=vet)


def read_found(found: Found, *, on_skip: Callable[[str], None] | None = None, vet: Vet | None = None) -> Reading:
    """Yield every story of the files that were found.

    Args:
        found: Them, and what stood in the way.
        on_skip: As for `read_stories`.
        vet: Looks at each story.
    """
    for name, error in found.closed:
        yield UnreadableStory(name, _cause(error))
    if found.is_empty_pattern:
        yield UnreadableStory(found.shown, "there is no such file, and the pattern matches none")
    for file in found.files:
        if not file.is_named and is_quietly(Path.exists, file.path) and not is_quietly(Path.is_file, file.path):
            continue  # a pipe or a socket would never end
        if not file.is_named and file.path.suffix.lower() in DATA_SUFFIXES and not _holds_stories(file.path):
            if on_skip is not None:
                on_skip(file.shown)
        else:
            yield from _read_file(file.path, file.shown, vet)


def count_stories(found: Found) -> int | None:
    """Return how many stories and complaints the files come to; None where one can't be read twice."""
    count = len(found.closed) + found.is_empty_pattern
    for file in found.files:
        suffix = file.path.suffix.lower()
        if is_quietly(Path.exists, file.path) and not is_quietly(Path.is_file, file.path):
            if file.is_named:
                return None
        elif suffix in TEXT_SUFFIXES:
            count += 1
        elif suffix in LINES_SUFFIXES:
            count += _count_lines(file.path, is_named=file.is_named)
        elif file.is_named or suffix not in DATA_SUFFIXES or _holds_stories(file.path):
            count += sum(1 for _ in _read_file(file.path, file.shown, None))
    return count


def _count_lines(path: Path, *, is_named: bool) -> int:
    if not is_named and not _holds_stories(path):
        return 0
    try:
        with path.open("rb") as stream:
            return sum(1 for line in read_lines(b"", stream) if line.strip())
    except OSError:
        return 1


def read_stream(stream: BinaryIO, shown: str, *, vet: Vet | None = None) -> Reading:
    """Yield the stories of a stream: of JSON or JSONL when it begins like one, else one Markdown or plain text."""
    head = stream.read(MAX_TEXT_BYTES + 1)
    if not _LOOKS_LIKE_JSON.match(head.removeprefix(UTF8_BOM)):
        yield from _read_text(head, shown, vet)
    elif head.lstrip().startswith(b"{") and _is_json(head.split(b"\n", 1)[0]):
        yield from _stories(_line_records(head, stream, shown), vet)
    else:
        yield from _stories(_document_records(head + _rest(stream, head), shown, load_json), vet)


def _rest(stream: BinaryIO, head: bytes) -> bytes:
    return stream.read(MAX_DOCUMENT_BYTES + 1 - len(head))


def _is_json(line: bytes) -> bool:
    try:
        load_json(line.decode("utf-8-sig"))
    except ValueError:
        return False
    return True


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


def _read_file(path: Path, shown: str, vet: Vet | None) -> Reading:
    suffix = path.suffix.lower()
    try:
        with path.open("rb") as stream:
            if suffix in DATA_SUFFIXES:
                yield from _stories(_file_records(stream, suffix, shown), vet)
            elif suffix in TEXT_SUFFIXES:
                yield from _read_text(stream.read(MAX_TEXT_BYTES + 1), shown, vet)
            elif suffix and is_quietly(Path.is_file, path):
                known = " ".join((*TEXT_SUFFIXES, *DATA_SUFFIXES))
                yield UnreadableStory(shown, f"{suffix} is no kind of story file; known are {known}")
            else:
                yield from read_stream(cast("BinaryIO", stream), shown, vet=vet)
    except OSError as error:
        yield UnreadableStory(shown, _cause(error))


def _read_text(raw: bytes, shown: str, vet: Vet | None) -> Reading:
    try:
        if len(raw) > MAX_TEXT_BYTES:
            raise UnreadableStory(shown, f"larger than {MAX_TEXT_BYTES // 1024} KiB, so it is not one story")
        yield parse_story(decode(raw, shown), shown, vet=vet)
    except UnreadableStory as error:
        yield error


def _stories(records: _Records, vet: Vet | None) -> Reading:
    for record in records:
        if isinstance(record, UnreadableStory):
            yield record
            continue
        try:
            yield _vetted(story_from_record(record.value, record.place), record.place, vet)
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
        text = decode(raw, shown)
        value: Any = load(text)
    except UnreadableStory as error:
        yield error
        return
    except DocumentError as error:
        yield UnreadableStory(shown, error.reason, line=error.line)
        return
    steps: list[int | str] = []
    if isinstance(value, dict) and "stories" in value and "text" not in value:
        document = cast("dict[Any, Any]", value)
        for name in document:
            if name != "stories":
                place = Place(shown, _finder(text, []), None)
                yield place.complaint(f"unknown key {show_key(str(name))} beside stories", str(name))
                return
        value, steps = document["stories"], ["stories"]
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
    for number, line in enumerate(read_lines(head, stream), start=1):
        if not line.strip():
            continue
        try:
            if len(line) > MAX_TEXT_BYTES:
                raise UnreadableStory(shown, f"a record larger than {MAX_TEXT_BYTES // 1024} KiB", line=number)
            value = load_json(decode(line, shown, line=number))
        except UnreadableStory as error:
            yield error
        except DocumentError as error:
            yield UnreadableStory(shown, error.reason, line=number)
        else:
            yield _Record(value, Place(shown, partial(_always, number), f"{stem} #{number}", number))


def _always(line: int, _: str) -> int:
    return line
