"""Find what is measured: amounts, shares, durations, before-and-after pairs; leave dates, names and versions alone."""

import re
from enum import StrEnum
from typing import NamedTuple

from app.analysis.phrases import fold
from app.analysis.takers import Taker


class Measure(StrEnum):
    """What a quantity measures."""

    PERCENT = "percent"
    MONEY = "money"
    COUNT = "count"
    DURATION = "duration"
    TIMEFRAME = "timeframe"
    BASELINE = "baseline"


SIZES = frozenset({Measure.PERCENT, Measure.MONEY, Measure.COUNT, Measure.DURATION, Measure.BASELINE})
"""What can size an outcome; a time frame alone can't."""


class Quantity(NamedTuple):
    """A number with its unit.

    Attributes:
        start: First code point in the text that was searched, inclusive.
        end: Last code point, exclusive.
        text: The quantity as written.
        measure: What it measures; `BASELINE` is a before-and-after pair.
    """

    start: int
    end: int
    text: str
    measure: Measure


_WORDS_1_19 = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_WORD_NUMBER = (
    rf"(?:(?:(?:{_TENS})(?:[- ](?:{_WORDS_1_19}))?|{_WORDS_1_19}|zero|a|half\ a|several|a\ few|a\ couple\ of)[- ])?"
    rf"(?:hundreds?|thousands?|millions?|billions?|lakhs?|crores?|dozens?)(?:\ (?:and\ )?(?:{_TENS}|"
    rf"{_WORDS_1_19})(?:-(?:{_WORDS_1_19}))?)?"
    rf"|(?:{_TENS})(?:[- ](?:{_WORDS_1_19}))?|(?:{_WORDS_1_19})(?:\ and\ a\ (?:half|quarter))?|zero|none|"
    rf"a\ dozen|half\ a\ dozen"
)
_DIGITS = r"(?:\d{1,3}(?:[,  ’']\d{2,3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)*)"
_SUFFIX = r"(?:\ ?(?:k|K|M|m|mn|bn|B|mio|Mio|million|billion|thousand|hundred|lakh|crore|dozen)\b)?"
_NUMBER = rf"(?:(?<![\w.])[-+−~≈]?{_DIGITS}{_SUFFIX}|\b(?:{_WORD_NUMBER})\b)"
_APPROX = r"(?:(?:about|around|roughly|nearly|almost|over|under|below|above|more\ than|less\ than|fewer\ than|up\ to|just|only|at\ least|some|approx\.?|ca\.?|c\.|maybe|like)\ )?"

_TIME_UNIT = (
    r"(?:ms|millisecs?|milliseconds?|µs|us|ns|secs?|seconds?|s|mins?|minutes?|m(?=\b(?!\w))|hours?|hrs?|h|"
    r"days?|nights?|weeks?|wks?|"
    r"fortnights?|months?|mths?|quarters?|years?|yrs?|yr|sprints?|working\ days?|business\ days?|man-days?|"
    r"person-days?)"
)
_LONG_UNIT = (
    r"(?:days?|nights?|weeks?|wks?|fortnights?|months?|mths?|quarters?|years?|yrs?|sprints?|seasons?|"
    r"terms?|releases?|shifts?|"
    r"weekends?|half-years?|semesters?|cycles?)"
)
_CURRENCY = r"(?:US\$|A\$|C\$|R\$|NZ\$|[$€£¥₹₩₺₽]|(?:USD|EUR|GBP|INR|CHF|JPY|AUD|CAD|SEK|NOK|DKK|PLN|BRL|ZAR|Rs\.?|CZK|HUF|SGD|NZD|MXN|TRY)\b)"
_CURRENCY_WORD = (
    r"(?:dollars?|euros?|pounds?|quid|rupees?|francs?|yen|kronor|kroner|crowns?|zloty|złoty|pesos?|reais|"
    r"rand|lira|roubles?|cents?|pence|"
    r"bucks|USD|EUR|eur|GBP|INR|CHF|JPY|SEK|NOK|DKK|PLN|BRL|ZAR|usd|gbp|chf|CZK|HUF|SGD|AUD|CAD|MXN|"
    r"forints?|won|baht|ringgit|dirhams?|shekels?|grand)"
)

