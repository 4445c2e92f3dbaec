"""Give a text as a person sees it: without hidden characters and with look-alike letters in plain form."""

import re
import unicodedata
from typing import NamedTuple

from app.analysis.lazily import Pattern
from app.domain import Span


class Plain(NamedTuple):
    """A text as it is read.

    Attributes:
        text: The text without what nobody sees.
        places: For each of its characters the place in the original; None where both are the same.
        odd: Places in the original where characters hide something, in order.
    """

    text: str
    places: tuple[int, ...] | None
    odd: tuple[Span, ...]

    def span(self, start: int, end: int) -> Span:
        """Return the place in the original of a stretch that is not empty."""
        return Span(start, end) if self.places is None else Span(self.places[start], self.places[end - 1] + 1)


_LATIN = dict(
    zip(
        "аеорсухіјѕһԁԛԝѵкмтнвгпАВЕКМНОРСТХУІЈЅԌαορνικυτηεΑΒΕΖΗΙΚΜΝΟΡΤΥΧϲϳօոսցհյаԹՕՍɑɡıſƖᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ",
        "aeopcyxijshdqwvkmthvrnABEKMHOPCTXYIJSGaopvikutneABEZHIKMNOPTYXcjonughjaGOUagislabcdefghijklmnoprstuvwyz",
        strict=True,
    )
)
_TWINS = frozenset("аеорсухіјѕһԁԛԝАВЕКМНОРСТХІЈЅοορνΑΒΕΖΗΙΚΜΝΟΡΤΥΧ")
"""Letters that look the same in every typeface; a word of them alone is taken for a Latin one."""
_SMALL = frozenset("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ")
_STYLED = Pattern(
    "[\U0001d400-\U0001d7ff\uff01-\uff5e\u24b6-\u24e9\u1d2c-\u1d6a\u2070-\u209c\u2102-\u2149\U0001f110-\U0001f189]"
)
_REGIONAL = Pattern("[\U0001f1e6-\U0001f1ff]")
_SQUARED = {0x1F150: "A", 0x1F170: "A", 0x1F110: "A", 0x1F130: "A"}
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
_ALARMING = frozenset("\x08\x1b\u202d\u202e\ufff9\ufffa\ufffb")
_ODD = Pattern(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u0300-\u036f\u034f\u0370-\u058f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u1ab0-\u1aff\u1d00-\u1dff\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2070-\u209c\u20d0-\u20ff\u2102-\u2149\u24b6-\u24e9"
    "\u2800\u3164\ua720-\ua7ff\u1d00-\u1d2b\ue000-\uf8ff\ufe00-\ufe0f\ufe20-\ufe2f\ufeff\uff01-\uff5e\uffa0\ufff9-\ufffb\u0250-\u02af\u0131"
    "\u017f\u0196\U0001d400-\U0001d7ff\U0001f110-\U0001f189\U0001f1e6-\U0001f1ff\U000e0000-\U000e01ef\U000f0000-\U0010ffff]"
)
_WORD = Pattern(r"[^\W\d_]+")
_FLAG = Pattern("\U0001f3f4[\U000e0020-\U000e007e]{1,8}\U000e007f")
_OVERRIDDEN = Pattern("\x1b\\[[0-9;]*[A-Za-z]?|\x9b[0-9;]*[A-Za-z]?|[\u202d\u202e][^\u202c\n]{0,2000}\u202c?")
_CARRIED = Pattern("(?<!\\S)\\S[\ufe00-\ufe0f\U000e0100-\U000e01ef]{4,}")
"""A character that stands alone and carries a hidden text."""
_MOST_MARKS = 4
_KEYCAP = "\u20e3"
_FEW = 3
_TAGS = range(0xE0000, 0xE1000)
_SELECTORS = range(0xFE00, 0xFE10)
_MORE_SELECTORS = range(0xE0100, 0xE01F0)
_BASIC = 0xFFFF
_LATIN_ENDS = 0x036F
_BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufeff")
_SYMBOL_FONT = range(0xF000, 0xF100)
_APPLE = 0xF8FF


def read_plain(text: str) -> Plain:
    """Return a text without hidden characters; the same text when there are none, which is the usual case."""
    if not (_CONTROL.search(text) if text.isascii() else _ODD.search(text)):
        return Plain(text, None, ())
    return _Cleaner(text).clean()


