"""The patterns of what is measured, and of what only looks like it: dates, names, versions, sizes of teams."""

WORDS_1_19 = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_WORD_NUMBER = (
    rf"(?:(?:(?:{TENS})(?:[- ](?:{WORDS_1_19}))?|{WORDS_1_19}|zero|a|half\ a|several|a\ few|a\ couple\ of)[- ])?"
    rf"(?:hundreds?|thousands?|millions?|billions?|lakhs?|crores?|dozens?)(?:\ (?:and\ )?(?:{TENS}|"
    rf"{WORDS_1_19})(?:-(?:{WORDS_1_19}))?)?"
    rf"|(?:{TENS})(?:[- ](?:{WORDS_1_19}))?|(?:{WORDS_1_19})(?:\ and\ a\ (?:half|quarter))?|zero|none|"
    rf"a\ dozen|half\ a\ dozen"
)
_DIGITS = r"(?>\d{1,3}(?:[,\u0020\u00a0\u202f\u2009']\d{2,3}){1,8}(?:[.,]\d{1,20})?|\d{1,30}(?:[.,]\d{1,20}){0,8})"
_SUFFIX = r"(?:\ ?(?:k|K|M|m|mn|bn|B|mio|Mio|million|billion|thousand|hundred|lakh|crore|dozen)\b)?"
_IN_DIGITS = rf"(?<![\w.])[-+−~≈]?{_DIGITS}{_SUFFIX}"
_IN_WORDS = rf"\b(?:{_WORD_NUMBER})\b"
_NUMBER = rf"(?:{_IN_DIGITS}|{_IN_WORDS})"
APPROX = r"(?:(?:about|around|roughly|nearly|almost|over|under|below|above|more\ than|less\ than|fewer\ than|up\ to|just|only|at\ least|some|approx\.?|ca\.?|c\.|maybe|like)\ )?"

TIME_UNIT = (
    r"(?:ms|millisecs?|milliseconds?|µs|us|ns|secs?|seconds?|s|mins?|minutes?|m(?=\b(?!\w))|hours?|hrs?|h|"
    r"days?|nights?|weeks?|wks?|"
    r"fortnights?|months?|mths?|quarters?|years?|yrs?|yr|sprints?|working\ days?|business\ days?|man-days?|"
    r"person-days?)"
)
LONG_UNIT = (
    r"(?:days?|nights?|weeks?|wks?|fortnights?|months?|mths?|quarters?|years?|yrs?|sprints?|seasons?|"
    r"terms?|releases?|shifts?|"
    r"weekends?|half-years?|semesters?|cycles?)"
)
CURRENCY = r"(?:US\$|A\$|C\$|R\$|NZ\$|[$€£¥₹₩₺₽]|(?:USD|EUR|GBP|INR|CHF|JPY|AUD|CAD|SEK|NOK|DKK|PLN|BRL|ZAR|Rs\.?|CZK|HUF|SGD|NZD|MXN|TRY)\b)"
_CURRENCY_WORD = (
    r"(?:dollars?|euros?|pounds?|quid|rupees?|francs?|yen|kronor|kroner|crowns?|zloty|złoty|pesos?|reais|"
    r"rand|lira|roubles?|cents?|pence|"
    r"bucks|USD|EUR|eur|GBP|INR|CHF|JPY|SEK|NOK|DKK|PLN|BRL|ZAR|usd|gbp|chf|CZK|HUF|SGD|AUD|CAD|MXN|"
    r"forints?|won|baht|ringgit|dirhams?|shekels?|grand)"
)