# --- what is no measure --------------------------------------------------------------------------------------------
_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December|"
    r"Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)"
)
_NAMED = (
    r"RFC|ISO|PEP|JIRA|SEV|Sev|sev|P|page|pages|p\.|section|chapter|version|revision|rev\.?|release|step|"
    r"phase|stage|stages|stations?|"
    r"nodes?|tickets?|alert|channel|room|floor|tier|level|grade|Grade|Year|year|YEAR|class|ward|bay|gate|"
    r"dock|lane|line|Line|building|"
    r"unit|platform|number|no\.|No\.|item|option|part|article|clause|form|bus|route|flight|model|team|"
    r"squad|week|day|sprint|wave|"
    r"shift|round|chapter|figure|table|port|error|code|lift|bed|COP|Mod|module|Java|Python|Node|PHP|"
    r"Angular|React|Postgres|"
    r"PostgreSQL|Oracle|Windows|iOS|Android|Kafka|Spring|Django|Rails|Go|HTTP|IPv|TLS|Kubernetes|Redis|"
    r"MySQL|Elasticsearch"
)
_DAYTIME = r"\ ?(?:am|pm)\b|\ ?(?:a\.m\.|p\.m\.)|\ o['’]clock\b|\ in\ the\ (?:morning|evening|afternoon)\b"
_OF_WHAT = (
    r"[- ](?:person|people|man|member|strong|year-old|years?\ old|month-old|floor|storey|page|pager|day-old|bed|chair|"
    r"seat)\b(?=\s+\w)"
)
_WORDY = rf"""
        (?:{_WORDS_1_19})(?:{_DAYTIME})
      | {_NUMBER}{_OF_WHAT}
      | (?:team|crew|group|squad|staff|family|board|bn)\ of\ (?:about\ |around\ |approx\ )?(?:{_NUMBER})
      | (?:a|an)\ (?:day|night|week|month|year|quarter|hour|minute|second|shift|sprint|term|season)\b(?!\ (?:later|before|earlier|after|ago))
      | (?:one|two|three)\ (?:of\ (?:them|us|my|the|our|those)|day|morning|evening|night|week|thing|time|man|woman|person|lady|guy|more|another|by\ one)\b
      | (?:no|this|that|the|which|each|every|any|another|first|new|old|next|last|only|right|wrong|other|good|bad|hard|big|small|someone|no)\ one\b
      | one\b(?!\ (?:in|out|of|hundred|thousand|million|third|quarter|fifth|tenth|percent|per\ cent|hour|minute|second))
"""
_BLOCKED_WITHOUT_DIGIT = rf"(?<!\w)(?=[^\W\d])(?:{_WORDY})"
# The first letter decides which alternatives are tried, and a look ahead for a digit which of the long ones.
_BLOCKED = rf"""
    (?=\d)(?:
        \b\d{{4}}-\d{{2}}(?:-\d{{2}})?\b                                     # ISO dates
      | \b\d{{1,2}}[/.]\d{{1,2}}[/.]\d{{2,4}}\b                              # 12/03/2024
      | \b\d{{1,2}}(?:st|nd|rd|th)?\ (?:of\ )?{_MONTH}\b(?:,?\ \d{{4}})?     # 15 November
      | \b(?:19|20)\d{{2}}\s*[-–/]\s*(?:19|20)?\d{{2}}\b
      | (?<![\d.,$€£])(?:19[5-9]\d|20[0-4]\d)(?![\d.,]*\d)(?!\s*(?:%|percent|units|orders|users|people|customers|tickets|requests|ms|EUR|USD|euros?|dollars?|pounds))
      | \b\d{{1,2}}[:h]\d{{2}}(?:\ ?(?:am|pm|a\.m\.|p\.m\.))?\b                # 10:30
      | \b\d{{1,2}}(?:{_DAYTIME})
      | \b\d+(?:\.\d+){{2,}}\b                                                # 3.6.1
      | \b\d+[abcefgijlnopqrtuvwyz]\b                                        # 19c
      | \b{_NUMBER}{_OF_WHAT}
      | \b\d{{1,2}}/7\b | \b\d+[A-Z]\b(?<![KMBWkm])
    )
    | (?<!\w)(?=[^\W\d])(?:
        (?=[A-Za-z]+[,-]?\ ?(?:of\ )?\d)(?:
            {_MONTH}\ \d{{1,2}}(?:st|nd|rd|th)?\b(?!\s*(?:%|percent|per\ cent))(?:,?\ \d{{4}})?
          | {_MONTH},?\ (?:of\ )?\d{{4}}\b
          | (?:in|since|by|until|of|from|year|early|late|mid|mid-|spring|summer|autumn|fall|winter|till|during|around|end)\ (?:19|20)\d{{2}}\b
          | (?:FY|CY|Q|H|W|KW|CW)\d{{1,4}}(?:[-/ ]?(?:FY)?'?\d{{2,4}})?\b
        )
      | (?=[^\W\d_]+\.?[\ #-]?\d)(?:
            [A-Za-z]+-\d+(?:-\d+)*\b(?!\s*%)                                 # EU-West-2, ISO-9001, JIRA-12
          | (?i:{_NAMED})[\ #-]?\d+[\w.]*(?:(?:\ (?:and|or|to|through)\ |,\ |-|–|/)\d+[\w.]*)*\b(?!\s*(?:%|percent))
          | (?:L|P|S|SEV|T|E|v|V|G|M|IC|SDE|LP|COVID|B|K|H|R|C|D|N)-?\d+(?:\.\d+)*\b(?!\s*%)
        )
      | (?:aged?|employee\ number|room|ranked|rank|placed)\ (?:{_DIGITS})\w*\b
      | p\d{{2}}(?:\.\d+)?\b | [A-Za-z]+/\d(?:\.\d)?\b
      | {_WORDY}
    )
    | \#\d+\b(?!\s*%)
    | ^\s*\(?\d{{1,2}}[.)](?=\s)                                            # list numerals
    """