class _Cleaner:
    """Walks over a text that has odd characters."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._kept: list[str] = []
        self._places: list[int] = []
        self._alarming: list[Span] = []
        self._doubtful: list[Span] = []
        self._marks = 0

    def clean(self) -> Plain:
        """Return the plain text; characters that may stand in honest text are odd only when there are several."""
        folded = self._find_lookalikes()
        skipped = [match.span() for match in _FLAG.finditer(self._text)]
        overridden = [match.span() for odd in (_OVERRIDDEN, _CARRIED) for match in odd.finditer(self._text)]
        self._alarming += [Span(*span) for span in overridden]
        dropped = {at for start, end in overridden for at in range(start, end)}
        emoji = {at for start, end in skipped for at in range(start, end)}
        for at, char in enumerate(self._text):
            if at in dropped:
                continue
            if at in emoji or (char.isascii() and char.isprintable()) or char in "\n\t\r":
                self._keep(char, at)
            elif at in folded:
                self._keep(folded[at], at)
            else:
                self._read(char, at)
        odd = self._alarming + (self._doubtful if len(self._doubtful) >= _FEW else [])
        return Plain("".join(self._kept), tuple(self._places), _join(sorted(set(odd))))

    def _keep(self, chars: str, at: int) -> None:
        self._marks = 0
        self._kept.extend(chars)
        self._places.extend([at] * len(chars))

    def _read(self, char: str, at: int) -> None:
        code = ord(char)
        category = unicodedata.category(char)
        if category in {"Mn", "Me"} and not _is_selector(code):
            self._read_mark(char, at)
        elif _is_selector(code):
            self._read_selector(char, at)
        elif code in _TAGS or char in _ALARMING:
            self._alarming.append(Span(at, at + 1))
        elif category == "Co":
            self._read_private(code, at)
        elif category in {"Cf", "Cc"} or char in _BLANKS:
            self._read_invisible(char, at)
        elif _REGIONAL.match(char) and not any(
            map(_REGIONAL.match, self._text[max(at - 1, 0) : at] + self._text[at + 1 : at + 2])
        ):
            self._doubtful.append(Span(at, at + 1))
        elif _STYLED.match(char):
            self._keep(_unstyle(char), at)
        else:
            self._keep(char, at)

    def _read_mark(self, char: str, at: int) -> None:
        """Keep what a script needs; a mark that no Latin letter takes, or a stack of them, is a disguise."""
        self._marks += 1
        if char in _BLANKS or self._marks > _MOST_MARKS:
            self._alarming.append(Span(at, at + 1))
        elif char != _KEYCAP and self._follows_latin() and not self._composes(char):
            self._doubtful.append(Span(at, at + 1))
        else:
            self._kept.append(char)
            self._places.append(at)

    def _follows_latin(self) -> bool:
        letter = next((char for char in reversed(self._kept[-_MOST_MARKS:]) if char.isalpha()), "")
        return bool(letter) and "LATIN" in unicodedata.name(letter, "")

    def _composes(self, mark: str) -> bool:
        start = len(self._kept) - 1
        while start > 0 and unicodedata.category(self._kept[start]) == "Mn":
            start -= 1
        return len(unicodedata.normalize("NFC", "".join(self._kept[start:]) + mark)) == 1

    def _read_selector(self, char: str, at: int) -> None:
        before = self._text[at - 1] if at else ""
        if _is_selector(ord(before)) if before else False:
            self._alarming.append(Span(at - 1, at + 1))
        elif before and (not before.isascii() or before in "#*0123456789") and not before.isspace():
            self._keep(char, at)
        else:
            self._doubtful.append(Span(at, at + 1))

    def _read_private(self, code: int, at: int) -> None:
        if code > _BASIC:
            self._alarming.append(Span(at, at + 1))
        elif code not in _SYMBOL_FONT and code != _APPLE:
            self._doubtful.append(Span(at, at + 1))

    def _read_invisible(self, char: str, at: int) -> None:
        before, after = self._text[at - 1 : at], self._text[at + 1 : at + 2]
        if char in "\u200c\u200d" and before and not before.isascii() and "LATIN" not in unicodedata.name(before, ""):
            self._keep(char, at)
        elif char == "\u200b" and not (before.isalnum() and after.isalnum()):
            self._read_run(before, after, at)
        elif char in "\u202b\u2067" and not _is_rtl(self._text[at + 1 : at + 200]):
            self._alarming.append(Span(at, at + 1))
        elif char in "\u2062\u2063\u2064\u2061\u180e\u2800\u3164\u115f\u1160\uffa0\u200b\u2060\u200c\u200d":
            self._doubtful.append(Span(at, at + 1))

    def _read_run(self, before: str, after: str, at: int) -> None:
        if "\u200b" <= (before or " ") <= "\u200d" or "\u200b" <= (after or " ") <= "\u200d":
            self._doubtful.append(Span(at, at + 1))

    def _find_lookalikes(self) -> dict[int, str]:
        """Return the letters of another script that stand for Latin ones, and note the words that mix scripts."""
        folded: dict[int, str] = {}
        for match in _WORD.finditer(self._text):
            word = match.group()
            if word.isascii():
                continue
            foreign = [(at, char) for at, char in enumerate(word) if not char.isascii() and char in _LATIN]
            others = [char for char in word if not char.isascii() and char not in _LATIN and char.isalpha()]
            if not foreign or any("LATIN" not in unicodedata.name(char, "") for char in others):
                continue
            if len(foreign) == len(word) and not (_TWINS.issuperset(word) or _SMALL.issuperset(word)):
                continue
            folded.update({match.start() + at: _LATIN[char] for at, char in foreign})
            if len(foreign) < len(word) and any(ord(char) > _LATIN_ENDS for _, char in foreign):
                self._doubtful.append(Span(*match.span()))
        return folded


def _is_selector(code: int) -> bool:
    return code in _SELECTORS or code in _MORE_SELECTORS


def _is_rtl(text: str) -> bool:
    return any(unicodedata.bidirectional(char) in {"R", "AL"} for char in text)


def _unstyle(char: str) -> str:
    code = ord(char)
    for first, letter in _SQUARED.items():
        if first <= code < first + 26:
            return chr(ord(letter) + code - first)
    return unicodedata.normalize("NFKC", char)


def _join(spans: list[Span]) -> tuple[Span, ...]:
    """Join spans that touch."""
    joined: list[Span] = []
    for span in spans:
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return tuple(joined)
