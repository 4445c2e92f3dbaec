"""Read what is written in a code, to know a plea that hides in one."""

import base64
import binascii
import html
import re
import urllib.parse
from collections.abc import Callable, Iterator
from functools import cache
from string import ascii_lowercase

from app.analysis.lazily import Pattern
from app.analysis.screen.openings import has_any
from app.analysis.screen.pleas import is_plea
from app.analysis.small_words import ENGLISH
from app.domain import Span

_BASE64 = Pattern(r"(?<![\w+/=-])[A-Za-z0-9+/_-]{16,4000}={0,2}(?![\w+/])")
_BASE64_LINES = Pattern(r"(?:[A-Za-z0-9+/]{20,80}\s+){1,60}[A-Za-z0-9+/]{2,80}={0,2}")
_BASE32 = Pattern(r"(?<!\w)[A-Z2-7]{24,2000}={0,6}(?!\w)")
_HEX = Pattern(
    r"(?<!\w)(?:0x)?(?:[0-9a-fA-F]{2}[ :,-]?){12,2000}(?!\w)|"
    r"(?:\\x[0-9a-fA-F]{2}){6,}|(?:0x[0-9a-fA-F]{2}[, ]*){6,}"
)
_BINARY = Pattern(r"(?:[01]{8}[ ,]?){6,1000}")
_DECIMAL = Pattern(r"(?:\b(?:3[2-9]|[4-9]\d|1[01]\d|12[0-6])\b[ ,]+){11,1000}\b\d{2,3}\b")
_ESCAPED = Pattern(r"(?:(?:\\u00|%|\\u\{|&#x?|\\)[0-9a-fA-F]{2,3};?\}?[\w ]{0,3}?){6,1000}")
_MORSE = Pattern(r"(?:[.\-·−–•_]{1,6}[ /|]+){9,1000}[.\-·−–•_]{1,6}")
_SPACED = Pattern(r"(?<!\w)(?:[^\W_][ .\-_*/|,]{1,3}+){7,400}[^\W_](?!\w)")
_LEET_SIGNS = "@$!|İ"  # whoever ignores case takes the last for an i, which is more than one character in lower case
_BASE64_RUN = 16
_BASE64_LINE = 20
_BASE32_RUN = 24
_HEX_RUN = re.compile(r"[0-9a-fA-F]{2}[ :,-]?(?:[0-9a-fA-F]{2}[ :,-]?){11}")
_BITS = re.compile(r"[01]{8}")
_NUMBERS = re.compile(r"\d{2,3}[ ,]+\d{2,3}[ ,]+\d")
_MARKS = re.compile(r"[ /|][.\-·−–•_]{1,6}[ /|]+[.\-·−–•_]")
_SINGLES = re.compile(r"[ .\-_*/|,](?:[^\W_][ .\-_*/|,]{1,3}){6}")
_ESCAPES = 6
_LEET_TOKEN = Pattern(r"\b(?=\w*[a-z@$!|])(?=[a-z@$!|]*\d)[\w@$!|]{2,}|\b\w*[@$]\w+", re.IGNORECASE)
_SMALL = Pattern(r"\b(?:the|and|to|of|in|I|we|it|was|my|a|for|on|with|that|is|by|at|The|We|It|My|A|In)\b")
_SMALL_SHARE = 8
_MAY_BE_LEET = Pattern(r"[a-z@$][0-9@$][a-z]")
_FEW_LEET = 3
_ROT47 = {code: 33 + (code - 33 + 47) % 94 for code in range(33, 127)}
_LEET = str.maketrans("0134578@$9!|€", "oleastbasgiie")
_LEET_I = str.maketrans("0134578@$9!|€", "oieastbasgiie")
_MORSE_LETTERS: dict[str, str] = dict(
    zip(
        ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- --.. "
        "----- .---- ..--- ...-- ....- ..... -.... --... ---.. ----.".split(),
        "abcdefghijklmnopqrstuvwxyz0123456789",
        strict=True,
    )
)
"""Morse code of letters and digits."""
_TOKEN = re.compile(r"\w+")
_SQUEEZED = Pattern(
    r"(?:ignore|disregard|forget|override|bypass)(?:all|any|the|your|my|every|previous|prior|above|"
    r"earlier|preceding|system|these|other|of)*"
    r"(?:instruct|prompt|rule|guideline|rubric|criteria)|"
    r"(?:give|award|assign|rate|score|grade|mark|set|output|return|print)(?:me|this|it|a|"
    r"an|the|my|story|answer|candidate|response|full|maximum|max|highest|"
    r"top|perfect|strength|score|rating|level|as|with|at|of|to|is|please|only)*(?:5|five|"
    r"10|ten|max|highest|perfect|top|full|best)|"
    r"(?:strength|score|rating)(?:is|to|of|equals)?(?:5|five|max|10)|stronghire|nogaps|systemprompt|raisesthebar"
)
_ENGLISH_SHARE = 0.15
_DEPTH = 3
_FEW_WORDS = 2
_SHORTEST = 16
_READABLE_SHARE = 0.9
_DELETE = 127


