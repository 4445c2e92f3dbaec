"""Tell cheaply whether a text can hold a measure of a kind, before an expression is tried on it; sometimes in vain."""

import re

from app.analysis import quantity_patterns as patterns
from app.analysis.lazily import Pattern
from app.analysis.screen.openings import has_any

_WORD = re.compile(r"\w+")
has_digit = re.compile(r"\d").search
_COUNTED = frozenset(f"{patterns.WORDS_1_19}|{patterns.TENS}".split("|")) | frozenset(
    """
    hundred hundreds thousand thousands million millions dozen dozens half halved halving halves doubled doubling
    tripled trebled quadrupled third thirds quarter quarters twice zero none percent
    """.split()
)
_UNITS = frozenset("day week month year hour minute".split())
_A_UNIT = Pattern(r"\ban?\ (?:day|week|month|year|hour|minute)\b")
_NUMERAL = (
    rf"(?:{patterns.WORDS_1_19}|{patterns.TENS}|half\ a|(?:a|several)[-\ ]|zero|none|hundred|thousand|million|billion|"
    r"lakh|crore|dozen)"
)
_SOME_NUMERAL = (
    rf"\d|\b(?:{patterns.WORDS_1_19}|{patterns.TENS}|zero|none|hundred|thousand|million|billion|lakh|crore|dozen)"
)
_NUMERAL_NEXT = rf"(?:{patterns.CURRENCY}\s?)?(?:half|[-+−~≈]?\d|{_NUMERAL})"
_HAS_NUMERAL = Pattern(_SOME_NUMERAL)
_MAY_BLOCK = Pattern(
    rf"{_SOME_NUMERAL}|\ban?\ (?:day|night|week|month|year|quarter|hour|minute|second|shift|sprint|term|season)"
)
_TARGET = Pattern(rf"(?:\ to\ |>|→)\s*{patterns.APPROX}{_NUMERAL_NEXT}")
_START = Pattern(rf"{patterns.BEFORE}{_NUMERAL_NEXT}")
_STARTS = (
    "instead of|against|vs|versus|compared|rather than|up from|down from|was|before|where it|used to be|previously|"
    "formerly"
).split("|")
_WHOLE = Pattern(
    rf"\sof\s(?:(?:the|our|my|every|those|these|about)\s)?(?:[-+−~≈]?\d|{_NUMERAL})|\d\s?/\s?\d|\ in\ (?:\d|{_NUMERAL})"
)
_TIME = Pattern(rf"(?<![A-Za-z]){patterns.TIME_UNIT}\b|\dd\b|\dh\d")
_CURRENCIES = (
    "$ € £ ¥ ₹ ₩ ₺ ₽ USD EUR GBP INR CHF JPY AUD CAD SEK NOK DKK PLN BRL ZAR Rs CZK HUF SGD NZD MXN TRY dollar euro "
    "pound quid rupee franc yen kron crown zloty złoty peso reais rand lira rouble cent pence bucks eur usd gbp chf "
    "forint won baht ringgit dirham shekel grand"
).split()
_PARTS = "half halv doubl tripl trebl quadrupl third quarter fifth tenth".split()


def may_have(folded: str) -> bool:
    """Tell whether a folded text has a digit, a word for a number or a share, or "a day" and its like."""
    words = set(_WORD.findall(folded))
    if has_digit(folded) or not _COUNTED.isdisjoint(words):
        return True
    return ("a" in words or "an" in words) and not _UNITS.isdisjoint(words) and _A_UNIT.search(folded) is not None


def has_numeral(text: str) -> bool:
    """Tell whether a text has a digit or a word for a number."""
    return _HAS_NUMERAL.search(text) is not None


def may_block(text: str) -> bool:
    """Tell whether a text without a digit may have what only looks like a measure."""
    return _MAY_BLOCK.search(text) is not None


def has_target(text: str) -> bool:
    """Tell whether something becomes a number: "to 5"."""
    return has_any(text, (" to ", ">", "→")) and _TARGET.search(text) is not None


def has_start(text: str) -> bool:
    """Tell whether something was a number before: "instead of 5"."""
    return has_any(text, _STARTS) and _START.search(text) is not None


def has_currency(text: str) -> bool:
    """Tell whether a currency is named."""
    return has_any(text, _CURRENCIES)


def has_percent(text: str) -> bool:
    """Tell whether a share of a hundred is named."""
    return has_any(text, ("%", "percent", "per cent", "pct", "pp", "point", "bp"))


def has_whole(text: str) -> bool:
    """Tell whether a number is told of a whole: "of 5", "1/5"."""
    return _WHOLE.search(text) is not None


def has_times(text: str) -> bool:
    """Tell whether something is told to be a multiple."""
    return has_any(text, ("x", "×", "fold", "times", "twice"))


def has_part(text: str) -> bool:
    """Tell whether a part is named: a half, a third."""
    return has_any(text, _PARTS)


def has_time(text: str) -> bool:
    """Tell whether a unit of time is named."""
    return _TIME.search(text) is not None