_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December|"
    r"Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)"
)
_NO_DATE = r"(?![,.]\d{3})(?!\ (?:million|billion|thousand|hundred|lakh|crore|dozen)|\s*(?:%|percent|per\ cent))"
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
_DAYTIME = r"\ ?(?:(?i:am|pm)\b|(?i:[ap]\.m\.))|\ o'clock\b|\ in\ the\ (?:morning|evening|afternoon)\b"
_CLOCK = r"\b\d{1,2}(?:[:.]\d{2})?(?:(?:\ ?[-–]\ ?|\ (?:to|and|or)\ )\d{1,2}(?:[:.]\d{2})?)?"
_LABEL = r"\d++\w*+(?:\.\w++)*+"
_OF_WHAT = (
    r"[- ](?:person|people|man|member|strong|year-old|years?\ old|month-old|floor|storey|page|pager|day-old|bed|chair|"
    r"seat)\b(?=\s+\w)"
)
_WORDY = rf"""
        (?:{WORDS_1_19})(?:{_DAYTIME})
      | {_IN_WORDS}{_OF_WHAT}
      | (?:team|crew|group|squad|staff|family|board|bn)\ of\ (?:about\ |around\ |approx\ )?(?:{_NUMBER})
      | (?:a|an)\ (?:day|night|week|month|year|quarter|hour|minute|second|shift|sprint|term|season)\b(?!\ (?:later|before|earlier|after|ago))
      | (?:one|two|three)\ (?:of\ (?:them|us|my|the|our|those)|day|morning|evening|night|week|thing|time|man|woman|person|lady|guy|more|another|by\ one)\b
      | (?:no|this|that|the|which|each|every|any|another|first|new|old|next|last|only|right|wrong|other|good|bad|hard|big|small|someone|no)\ one\b
      | one\b(?!\ (?:in|out|of|hundred|thousand|million|third|quarter|fifth|tenth|percent|per\ cent|hour|minute|second))
"""
BLOCKED_WITHOUT_DIGIT = rf"(?<!\w)(?=[^\W\d])(?:{_WORDY})"
# The first letter decides which alternatives are tried, and a look ahead for a digit which of the long ones.
BLOCKED = rf"""
    (?=\d)(?:
        \b\d{{4}}-\d{{2}}(?:-\d{{2}})?\b                                     # ISO dates
      | \b\d{{1,2}}[/.]\d{{1,2}}[/.]\d{{2,4}}\b                              # 12/03/2024
      | \b\d{{1,2}}(?:st|nd|rd|th)?\ (?:of\ )?{_MONTH}\b(?:,?\ \d{{4}})?     # 15 November
      | \b(?:19|20)\d{{2}}\s*[-–/]\s*(?:19|20)?\d{{2}}\b
      | (?<![\d.,$€£])(?:19[5-9]\d|20[0-4]\d)(?![\d.,]*\d)(?!\s*(?:%|percent|units|orders|users|people|customers|tickets|requests|ms|EUR|USD|euros?|dollars?|pounds))
      | {_CLOCK}(?:{_DAYTIME})
      | \b\d{{1,2}}[:h]\d{{2}}(?:\ ?(?:am|pm|a\.m\.|p\.m\.))?\b                # 10:30
      | \b\d++(?:\.\d++){{2,}}\b                                               # 3.6.1
      | \b\d++[abcefgijlnopqrtuvwyz]\b                                        # 19c
      | \b(?!(?:\d{{3,6}}|\d{{1,3}}[,.]\d{{3}})\ ){_IN_DIGITS}{_OF_WHAT}
      | \b\d{{1,2}}/7\b | \b\d++[A-Z]\b(?<![KMBWkm])
    )
    | (?<!\w)(?=[^\W\d])(?:
        (?=[A-Za-z]+[,-]?\ ?(?:of\ )?\d)(?:
            (?<![Ii]n\ ){_MONTH}\ (?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?\b{_NO_DATE}(?:,?\ (?:19|20)\d{{2}}\b)?
          | {_MONTH}\ \d{{1,2}}(?:(?:st|nd|rd|th)\b|,?\ (?:19|20)\d{{2}}\b)
          | {_MONTH},?\ (?:of\ )?(?:19|20)\d{{2}}\b(?!,\d{{3}})
          | (?:in|since|by|until|of|from|year|early|late|mid|mid-|spring|summer|autumn|fall|winter|till|during|around|end)\ (?:19|20)\d{{2}}\b
          | (?:FY|CY|Q|H|W|KW|CW)\d{{1,4}}(?:[-/ ]?(?:FY)?'?\d{{2,4}})?\b
        )
      | (?=[^\W\d_]+\.?[\ #-]?\d)(?:
            [A-Za-z]++-\d++(?:-\d++)*\b(?!\s*%)                                 # EU-West-2, ISO-9001, JIRA-12
          | (?i:{_NAMED})[\ #-]?{_LABEL}(?:(?:\ (?:and|or|to|through)\ |,\ |-|–|/){_LABEL})*\b(?!\s*(?:%|percent))
          | (?:L|P|S|SEV|T|E|v|V|G|M|IC|SDE|LP|COVID|B|K|H|R|C|D|N)-?\d++(?:\.\d++)*\b(?!\s*%)
        )
      | (?:aged?|employee\ number|room|ranked|rank|placed)\ (?:{_DIGITS})\w*+\b
      | p\d{{2}}(?:\.\d+)?\b | [A-Za-z]+/\d(?:\.\d)?\b
      | {_WORDY}
    )
    | \#\d++\b(?!\s*%)
    | ^\s*\(?\d{{1,2}}[.)](?=\s)                                            # list numerals
    """