def find_codes(text: str) -> tuple[Span, ...]:
    """Return the stretches of a text that become a plea when they are decoded."""
    longest = max(map(len, text.split()), default=0)
    spans = [
        Span(*match.span())
        for pattern, decode, may_hold in _CODES
        if may_hold(text, longest)
        for match in pattern.finditer(text)
        if any(_pleads(plain) for plain in decode(match.group()) if plain != match.group())
    ]
    if _SINGLES.search(text):
        spans.extend(Span(*match.span()) for match in _SPACED.finditer(text) if pleads_squeezed(match.group()))
    return tuple(sorted(set(spans)))


def is_coded_plea(sentence: str) -> bool:
    """Tell whether a sentence becomes a plea when its letters are put back in place."""
    words = _TOKEN.findall(sentence.lower())
    is_english = _are_english(words)
    may_be_leet = _may_have_leet(sentence, words)
    if is_english and not may_be_leet:
        return False
    if len(_SMALL.findall(sentence)) * _SMALL_SHARE > sentence.count(" ") and not _MAY_BE_LEET.search(sentence):
        return False
    if len(sentence.split()) < _FEW_WORDS:
        return False
    if (
        may_be_leet
        and len(_LEET_TOKEN.findall(sentence)) >= _FEW_LEET
        and any(is_plea(sentence.lower().translate(table)) for table in (_LEET, _LEET_I))
    ):
        return True
    return not is_english and any(_is_english(candidate) and is_plea(candidate) for candidate in _rearrange(sentence))


def _may_have_leet(sentence: str, words: list[str]) -> bool:
    """Tell whether signs or words with digits in them could make up enough words in which digits stand for letters."""
    if has_any(sentence, _LEET_SIGNS):
        return True
    return sum(not word.isdecimal() for word in words if not word.isalpha()) >= _FEW_LEET


def pleads_squeezed(text: str) -> bool:
    """Tell whether the letters of a text alone, without spaces between, make up a plea."""
    return _SQUEEZED.search(re.sub(r"[\W_]+", "", text.lower())) is not None


@cache
def _alphabets() -> tuple[dict[int, int], ...]:
    """Return the alphabets that are shifted by each number of letters, and the one that is read backwards."""
    letters = ascii_lowercase
    shifted = [str.maketrans(letters, letters[by:] + letters[:by]) for by in range(1, len(letters))]
    return (*shifted, str.maketrans(letters, letters[::-1]))


def _rearrange(sentence: str) -> Iterator[str]:
    yield sentence[::-1]
    yield " ".join(word[::-1] for word in sentence.split())
    lower = sentence.lower()
    for table in _alphabets():
        yield lower.translate(table)
    yield sentence.translate(_ROT47)
    yield re.sub(r"\b(\w+?)-?([bcdfghjklmnpqrstvwxz]{0,4})ay\b", r"\2\1", lower)
    yield re.sub(r"\b(\w+)(?:way|yay)\b", r"\1", lower)


def _is_english(text: str) -> bool:
    return _are_english(_TOKEN.findall(text.lower()))