_VERSIONED = r"\b[A-Z][A-Za-z+#]{1,12}\ v?\d+(?:\.\d+)+(?:\ (?:to|->|→)\ v?\d+(?:\.\d+)+)?\b"

# --- measures ------------------------------------------------------------------------------------------------------
_PERCENT = rf"{_NUMBER}\s?(?:%|percent(?:age)?(?:\ points?)?|per\ cent|pct|pp\b|ppt|points?\b)|{_DIGITS}\s?bps?\b"
_MONEY = (
    rf"{_CURRENCY}\s?{_DIGITS}(?:\s?[-–]\s?{_DIGITS})?{_SUFFIX}"
    rf"|{_NUMBER}\s?(?:[€£¥₹$]|(?:(?:US|Swiss|Australian|Canadian|Danish|Swedish)\ )?{_CURRENCY_WORD}\b)"
)
_MULTIPLE = rf"\b{_DIGITS}\s?(?:[x×]\b|-?fold\b|times\b)|[x×]\s?{_DIGITS}|\b(?:{_WORDS_1_19})(?:-?fold|\ times)\b|\btwice\ (?:as|the|what|that|our)\b"
_CHANGE = r"\b(?:halved|halving|halves|doubled|doubling|tripled|trebled|quadrupled|(?:cut|dropped|fell|down|reduced|went\ down)\ (?:by\ |in\ |to\ )?(?:a\ )?half|in\ half(?!\ an?\b|\ \x00)|by\ half)\b"
_SHARE = (
    r"\b(?:a|one|two|three)[- ](?:thirds?|quarter|fifths?|tenths?|quarters(?=\ of))\b(?=\ (?:of|less|fewer|"
    r"more|lower|higher|faster|cheaper|shorter|in|"
    r"within|over|as|off|down|up|and|on|that|what)\b|\s*[.,;:)!]|\s*$)"
)
_PORTION = rf"{_CHANGE}|{_SHARE}|\bthe\ half\ of|\bhalf\ (?:of\ )?(?:the|as|that|what|our|its|their)\b"
_RATIO = (
    rf"\b{_NUMBER}\s(?:out\ )?of\s(?:(?:the|our|my|every|those|these|about)\s)?{_NUMBER}\b|\b\d+\s?/\s?\d+\b"
    rf"|\b(?:one|two|three|four|five|\d+)\ in\ (?:{_WORDS_1_19}|{_TENS}|\d+)\b(?!\s*(?:days|weeks|months|"
    rf"years|minutes|hours))"
)
_DURATION = rf"(?:{_NUMBER}\s?-?|\b(?:half\ an?|an?)\ ){_TIME_UNIT}\b(?:\s(?:and\ )?(?:a\ half|{_NUMBER}\s?{_TIME_UNIT}))?|\b\d+h\d{{2}}\b|\b\d+(?:ms|s|m|h|d)\b"
_COUNT = rf"{_NUMBER}(?:\+|-)?(?:\s?(?:GB|TB|MB|kB|KB|PB|rps|qps|RPS|QPS|tps|TPS|req/s|FTEs?|kg|km|kW|kWh|MWh|tons?|tonnes?|litres?|liters?|m2|m²))?"