_NO_PRODUCT = (
    r"[A-Z][a-z]+(?:ed|ing)|Cut|Won|Lost|Grew|Made|Took|Got|Ran|Paid|Sold|Spent|Kept|Held|Hit|Fell|Rose|Went|"
    r"About|Around|Nearly|Almost|Over|Under|Roughly|Only|Just|Some|At|In|By|For|With|Within|After|Before|From|To|"
    r"Up|Down|Of|The|Another|Every|Each|And|Or|But|It|We|They|Was|Is|Were|Now|Then|Plus|Like|Maybe|Approximately"
)
VERSIONED = (
    rf"\b(?!(?:{_NO_PRODUCT})\ )[A-Z][A-Za-z+#]{{1,12}}\ v?\d++(?:\.\d++)++(?:\ (?:to|->|→)\ v?\d++(?:\.\d++)++)?\b"
    rf"(?!\s?(?:%|percent|per\ cent|pct|[x×]\b|times\b|k\b|m\b|bn\b|million|billion|thousand|hundred|lakh|crore|points?\b|"
    rf"[€£¥₹$]|{TIME_UNIT}\b|{_CURRENCY_WORD}\b|[GTMk]B\b|people\b))"
)

PERCENT = rf"{_NUMBER}\s?(?:%|percent(?:age)?(?:\ points?)?|per\ cent|pct|pp\b|ppt|points?\b)|{_DIGITS}\s?bps?\b"
MONEY = (
    rf"{CURRENCY}\s?{_DIGITS}(?:\s?[-–]\s?{_DIGITS})?{_SUFFIX}"
    rf"|{_NUMBER}\s?(?:[€£¥₹$]|(?:(?:US|Swiss|Australian|Canadian|Danish|Swedish)\ )?{_CURRENCY_WORD}\b)"
)
MULTIPLE = rf"\b{_DIGITS}\s?(?:[x×]\b|-?fold\b|times\b)|[x×]\s?{_DIGITS}|\b(?:{WORDS_1_19})(?:-?fold|\ times)\b|\btwice\ (?:as|the|what|that|our)\b"
_CHANGE = r"\b(?:halved|halving|halves|doubled|doubling|tripled|trebled|quadrupled|(?:cut|dropped|fell|down|reduced|went\ down)\ (?:by\ |in\ |to\ )?(?:a\ )?half|in\ half(?!\ an?\b|\ \x00)|by\ half)\b"
_SHARE = (
    r"\b(?:a|one|two|three)[- ](?:thirds?|quarter|fifths?|tenths?|quarters(?=\ of))\b(?=\ (?:of|less|fewer|"
    r"more|lower|higher|faster|cheaper|shorter|in|"
    r"within|over|as|off|down|up|and|on|that|what)\b|\s*[.,;:)!]|\s*$)"
)
PORTION = rf"{_CHANGE}|{_SHARE}|\bthe\ half\ of|\bhalf\ (?:of\ )?(?:the|as|that|what|our|its|their)\b"
RATIO = (
    rf"\b{_NUMBER}\s(?:out\ )?of\s(?:(?:the|our|my|every|those|these|about)\s)?{_NUMBER}\b|\b\d++\s?/\s?\d++\b"
    rf"|\b(?:one|two|three|four|five|\d++)\ in\ (?:{WORDS_1_19}|{TENS}|\d++)\b(?!\s*(?:days|weeks|months|"
    rf"years|minutes|hours))"
)
DURATION = rf"(?:{_NUMBER}\s?-?|\b(?:half\ an?|an?)\ ){TIME_UNIT}\b(?:\s(?:and\ )?(?:a\ half|{_NUMBER}\s?{TIME_UNIT}))?|\b\d++h\d{{2}}\b|\b\d++(?:ms|s|m|h|d)\b"
COUNT = rf"{_NUMBER}(?:\+|-)?(?:\s?(?:GB|TB|MB|kB|KB|PB|rps|qps|RPS|QPS|tps|TPS|req/s|FTEs?|kg|km|kW|kWh|MWh|tons?|tonnes?|litres?|liters?|m2|m²))?"