def _are_english(words: list[str]) -> bool:
    return sum(map(ENGLISH.__contains__, words)) >= _ENGLISH_SHARE * len(words)


def _pleads(plain: str, depth: int = _DEPTH) -> bool:
    if is_plea(plain, marked=True) or any(is_plea(piece, marked=True) for piece in re.split(r"[.;!\n]+", plain)[:20]):
        return True
    if pleads_squeezed(plain):
        return True
    if depth and len(plain) >= _SHORTEST:
        return is_coded_plea(plain) or any(
            _pleads(inner, depth - 1)
            for longest in (max(map(len, plain.split()), default=0),)
            for pattern, decode, may_hold in _CODES
            if may_hold(plain, longest)
            for match in pattern.finditer(plain)
            for inner in decode(match.group())
            if inner != match.group()
        )
    return False


def _readable(raw: bytes) -> Iterator[str]:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        try:
            text = raw.decode("utf-16-le")
        except UnicodeDecodeError:
            return
    text = text.replace("\x00", "")
    if text and sum(char.isprintable() or char.isspace() for char in text) / len(text) > _READABLE_SHARE:
        yield text


def _from_base64(code: str) -> Iterator[str]:
    bare = re.sub(r"\s+", "", code).replace("-", "+").replace("_", "/").rstrip("=")
    try:
        raw = base64.b64decode(bare + "=" * (-len(bare) % 4))
    except (binascii.Error, ValueError):
        return
    yield from _readable(raw)
    yield from (text[::-1] for text in _readable(raw))


def _from_base32(code: str) -> Iterator[str]:
    bare = code.rstrip("=")
    try:
        yield from _readable(base64.b32decode(bare + "=" * (-len(bare) % 8)))
    except (binascii.Error, ValueError):
        return


def _from_hex(code: str) -> Iterator[str]:
    bare = re.sub(r"0x|\\x|[^0-9a-fA-F]", "", code)
    yield from _readable(bytes.fromhex(bare[: len(bare) // 2 * 2]))


def _from_binary(code: str) -> Iterator[str]:
    bits = re.sub(r"[^01]", "", code)
    yield from _readable(bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits) // 8 * 8, 8)))


def _from_decimal(code: str) -> Iterator[str]:
    yield "".join(chr(int(number)) for number in re.findall(r"\d+", code) if int(number) < _DELETE)


def _from_escapes(code: str) -> Iterator[str]:
    yield urllib.parse.unquote(code)
    yield html.unescape(code)
    yield re.sub(r"\\u\{?([0-9a-fA-F]{2,4})\}?", lambda match: chr(int(match.group(1), 16)), code)
    yield re.sub(r"\\([0-7]{3})", lambda match: chr(int(match.group(1), 8)), code)


def _from_morse(code: str) -> Iterator[str]:
    plain = re.sub(r"[·•]", ".", re.sub(r"[−–_]", "-", code))
    letters = [
        "".join(_MORSE_LETTERS.get(letter, "") for letter in word.split())
        for word in re.split(r"\s*[/|]\s*|\s{3,}", plain)
    ]
    yield " ".join(letters)


_CODES: tuple[tuple[Pattern, Callable[[str], Iterator[str]], Callable[[str, int], object]], ...] = (
    (_BASE64, _from_base64, lambda _, longest: longest >= _BASE64_RUN),
    (_BASE64_LINES, _from_base64, lambda _, longest: longest >= _BASE64_LINE),
    (_BASE32, _from_base32, lambda _, longest: longest >= _BASE32_RUN),
    (_HEX, _from_hex, lambda text, _: "\\x" in text or "0x" in text or _HEX_RUN.search(text)),
    (_BINARY, _from_binary, lambda text, _: _BITS.search(text)),
    (_DECIMAL, _from_decimal, lambda text, _: _NUMBERS.search(text)),
    (_ESCAPED, _from_escapes, lambda text, _: text.count("\\") + text.count("%") + text.count("&#") >= _ESCAPES),
    (_MORSE, _from_morse, lambda text, _: _MARKS.search(text)),
)
"""Each code with what reads it, and whether a text whose longest word is that long may hold it."""
