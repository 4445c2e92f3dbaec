"""Parse YAML and JSON strictly: no duplicate keys, no NaN, and every complaint has a line."""

import io
import json
import math
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, cast

import yaml

if TYPE_CHECKING:
    from yaml import SafeLoader as _BaseLoader
else:
    _BaseLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_HALF_A_PAIR = re.compile(r"[\ud800-\udfff]")


class DocumentError(ValueError):
    """A text is not the YAML or JSON it should be.

    Args:
        reason: One clause that quotes nothing but key names.
        line: 1-based line in the parsed text, or None when unknown.
    """

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


class _StrictLoader(_BaseLoader):
    """A safe loader that refuses a key given twice and takes dates, and words such as no, for text."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002
        seen: set[Any] = set()
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                raise DocumentError("merge keys (<<) are not allowed", key_node.start_mark.line + 1)
            if not isinstance(key_node, yaml.ScalarNode):
                raise DocumentError("a key must be plain text", key_node.start_mark.line + 1)
            if key_node.value in seen:
                raise DocumentError(_given_twice(key_node.value), key_node.start_mark.line + 1)
            seen.add(key_node.value)
        return cast("dict[Any, Any]", super().construct_mapping(node, deep=deep))


def _keep_text(loader: Any, node: Any) -> str:
    return str(loader.construct_scalar(node))


def _make_number(loader: Any, node: Any) -> float:
    number = float(loader.construct_yaml_float(node))
    if not math.isfinite(number):
        raise DocumentError("a number is not finite", node.start_mark.line + 1)
    return number


_StrictLoader.add_constructor("tag:yaml.org,2002:timestamp", _keep_text)
_StrictLoader.add_constructor("tag:yaml.org,2002:float", _make_number)
# As in YAML 1.2, only true and false are booleans: a title may be "No", and a key may be "yes".
_BOOL = "tag:yaml.org,2002:bool"
_TRUE_OR_FALSE = re.compile(r"(?:true|True|TRUE|false|False|FALSE)$")
_StrictLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != _BOOL]
    for first, resolvers in _BaseLoader.yaml_implicit_resolvers.items()
}
for _first in "tTfF":
    _StrictLoader.yaml_implicit_resolvers.setdefault(_first, []).append((_BOOL, _TRUE_OR_FALSE))


def _given_twice(key: str) -> str:
    short = key if len(key) <= 40 else key[:37] + "..."  # noqa: PLR2004 - a key in a message fits a line
    return f"the key {short!r} is given twice"


def holds_half_a_pair(text: str) -> bool:
    """Tell whether a text holds half of a surrogate pair, so that it is not valid Unicode."""
    return not text.isascii() and _HALF_A_PAIR.search(text) is not None


def load_yaml(text: str) -> Any:
    """Return the value of one YAML document.

    Raises:
        DocumentError: The text is not YAML, has a duplicate key, an anchor merge or a non-finite number.
    """
    try:
        value = yaml.load(text, Loader=_StrictLoader)  # noqa: S506 - derives from the safe loader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise DocumentError(f"not valid YAML ({error.problem})", mark.line + 1 if mark else None) from None
    except yaml.YAMLError:
        raise DocumentError("not valid YAML (a character is not allowed)") from None
    except (ValueError, RecursionError) as error:
        if isinstance(error, DocumentError):
            raise
        raise DocumentError("not valid YAML (a value can't be read)") from None
    return value


def load_json(text: str) -> Any:
    """Return the value of one JSON document.

    Raises:
        DocumentError: The text is not JSON, has a duplicate key, NaN, Infinity or a number beyond range.
    """
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise DocumentError(f"not valid JSON ({error.msg}, column {error.colno})", error.lineno) from None
    except RecursionError:
        raise DocumentError("not valid JSON (nested too deeply)") from None
    except DocumentError as error:
        raise DocumentError(error.reason, _complaint_line(text, error.reason)) from None
    except ValueError:
        reason = "not valid JSON (a number is out of range)"
        raise DocumentError(reason, _complaint_line(text, reason)) from None
    try:
        _refuse_non_finite(value)
    except DocumentError as error:
        raise DocumentError(error.reason, _complaint_line(text, error.reason)) from None
    return value


_TOKEN = re.compile(
    r'(?P<string>"(?:[^"\\]|\\.)*+")(?P<colon>\s*:)?|(?P<open>[{\[])|(?P<close>[}\]])'
    r"|(?P<constant>NaN|-?Infinity)|(?P<number>-?[0-9][0-9.eE+-]*)"
)


def _complaint_line(text: str, reason: str) -> int | None:
    """Return the line of what a JSON text is complained of for, which Python's parser does not tell."""
    keys: list[set[str]] = []
    for token in _TOKEN.finditer(text):
        if token["open"]:
            keys.append(set())
        elif token["close"]:
            keys = keys[:-1]
        elif token["colon"] and keys:
            key = str(json.loads(token["string"]))
            if key in keys[-1] and reason == _given_twice(key):
                return text.count("\n", 0, token.start()) + 1
            keys[-1].add(key)
        elif (token["constant"] and token["constant"] in reason) or (token["number"] and _is_extreme(token["number"])):
            return text.count("\n", 0, token.start()) + 1
    return None