_UNIT_OF_PAIR = rf"(?:\s?(?:%|percent|per\ cent|{TIME_UNIT}\b|{_CURRENCY_WORD}\b|[€£]))?"
_AFTER = (
    rf"{APPROX}(?:{CURRENCY}\s?)?(?:{_NUMBER}|half|zero)"
    rf"(?:\s?(?:%|percent|per\ cent|points?|{TIME_UNIT}\b|{_CURRENCY_WORD}\b|[€£]))?"
)
FROM_TO = rf"""
      (?:\bfrom\ )?(?P<a>{APPROX}(?:{CURRENCY}\s?)?(?:{_NUMBER}){_UNIT_OF_PAIR}
        (?:\ (?:[a-z]{{2,14}}|[a\x00]\x00*))?(?:\ (?:[a-z]{{2,14}}|\x00+))?)
      \s{{0,3}}(?:,\s{{0,3}})?(?:\ (?:down\ |up\ |now\ |then\ )?to\ |->|=>|→|–>|>|\ down\ to\ |\ up\ to\ )\s*
      (?P<b>{_AFTER})
    """
_SHORT_GAP = r"[^.;!?\n\x00]{0,40}?"
BEFORE = (
    r"[\s,(](?:instead\ of|against|vs\.?|versus|compared\ (?:with|to)|rather\ than|up\ from|down\ from|was|before\ it\ was|"
    r"before\ that\ it\ was|where\ it\ (?:was|had\ been)|it\ (?:was|used\ to\ be)|used\ to\ be|before[,:]?|previously|formerly)"
    r"\ (?:like\ |about\ |around\ |nearly\ |almost\ |over\ |the\ )?"
)
COMPARED = rf"""
      (?P<a>(?:{CURRENCY}\s?)?(?:{_NUMBER}){_UNIT_OF_PAIR})
      {_SHORT_GAP}{BEFORE}
      (?P<b>(?:{CURRENCY}\s?)?(?:{_NUMBER}){_UNIT_OF_PAIR})
    """
FRAMED = rf"\b(?:in|within|over|after|inside|under|for|during)\ (?P<a>(?:half\ )?(?:an?|one)\ {LONG_UNIT})\b"