_UNIT_OF_PAIR = rf"(?:\s?(?:%|percent|per\ cent|{_TIME_UNIT}\b|{_CURRENCY_WORD}\b|[€£]))?"
_AFTER = (
    rf"{_APPROX}(?:{_CURRENCY}\s?)?(?:{_NUMBER}|half|zero)"
    rf"(?:\s?(?:%|percent|per\ cent|points?|{_TIME_UNIT}\b|{_CURRENCY_WORD}\b|[€£]))?"
)
_FROM_TO = rf"""
      (?:\bfrom\ )?(?P<a>{_APPROX}(?:{_CURRENCY}\s?)?(?:{_NUMBER}){_UNIT_OF_PAIR}
        (?:\ (?:[a-z]{{2,14}}|[a\x00]\x00*))?(?:\ (?:[a-z]{{2,14}}|\x00+))?)
      \s*(?:,\s*)?(?:\ (?:down\ |up\ |now\ |then\ )?to\ |->|=>|→|–>|>|\ down\ to\ |\ up\ to\ )\s*
      (?P<b>{_AFTER})
    """
_SHORT_GAP = r"[^.;!?\n\x00]{0,40}?"
_BEFORE = (
    r"[\s,(](?:instead\ of|against|vs\.?|versus|compared\ (?:with|to)|rather\ than|up\ from|down\ from|was|before\ it\ was|"
    r"before\ that\ it\ was|where\ it\ (?:was|had\ been)|it\ (?:was|used\ to\ be)|used\ to\ be|before[,:]?|previously|formerly)"
    r"\ (?:like\ |about\ |around\ |nearly\ |almost\ |over\ |the\ )?"
)
_COMPARED = rf"""
      (?P<a>(?:{_CURRENCY}\s?)?(?:{_NUMBER}){_UNIT_OF_PAIR})
      {_SHORT_GAP}{_BEFORE}
      (?P<b>(?:{_CURRENCY}\s?)?(?:{_NUMBER}){_UNIT_OF_PAIR})
    """
_FRAMED = rf"\b(?:in|within|over|after|inside|under|for|during)\ (?P<a>(?:half\ )?(?:an?|one)\ {_LONG_UNIT})\b"

# --- whether a pattern can match at all: cheap to ask, and sometimes true in vain --------------------------------------
_MAY_HAVE = re.compile(
    rf"\d|\b(?:{_WORDS_1_19}|{_TENS}|hundreds?|thousands?|millions?|dozens?|half|halved|halving|halves|"
    rf"doubled|doubling|tripled|trebled|"
    r"quadrupled|third|thirds|quarter|quarters|twice|zero|none|percent|an?\ (?:day|week|month|year|hour|minute))\b"
)
_HAS_DIGIT = re.compile(r"\d").search
_NUMERAL = (
    rf"(?:{_WORDS_1_19}|{_TENS}|half\ a|(?:a|several)[-\ ]|zero|none|hundred|thousand|million|billion|lakh|crore|dozen)"
)
_SOME_NUMERAL = rf"\d|\b(?:{_WORDS_1_19}|{_TENS}|zero|none|hundred|thousand|million|billion|lakh|crore|dozen)"
_HAS_NUMERAL = re.compile(_SOME_NUMERAL).search
_HAS_PART = re.compile(r"hal[fv]|doubl|tripl|trebl|quadrupl|third|quarter|fifth|tenth").search
_MAY_BLOCK = re.compile(
    rf"{_SOME_NUMERAL}|\ban?\ (?:day|night|week|month|year|quarter|hour|minute|second|shift|sprint|term|season)"
).search
_NUMERAL_NEXT = rf"(?:{_CURRENCY}\s?)?(?:half|[-+−~≈]?\d|{_NUMERAL})"
_HAS_TARGET = re.compile(rf"(?:\ to\ |>|→)\s*{_APPROX}{_NUMERAL_NEXT}").search
_HAS_START = re.compile(rf"{_BEFORE}{_NUMERAL_NEXT}").search
_HAS_CURRENCY = re.compile(rf"{_CURRENCY}|{_CURRENCY_WORD}\b").search
_HAS_PERCENT = re.compile(r"%|percent|per\ cent|pct|pp|point|bp").search
_HAS_WHOLE = re.compile(r"\sof\s|/|\ in\ ").search
_HAS_TIMES = re.compile(r"[x×]|fold|times|twice").search
_HAS_TIME = re.compile(rf"(?<![A-Za-z]){_TIME_UNIT}\b|\dd\b|\dh\d").search