def _is_extreme(number: str) -> bool:
    """Tell whether Python takes a JSON number for infinite, or for too long to read."""
    try:
        return json.loads(number) in {math.inf, -math.inf}
    except ValueError:
        return True


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in pairs:
        if key in result:
            raise DocumentError(_given_twice(key))
        result[key] = value
    return result


def _refuse_constant(name: str) -> NoReturn:
    raise DocumentError(f"{name} is not a JSON number")


def _refuse_non_finite(value: Any) -> None:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting.extend(cast("dict[Any, Any]", item).values())
        elif isinstance(item, list):
            waiting.extend(cast("list[Any]", item))
        elif isinstance(item, float) and not math.isfinite(item):
            raise DocumentError("a number is not finite")


def find_line(text: str, path: Sequence[int | str]) -> int | None:
    """Return the 1-based line on which the value at `path` begins in a YAML or JSON text, or its nearest parent's."""
    node = _compose(text)
    if node is None:
        return None
    line: int = node.start_mark.line + 1
    for step in path:
        line = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            match = next((pair for pair in node.value if pair[0].value == str(step)), None)
            if match is None:
                return line
            line, node = match[0].start_mark.line + 1, match[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
        else:
            return line
    return line


@lru_cache(maxsize=1)
def _compose(text: str) -> Any:
    try:
        return yaml.compose(text, Loader=_BaseLoader)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None


class FrontMatter(NamedTuple):
    """A text split at its front matter.

    Attributes:
        fields: The mapping between the `---` lines, or None when the text has no front matter.
        body: The text after the newline that ends the closing `---`, untrimmed; all of it without front matter.
        first_line: The 1-based line of the file on which the body begins.
    """

    fields: dict[str, Any] | None
    body: str
    first_line: int


def split_front_matter(text: str) -> FrontMatter:
    """Split a text at its YAML front matter.

    Raises:
        DocumentError: The front matter never closes, is not YAML or is not a mapping; lines count in the file.
    """
    lines = list(io.StringIO(text, newline=""))  # \n, \r\n and \r alone end a line; form feeds do not
    if not lines or lines[0].rstrip() != "---" or not lines[0].startswith("---"):
        return FrontMatter(None, text, 1)
    for number, line in enumerate(lines[1:], start=1):
        if line.rstrip() == "---":
            closing = number
            break
    else:
        # A Markdown rule as the first line is no front matter unless a key follows it.
        if len(lines) == 1 or ":" not in lines[1]:
            return FrontMatter(None, text, 1)
        raise DocumentError("the front matter opened by --- is never closed", 1)
    try:
        fields = load_yaml("".join(lines[1:closing]))
    except DocumentError as error:
        raise DocumentError(f"front matter: {error.reason}", (error.line or 1) + 1) from None
    if fields is None:
        fields = {}
    if not isinstance(fields, dict):
        raise DocumentError("the front matter must be a mapping of names to values", 2)
    body = "".join(lines[closing + 1 :])
    return FrontMatter(cast("dict[str, Any]", fields), body, closing + 2)
