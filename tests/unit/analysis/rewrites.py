"""Change a story in one respect: what it says stays, or exactly one thing of it is lost."""

import re
from collections.abc import Callable

from app.analysis.sections import Reading, Role, read_sections
from app.analysis.sentences import split_sentences

Rewrite = Callable[[str], str]
Readings = tuple[Reading, ...]

_YEAR_OR_DIGIT = re.compile(r"(?<![\d.,])(?:19|20)\d\d(?!\d)|\d")
_STEM = (
    r"\b(\w*(?:organ|real|recogn|prior|summar|standard|final|optim|minim|maxim|apolog|emphas|util|stabil|"
    r"central|custom))"
)
_BRITISH = re.compile(_STEM + r"is(e[ds]?|ing|ation|er)\b", re.IGNORECASE)
_AMERICAN = re.compile(_STEM + r"iz(e[ds]?|ing|ation|er)\b", re.IGNORECASE)
_OUR = re.compile(r"\b(col|behavi|fav|lab|hon|neighb|harb|rum)our", re.IGNORECASE)
_OR = re.compile(r"\b(col|behavi|fav|lab|hon|neighb|harb|rum)or(?!at)", re.IGNORECASE)
_NAME = re.compile(
    r"\b(?:called|named|with|told|asked|and|from|to|for|manager|colleague|boss|lead|engineer|director),? "
    r"([A-Z][a-z]{2,9})\b"
)
_NO_NAME = frozenset(
    """
    The This That When Then After Before And But English German French Monday Tuesday Wednesday Thursday Friday
    Saturday Sunday January February March April May June July August September October November December
    """.split()
)
_NEW_NAMES = ("Marit", "Jonas", "Adaeze", "Ruben", "Sunniva", "Tiago")


def change_digits(text: str) -> str:
    """Replace every digit but 0, and no year."""
    return _YEAR_OR_DIGIT.sub(lambda m: m.group() if m.group() == "0" or m.end() - m.start() > 1 else _next(m), text)


def _next(match: re.Match[str]) -> str:
    return str(int(match.group()) % 9 + 1)


def change_currency(text: str) -> str:
    """Replace the signs of dollars, euros and pounds by one another."""
    return text.translate(str.maketrans("$€£", "€£$"))


def change_names(text: str) -> str:
    """Replace the first names of people by others."""
    found = [name for name in dict.fromkeys(_NAME.findall(text)) if name not in _NO_NAME]
    for number, name in enumerate(found):
        text = re.sub(rf"\b{name}\b", _NEW_NAMES[number % len(_NEW_NAMES)], text)
    return text


def spell_american(text: str) -> str:
    """Write -ize and -or."""
    return _OUR.sub(r"\1or", _BRITISH.sub(r"\1iz\2", text))


def spell_british(text: str) -> str:
    """Write -ise and -our."""
    return _OR.sub(r"\1our", _AMERICAN.sub(r"\1is\2", text))


def curl_quotes(text: str) -> str:
    """Write quotation marks and apostrophes as a word processor does."""
    return re.sub(r'"([^"\n]*)"', "“\\1”", text.replace("'", "’"))


def straighten_quotes(text: str) -> str:
    """Write quotation marks and apostrophes as a terminal does."""
    return text.translate(str.maketrans("’‘“”", "''\"\""))


def trail_spaces(text: str) -> str:
    """Leave spaces at the end of every line and empty lines at the end of the text."""
    return re.sub(r"(?m)$", "  ", text) + "\n\n \n"


def end_lines_with_crlf(text: str) -> str:
    """End lines as Windows does."""
    return text.replace("\n", "\r\n")


def end_lines_with_cr(text: str) -> str:
    """End lines as an old Mac did."""
    return text.replace("\n", "\r")


def read(text: str) -> Readings:
    """Return a story's sentences with their roles, as the rewrites of some parts need them."""
    return read_sections(split_sentences(text))


def _rewrite(text: str, readings: Readings, roles: tuple[Role, ...], change: Callable[[Reading], str]) -> str:
    """Change the sentences that have one of these roles."""
    pieces: list[str] = []
    reached = 0
    for reading in readings:
        pieces += [text[reached : reading.sentence.start], change(reading) if reading.role in roles else reading.text]
        reached = reading.sentence.end
    return "".join([*pieces, text[reached:]])


def add_neutral_sentence(text: str, readings: Readings) -> str:
    """Add a sentence without meaning behind the first one that sets the scene, if there is any."""
    end = next((reading.sentence.end for reading in readings if reading.role is Role.SITUATION), 0)
    return f"{text[:end]} The office was on the third floor.{text[end:]}"


def say_we(text: str, readings: Readings) -> str:
    """Give the candidate's actions to a group."""
    return _rewrite(text, readings, (Role.ACTION,), lambda reading: _to_group(reading.text))


def _to_group(sentence: str) -> str:
    for own, group in (
        (r"\bI'm\b", "we're"),
        (r"\bI\b", "we"),
        (r"\b[Mm]y\b", "our"),
        (r"\bme\b", "us"),
        (r"\bmyself\b", ""),
    ):
        sentence = re.sub(own, group, sentence)
    return sentence[:1].upper() + sentence[1:]


def say_i(text: str, readings: Readings) -> str:
    """Give a group's actions to the candidate."""
    return _rewrite(text, readings, (Role.ACTION,), lambda reading: _to_self(reading.text))


def _to_self(sentence: str) -> str:
    for group, own in (
        (r"\b[Ww]e\b|\b(?:[Tt]he|[Oo]ur|[Mm]y) team\b", "I"),
        (r"\bI (?:were|are)\b", "I was"),
        (r"\bus\b", "me"),
        (r"\b[Oo]ur\b", "my"),
    ):
        sentence = re.sub(group, own, sentence)
    return sentence


def drop_numbers(text: str, readings: Readings) -> str:
    """Take the quantities out of the sentences that tell the result."""
    return _rewrite(text, readings, (Role.RESULT, Role.LEARNING), _without_numbers)


def _without_numbers(reading: Reading) -> str:
    sentence = reading.text
    for quantity in reversed(reading.quantities):
        sentence = f"{sentence[: quantity.start]}better{sentence[quantity.end :]}"
    return sentence