_WITH_DIGITS = (Taker(_VERSIONED, _HAS_DIGIT), Taker(_BLOCKED, bool, re.VERBOSE | re.MULTILINE))
_WITHOUT_DIGITS = (Taker(_BLOCKED_WITHOUT_DIGIT, _MAY_BLOCK, re.VERBOSE),)
_FRAMES = Taker(_FRAMED, re.compile(r"\b(?:an?|one)\ ", re.IGNORECASE).search, re.IGNORECASE)
_PAIRS = (Taker(_FROM_TO, _HAS_TARGET, re.VERBOSE), Taker(_COMPARED, _HAS_START, re.VERBOSE))
_SIZES = (
    (Measure.MONEY, Taker(_MONEY, _HAS_CURRENCY)),
    (Measure.PERCENT, Taker(_PERCENT, _HAS_PERCENT)),
    (Measure.COUNT, Taker(_RATIO, _HAS_WHOLE)),
    (Measure.COUNT, Taker(_MULTIPLE, _HAS_TIMES)),
    (Measure.PERCENT, Taker(_PORTION, _HAS_PART)),
    (Measure.DURATION, Taker(_DURATION, _HAS_TIME)),
    (Measure.COUNT, Taker(_COUNT, _HAS_NUMERAL)),
)
_FRAME_BEFORE = re.compile(
    r"(?:\b(?:in|within|over|after|for|during|since|inside|past|last|next|first|previous|under|every|"
    r"by\ the\ end\ of|another|these|those|"
    r"took|takes|lasted|ahead|of)\ (?:the\ |a\ |just\ |only\ |about\ |around\ |roughly\ |nearly\ |almost\ |"
    r"under\ |less\ than\ |more\ than\ |"
    r"over\ |these\ |those\ |past\ |last\ |next\ |first\ |following\ |previous\ |like\ |i\ guess\ |maybe\ )*)$",
    re.IGNORECASE,
)
_FRAME_AFTER = re.compile(
    r"^\s*(?:later|after|before|ago|earlier|in\b|since|now|straight|running|in\ a\ row|so\ far)", re.IGNORECASE
)
_SMALL = re.compile(r"(?:one|two|three|none)[- ]?", re.IGNORECASE)
_LONG = re.compile(rf"{_LONG_UNIT}$", re.IGNORECASE)


def find_quantities(text: str) -> tuple[Quantity, ...]:
    """Return the quantities of a text in order, without overlaps."""
    if not _MAY_HAVE.search(fold(text)):
        return ()
    matches, masked = _FRAMES.take(text)
    found = [_quantity(text, *match.span("a"), Measure.TIMEFRAME) for match in matches]
    for rule in _WITH_DIGITS if _HAS_DIGIT(masked) else _WITHOUT_DIGITS:
        _, masked = rule.take(masked)
    for rule in _PAIRS:
        matches, masked = rule.take(masked)
        found += [_quantity(text, match.start("a"), match.end("b"), Measure.BASELINE) for match in matches]
    for measure, rule in _SIZES:
        matches, masked = rule.take(masked)
        found += [it for match in matches if (it := _measure(text, *match.span(), measure))]
    return tuple(sorted(found))


def _measure(text: str, start: int, end: int, measure: Measure) -> Quantity | None:
    """Return what stands at a match; None for a count that is too small to tell anything."""
    while start < end and text[start] in " -~":
        start += 1
    if measure is Measure.COUNT and _SMALL.fullmatch(text[start:end]):
        return None
    if measure is Measure.DURATION and _is_timeframe(text, start, end):
        measure = Measure.TIMEFRAME
    return _quantity(text, start, end, measure)


def _quantity(text: str, start: int, end: int, measure: Measure) -> Quantity:
    return Quantity(start, end, text[start:end], measure)


def _is_timeframe(text: str, start: int, end: int) -> bool:
    if not _LONG.search(text[start:end]):
        return False
    return bool(_FRAME_BEFORE.search(text[max(0, start - 40) : start]) or _FRAME_AFTER.search(text[end : end + 14]))
