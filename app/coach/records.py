"""Turn the fields of a record or of front matter into a story, or say which field is wrong and on which line."""

import difflib
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, cast

from app.documents import holds_half_a_pair
from app.domain import Story
from app.errors import UnreadableStory

FIELDS = ("id", "title", "question", "principles", "role", "level")

_PRINCIPLES_ARE = "principles must be a list of names, or names with commas between"
_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$", re.MULTILINE)


class Place(NamedTuple):
    """Where the fields of a story come from.

    Attributes:
        path: The file, as the caller named it.
        line_of: From the name of a field to its line in the file; an empty name is the record itself.
        stem: The title of a story that has neither a title nor a heading.
        record_line: The line that holds the whole record, where a line does.
    """

    path: str
    line_of: Callable[[str], int | None]
    stem: str | None
    record_line: int | None = None

    def complaint(self, reason: str, field: str = "", *, slug: str | None = None) -> UnreadableStory:
        """Return the error that names this place."""
        error = UnreadableStory(self.path, reason, line=self.line_of(field))
        error.slug = slug or error.slug
        return error


def story_from_record(record: Any, place: Place) -> Story:
    """Return the story of one JSON or YAML record: an object with `text` and, if wanted, the front matter's fields.

    Raises:
        UnreadableStory: The value is no record, has no text, or a field is unknown or of the wrong type.
    """
    if not isinstance(record, dict):
        raise place.complaint("a story must be an object with a text")
    fields = dict(cast("dict[Any, Any]", record))
    text = fields.pop("text", None)
    if text is None:
        raise place.complaint("the story has no text")
    if not isinstance(text, str):
        raise place.complaint("text must be a string", "text")
    _check_characters("text", text, place)
    return story_from_fields(fields, place, text=text, first_line=1)


def story_from_fields(
    fields: Mapping[Any, Any], place: Place, *, text: str, first_line: int, first_char: int | None = None
) -> Story:
    """Return a story whose fields have been checked.

    Raises:
        UnreadableStory: A field is unknown or of the wrong type.
    """
    for name in fields:
        if name not in FIELDS:
            raise place.complaint(_unknown(str(name)), str(name))
    named = {name: _text(name, fields.get(name), place) for name in FIELDS if name != "principles"}
    return Story(
        **{**named, "title": named["title"] or _heading(text) or place.stem},
        text=text,
        principles=_principles(fields.get("principles"), place),
        path=place.path,
        first_line=first_line,
        first_char=first_char,
        record_line=place.record_line,
    )


def _unknown(name: str) -> str:
    near = difflib.get_close_matches(name.lower(), FIELDS, n=1)
    hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(FIELDS)}"
    return f"unknown key {show_key(name)}; {hint}"


def show_key(name: str) -> str:
    """Return a key in quotes, short enough for a message."""
    return repr(name if len(name) <= 40 else name[:37] + "...")  # noqa: PLR2004 - a key in a message fits a line


def _text(name: str, value: Any, place: Place) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise place.complaint(f"{name} must be text (put it in quotes)", name)
    _check_characters(name, value, place)
    return value.strip() or None


def _principles(value: Any, place: Place) -> tuple[str, ...]:
    items: Any = value.split(",") if isinstance(value, str) else value or []
    if not isinstance(items, list):
        raise place.complaint(_PRINCIPLES_ARE, "principles")
    names: list[str] = []
    for item in cast("list[Any]", items):
        if not isinstance(item, str):
            raise place.complaint(_PRINCIPLES_ARE, "principles")
        _check_characters("principles", item, place)
        names.append(item.strip())
    return tuple(dict.fromkeys(name for name in names if name))


def _check_characters(name: str, value: str, place: Place) -> None:
    if "\0" in value:
        raise place.complaint(f"{name} holds a NUL character", name)
    if holds_half_a_pair(value):
        raise place.complaint(f"{name} holds half of a surrogate pair", name)


def _heading(text: str) -> str | None:
    match = _HEADING.search(text)
    return (match.group(1).strip() or None) if match else None
