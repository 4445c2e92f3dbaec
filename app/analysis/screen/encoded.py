"""Read what is written in a code, to know a plea that hides in one."""

import base64
import binascii
import html
import re
import urllib.parse
from collections.abc import Iterator

from app.analysis.screen.pleas import is_plea
from app.analysis.small_words import ENGLISH
from app.domain import Span

_BASE64 = re.compile(r"(?<![\w+/=-])[A-Za-z0-9+/_-]{16,4000}={0,2}(?![\w+/])")
_BASE64_LINES = re.compile(r"(?:[A-Za-z0-9+/]{20,80}\s+){1,60}[A-Za-z0-9+/]{2,80}={0,2}")
_BASE32 = re.compile(r"(?<!\w)[A-Z2-7]{24,2000}={0,6}(?!\w)")
_HEX = re.compile(
    r"(?<!\w)(?:0x)?(?:[0-9a-fA-F]{2}[ :,-]?){12,2000}(?!\w)|"
    r"(?:\\x[0-9a-fA-F]{2}){6,}|(?:0x[0-9a-fA-F]{2}[, ]*){6,}"
)
_BINARY = re.compile(r"(?:[01]{8}[ ,]?){6,1000}")
_DECIMAL = re.compile(r"(?:\b(?:3[2-9]|[4-9]\d|1[01]\d|12[0-6])\b[ ,]+){11,1000}\b\d{2,3}\b")
_ESCAPED = re.compile(r"(?:(?:\\u00|%|\\u\{|&#x?|\\)[0-9a-fA-F]{2,3};?\}?[\w ]{0,3}?){6,1000}")
_MORSE = re.compile(r"(?:[.\-·−–•_]{1,6}[ /|]+){9,1000}[.\-·−–•_]{1,6}")
_SPACED = re.compile(r"(?<!\w)(?:\w(?:[ .\-_*/|,]{1,3})){7,400}\w(?!\w)")
_LEET_TOKEN = re.compile(r"\b(?=\w*[a-z@$!|])(?=[a-z@$!|]*\d)[\w@$!|]{2,}|\b\w*[@$]\w+", re.IGNORECASE)
_MAY_HOLD = re.compile(
    r"[A-Za-z0-9+/_=-]{16}|(?:[0-9a-fA-F]{2}[ :,-]?){12}|\\x|0x|[01]{8}|\\u|%\d|&#|(?:\b\d{2,3}[ ,]+){11}|"
    r"(?:[.\-·−–•_]{1,6}[ /|]+){9}"
)
_SMALL = re.compile(r"\b(?:the|and|to|of|in|I|we|it|was|my|a|for|on|with|that|is|by|at|The|We|It|My|A|In)\b")
_SMALL_SHARE = 8
_MAY_BE_LEET = re.compile(r"[a-z@$][0-9@$][a-z]")
_FEW_LEET = 3
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
_SQUEEZED = re.compile(
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
    spans: list[Span] = []
    if _MAY_HOLD.search(text):
        for pattern, decode in _CODES:
            spans.extend(
                Span(*match.span())
                for match in pattern.finditer(text)
                if any(_pleads(plain) for plain in decode(match.group()))
            )
    if _SPACED.search(text):
        spans.extend(Span(*match.span()) for match in _SPACED.finditer(text) if pleads_squeezed(match.group()))
    return tuple(sorted(set(spans)))


def is_coded_plea(sentence: str) -> bool:
    """Tell whether a sentence becomes a plea when its letters are put back in place."""
    if len(_SMALL.findall(sentence)) * _SMALL_SHARE > sentence.count(" ") and not _MAY_BE_LEET.search(sentence):
        return False
    if len(sentence.split()) < _FEW_WORDS:
        return False
    leet = _LEET_TOKEN.findall(sentence)
    if len(leet) >= _FEW_LEET and any(is_plea(sentence.lower().translate(table)) for table in (_LEET, _LEET_I)):
        return True
    if _is_english(sentence):
        return False
    return any(_is_english(candidate) and is_plea(candidate) for candidate in _rearrange(sentence))


def pleads_squeezed(text: str) -> bool:
    """Tell whether the letters of a text alone, without spaces between, make up a plea."""
    return _SQUEEZED.search(re.sub(r"[\W_]+", "", text.lower())) is not None


def _rearrange(sentence: str) -> Iterator[str]:
    yield sentence[::-1]
    yield " ".join(word[::-1] for word in sentence.split())
    lower = sentence.lower()
    for shift in range(1, 26):
        yield "".join(chr((ord(char) - 97 + shift) % 26 + 97) if "a" <= char <= "z" else char for char in lower)
    yield "".join(chr(219 - ord(char)) if "a" <= char <= "z" else char for char in lower)
    yield "".join(chr(33 + (ord(char) - 33 + 47) % 94) if "!" <= char <= "~" else char for char in sentence)
    yield re.sub(r"\b(\w+?)-?([bcdfghjklmnpqrstvwxz]{0,4})ay\b", r"\2\1", lower)
    yield re.sub(r"\b(\w+)(?:way|yay)\b", r"\1", lower)


def _is_english(text: str) -> bool:
    words = re.findall(r"\w+", text.lower())
    return sum(word in ENGLISH for word in words) >= _ENGLISH_SHARE * len(words)


def _pleads(plain: str, depth: int = _DEPTH) -> bool:
    if is_plea(plain, marked=True) or any(is_plea(piece, marked=True) for piece in re.split(r"[.;!\n]+", plain)[:20]):
        return True
    if pleads_squeezed(plain):
        return True
    if depth and len(plain) >= _SHORTEST:
        return is_coded_plea(plain) or any(
            _pleads(inner, depth - 1)
            for pattern, decode in _CODES
            for match in pattern.finditer(plain)
            for inner in decode(match.group())
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


_CODES = (
    (_BASE64, _from_base64),
    (_BASE64_LINES, _from_base64),
    (_BASE32, _from_base32),
    (_HEX, _from_hex),
    (_BINARY, _from_binary),
    (_DECIMAL, _from_decimal),
    (_ESCAPED, _from_escapes),
    (_MORSE, _from_morse),
)
