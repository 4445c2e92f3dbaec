"""Find and read the options that a project keeps: coach.toml, or [tool.star-coach] in its pyproject.toml."""

import difflib
import os
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from pathlib import Path
from typing import Any, NamedTuple, cast

from pydantic import BaseModel, ValidationError

from app.coach.exclusions import upwards
from app.errors import InvalidInput

OWN_FILE = "coach.toml"
SHARED_FILE = "pyproject.toml"
_TABLE = ("tool", "star-coach")
_MOST_BYTES = 1024 * 1024
_AT_LINE = re.compile(r" \(at line (\d+), column \d+\)$")
_AT_END = " (at end of document)"


class Project(NamedTuple):
    """What a project's file says; nothing where there is none.

    Attributes:
        path: The file.
        values: From the name of an option to what stands there.
        lines: On which line.
    """

    path: Path | None = None
    values: Mapping[str, Any] = {}
    lines: Mapping[str, int] = {}

    @property
    def folder(self) -> Path:
        """The folder that paths in the file are told from."""
        return self.path.parent if self.path else Path.cwd()

    @property
    def shown(self) -> str:
        """The file, as it is told to the user."""
        return os.path.relpath(self.path) if self.path else ""


def read_project(options: type[BaseModel], path: Path | None = None) -> Project:
    """Read a project's options.

    Args:
        options: Which there are, and what each may be.
        path: The file; by default the nearest upwards from the working directory, up to the root of its repository.

    Raises:
        InvalidInput: The file can't be read, or a key or a value is wrong; names the line.
    """
    for candidate in [path] if path else _candidates(Path.cwd()):
        text = _read(candidate, is_named=path is not None)
        if text is None:
            continue
        table = _table_of(candidate)
        try:
            document = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            if path is None and table and _TABLE[-1] not in text:
                continue  # another tool's trouble
            raise _broken(candidate, *_split(str(error), text)) from None
        values = _descend(document, table)
        if isinstance(values, dict):
            return _check(candidate, cast("dict[str, Any]", values), text, options)
        if values is not None:
            raise _broken(candidate, "tool.star-coach must be a table", _find_lines(text, table[:-1]).get(table[-1]))
        if path is not None:
            raise _broken(candidate, "there is no table [tool.star-coach]", None)
    return Project()


def _candidates(start: Path) -> Iterator[Path]:
    for folder in upwards(start):
        for name in (OWN_FILE, SHARED_FILE):
            if (folder / name).is_file():
                yield folder / name


def _read(path: Path, *, is_named: bool) -> str | None:
    try:
        with path.open("rb") as stream:
            raw = stream.read(_MOST_BYTES + 1)
        if len(raw) > _MOST_BYTES:
            raise _broken(path, f"larger than {_MOST_BYTES // 1024} KiB", None)
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        raise _broken(path, f"can't be read ({(error.strerror or 'unknown').lower()})", None) from None
    except UnicodeDecodeError as error:
        if path.name == SHARED_FILE and not is_named and _TABLE[-1].encode() not in error.object:
            return None
        raise _broken(path, "is not UTF-8", error.object.count(b"\n", 0, error.start) + 1) from None


def _table_of(path: Path) -> tuple[str, ...]:
    return _TABLE if path.name == SHARED_FILE else ()


def _descend(document: Any, table: Sequence[str]) -> Any:
    for name in table:
        document = cast("dict[str, Any]", document).get(name) if isinstance(document, dict) else None
    return document


def _check(path: Path, values: dict[str, Any], text: str, options: type[BaseModel]) -> Project:
    lines = _find_lines(text, _table_of(path)) if values else {}
    known = {_key(name): name for name in options.model_fields}
    for key in values:
        if key not in known:
            near = difflib.get_close_matches(key.lower().replace("_", "-"), known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
            raise _broken(path, f"unknown key {key[:40]!r}; {hint}", lines.get(key))
    try:
        options.model_validate({known[key]: value for key, value in values.items()})
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        key = _key(str(first["loc"][0]))
        raise _broken(path, f"{key}: {first['msg'].lower()}", lines.get(key)) from None
    return Project(
        path, {known[key]: value for key, value in values.items()}, {known[key]: line for key, line in lines.items()}
    )


def _key(name: str) -> str:
    return name.replace("_", "-")


def _find_lines(text: str, table: Sequence[str]) -> dict[str, int]:
    """Return on which line each key of a table of a TOML text begins: it is read statement by statement."""
    found: dict[str, int] = {}
    here: list[str] = []
    statement: list[str] = []
    for number, line in enumerate(text.split("\n"), start=1):
        statement.append(line)
        try:
            document: Any = tomllib.loads("\n".join(statement))
        except tomllib.TOMLDecodeError:
            continue  # in the middle of a value
        if statement[0].lstrip().startswith("["):
            here = list(_read_header(document))
        else:
            document = reduce(lambda inner, name: {name: inner}, reversed(here), document)
        values = _descend(document, table)
        for key in cast("dict[str, Any]", values) if isinstance(values, dict) else ():
            found.setdefault(key, number - len(statement) + 1)
        statement = []
    return found


def _read_header(document: Any) -> Iterator[str]:
    """Yield the names of a table from what its header alone is read as."""
    while isinstance(document, dict) and document:
        [(name, document)] = cast("dict[str, Any]", document).items()
        yield name


def _split(message: str, text: str) -> tuple[str, int]:
    """Return the reason and the line of a complaint about TOML."""
    place = _AT_LINE.search(message)
    line = int(place[1]) if place else text.count("\n") + 1
    return _AT_LINE.sub("", message).removesuffix(_AT_END).lower(), line


def _broken(path: Path, reason: str, line: int | None) -> InvalidInput:
    shown = os.path.relpath(path)
    return InvalidInput(f"{shown}: {reason}" if line is None else f"{shown}:{line}: {reason}", slug="bad-project-file")
