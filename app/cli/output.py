"""Send reports to where they shall go: each format to a file, or to stdout."""

import os
import shutil
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

from app.cli.curtain import clear
from app.cli.formats import Format
from app.cli.renderers import Frame, make_report
from app.coach.gate import Gate
from app.domain import Assessment, Story
from app.errors import InvalidInput
from app.reports.report import Report, Summary
from app.reports.terminal import Style
from app.rubric import Rubric

_BY_SUFFIX: dict[str, Format] = {
    ".json": Format.JSON,
    ".jsonl": Format.JSONL,
    ".ndjson": Format.JSONL,
    ".sarif": Format.SARIF,
    ".xml": Format.JUNIT,
    ".md": Format.MARKDOWN,
    ".csv": Format.CSV,
    ".html": Format.HTML,
}
_MIN_WIDTH, _PIPE_WIDTH, _MAX_WIDTH = 40, 80, 100


class Target(NamedTuple):
    """One report: its format, and its file or None for stdout."""

    format: Format
    path: Path | None


def pair(formats: Sequence[Format], outputs: Sequence[str]) -> list[Target]:
    """Return which format goes where.

    As many outputs as formats are paired in order. One output fewer leaves the first format to stdout. Outputs alone
    get the format of their suffix, which is text when it says nothing.

    Raises:
        InvalidInput: There are other numbers of them, or two reports would go to one place.
    """
    paths = [None if output == "-" else Path(output) for output in outputs]
    if not formats:
        formats = [_format_of(path) for path in paths] or [Format.TEXT]
    if len(paths) == len(formats) - 1:
        paths = [None, *paths]
    if len(paths) != len(formats):
        raise InvalidInput(
            f"{len(formats)} formats and {len(paths)} outputs: each --format needs its --output, "
            "except that the first may go to stdout"
        )
    places = [path and os.path.realpath(path) for path in paths]
    for path, place in zip(paths, places, strict=True):
        if places.count(place) > 1:
            raise InvalidInput(f"two reports would go to {path or 'stdout'}")
    return [Target(*both) for both in zip(formats, paths, strict=True)]


def _format_of(path: Path | None) -> Format:
    return _BY_SUFFIX.get(path.suffix.lower(), Format.TEXT) if path else Format.TEXT


class Sink:
    """One report on its way.

    Args:
        report: The format.
        write: Takes what is next of the report.
    """

    def __init__(self, report: Report, write: Callable[[str], None]) -> None:
        self._report = report
        self._write = write
        self._has_begun = False

    def add(self, assessment: Assessment, story: Story) -> None:
        """Write an assessment of a story."""
        self._begin()
        self._write(self._report.tell(assessment, story))

    def end(self, summary: Summary) -> None:
        """Write what stands at the end."""
        self._begin()
        for piece in self._report.finish(summary):
            self._write(piece)

    def _begin(self) -> None:
        # Not before something is known: a command that can't start leaves no half a report.
        if not self._has_begun:
            self._has_begun = True
            self._write(self._report.begin())


@contextmanager
def open_sinks(targets: Sequence[Target], rubric: Rubric, gate: Gate | None = None) -> Generator[list[Sink]]:
    """Give a sink for each target; a file takes its name only when the context ends well.

    Args:
        targets: What goes where.
        rubric: Where principles have their names from, and rules their definitions.
        gate: The threshold that the run is held to; none by default.

    Raises:
        InvalidInput: A file can't be written.
    """
    gate = gate or Gate()
    with ExitStack() as stack:
        sinks: list[Sink] = []
        for format_, path in targets:
            if path is None:
                sinks.append(Sink(make_report(format_, Frame(rubric, gate, _find_style())), _stdout_writer(format_)))
            else:
                stream = stack.enter_context(replace_file(path))
                sinks.append(Sink(make_report(format_, Frame(rubric, gate, Style())), _writer(stream)))
        yield sinks


def _writer(stream: BinaryIO) -> Callable[[str], None]:
    def write(text: str) -> None:
        stream.write(text.encode())

    return write


def _stdout_writer(format_: Format) -> Callable[[str], None]:
    """Return a writer to stdout: data is UTF-8 always, text is what the terminal can show."""
    encoding = sys.stdout.encoding if format_ is Format.TEXT else "utf-8"
    is_terminal = sys.stdout.isatty()

    def write(text: str) -> None:
        if text:
            if is_terminal:
                clear()
            write_all(sys.stdout.buffer, text.encode(encoding, "replace"))
            sys.stdout.buffer.flush()

    return write


def write_all(stream: BinaryIO, content: bytes) -> None:
    """Write all of it: with PYTHONUNBUFFERED, stdout writes a part when a signal comes, and says how much."""
    left = memoryview(content)
    while left:
        left = left[stream.write(left) :]


def _find_style() -> Style:
    """Return colours and width of the terminal that stdout is; plain and 80 cells where it is none."""
    is_terminal = sys.stdout.isatty()
    colour = is_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    columns = shutil.get_terminal_size().columns if is_terminal else _PIPE_WIDTH
    return Style(colour=colour or bool(os.environ.get("FORCE_COLOR")), width=min(max(columns, _MIN_WIDTH), _MAX_WIDTH))


@contextmanager
def replace_file(path: Path) -> Generator[BinaryIO]:
    """Give a file that takes the place of `path` at the end, so that nobody ever reads half a report."""
    real = Path(os.path.realpath(path))
    try:
        # A device or a pipe, which may have no path of its own: nothing to replace.
        if path.exists() and not path.is_file():
            with path.open("wb") as stream:
                yield stream
            return
        part = real.with_name(f".{real.name}.{os.getpid()}.part")
        stream = part.open("wb")
    except OSError as error:
        raise InvalidInput(f"{path}: can't be written ({(error.strerror or 'unknown').lower()})") from None
    try:
        with stream:
            yield stream
        part.replace(real)
    finally:
        part.unlink(missing_ok=True)
