"""Find what poses as the structure around a story: tags, chat tokens, comments, verdicts in JSON or front matter."""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from app.analysis.lazily import Pattern
from app.analysis.screen.openings import has_any
from app.analysis.screen.pleas import is_plea
from app.domain import Span


class Mock(NamedTuple):
    """A stretch that is no part of a story.

    Attributes:
        span: Where it stands.
        is_suspicious: False where it is only left out, such as a comment without a plea.
    """

    span: Span
    is_suspicious: bool


_CHAT_TOKEN = Pattern(
    r"<\|[\w/ ]{2,40}\|>|\[/?INST\]|<</?SYS>>|</?(?:start_of_turn|end_of_turn|bos|eos)>|"
    r"\|(?:im_start|im_end|endoftext|eot_id)\||"
    r"\[/?(?:SYSTEM|ASSISTANT|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|END|EOS|BOS)\]",
    re.IGNORECASE,
)
_TAG_NAME = (
    r"(?:star[_-]?|candidate[_-]?|user[_-]?|system[_-]?|untrusted[_-]?|hidden[_-]?|final[_-]?)?(?:story|"
    r"candidate|system|assistant|human|"
    r"instructions?|prompt|evaluation|assessment|rubric|graders?|evaluator|score|rating|strength|"
    r"verdict|thinking|thought|scratchpad|"
    r"tool_?(?:result|call|use)?|function_?(?:results?|calls?)|admin|override|important|im_start|"
    r"im_end|user_input|input|user|"
    r"submission|answer|transcript|untrusted|data|"
    r"document|result|findings|gaps|cot|reasoning)(?:[_-]?(?:text|"
    r"input|data|prompt|message|note|block|instructions?|override))?"
)
_STRONG_TAG = Pattern(
    r"</?\s*(?:(?:star|candidate|untrusted|hidden|system|final)[_-]\w+|story|candidate|system|"
    r"assistant|human|instructions?|prompt|evaluation|assessment|"
    r"rubric|graders?|evaluator|strength|verdict|thinking|thought|scratchpad|function_?(?:results?|"
    r"calls?)|tool_?(?:result|call|use)|admin|"
    r"override|important|user_(?:input|text|data|message|story)|submission|transcript)\b[^<>\n]{0,80}/?>",
    re.IGNORECASE,
)
_PAIR = Pattern(
    rf"<\s*({_TAG_NAME})\b[^<>\n]{{0,80}}>((?:(?!<\s*/?\s*\1\b).){{0,1500}})<\s*/\s*\1\s*>", re.IGNORECASE | re.DOTALL
)
_NO_STORY = Pattern(
    r"(?:\w+[_-])?(?:system|assistant|instructions?|prompt|evaluation|assessment|rubric|graders?|"
    r"evaluator|strength|verdict|thinking|thought|scratchpad|"
    r"tool_?\w*|function_?\w*|admin|override)",
    re.IGNORECASE,
)
_COMMENT = Pattern(
    r"<!--.{0,4000}?-->|<!\[CDATA\[.{0,2000}?\]\]>|<!--.{0,2000}\Z|^\[//\]: ?#.*$|<\?.{0,400}?\?>|"
    r"/\*.{0,2000}?\*/|\{#.{0,800}?#\}",
    re.DOTALL | re.MULTILINE,
)
_SPEAKER = (
    r"[ \t]*(?:#{1,6}[ \t]*|\*\*|\[|<|\()?(?:new )?(?:system|"
    r"assistant|human|user|developer|ai|tool|function|model|gpt[-\w]*|chatgpt|claude|evaluator|"
    r"grader|scorer|judge|admin(?:istrator)?|operator|instructions?|response)"
)
_TURN = Pattern(
    rf"^{_SPEAKER}(?:[ _-](?:message|"
    r"prompt|notes?|override|update|turn|output|instructions?|response|role))?"
    r"(?:\*\*|\]|>|\))?[ \t]*(?::|>|=>|->|\n)(?:\*\*)?(.*(?:\n(?![ \t]*\n|[ \t]*[A-Z]\w+[ \t]*:).+){0,6})",
    re.IGNORECASE | re.MULTILINE,
)
_OPENS_TURN = re.compile(_SPEAKER, re.IGNORECASE)
_DELIMITER = Pattern(
    r"^[ \t]*(?P<rule>[=\-#*_~+<>/|]{2,})[ \t]*(?:(?:the )?(?:end|"
    r"begin|start|stop|new|close|eof|system|hidden|real|actual)\b.{0,60}|.{0,40}\b(?:ends?|"
    r"starts?|begins?|over|closed|complete)[ \t]*)(?P=rule)?[ \t=\-#*_~+<>/|]*$",
    re.IGNORECASE | re.MULTILINE,
)
_DELIMITED = Pattern(
    r"\b(?:story|input|text|transcript|candidate|submission|instruct\w*|prompt|assess\w*|"
    r"evaluat\w*|user|system|data|context|document|answer|untrusted|grad\w+|rubric|content|message)\b",
    re.IGNORECASE,
)
_MATTER = Pattern(r"^---[ \t]*\n(?:[ \t]*[\w \"'-]{1,40}:.*\n|[ \t]*- .*\n){1,20}(?:---|\.\.\.)[ \t]*$", re.MULTILINE)
_VERDICT_KEY = Pattern(
    r"[\"'](?:strength|score|scores|rating|overall(?:_\w+)?|verdict|grade|gaps?|principles?|assessments?|"
    r"evaluation|findings|signals|final_\w+|"
    r"total(?:_score)?|star|hire|recommendation|level|quote|status|evidence)[\"']\s*:",
    re.IGNORECASE,
)
_MOST = Pattern(
    r"[\"'](?:strength|score|rating|overall(?:_\w+)?|verdict|grade|final_\w+|total(?:_score)?|"
    r"level|hire|recommendation)[\"']\s*:\s*[\"']?(?:5|10|100|strong|hire|max\w*|pass|excellent|"
    r"outstanding|raises|true)\b",
    re.IGNORECASE,
)
_ROLE_KEY = Pattern(r"[\"']role[\"']\s*:\s*[\"'](?:system|assistant|user|developer|tool)[\"']", re.IGNORECASE)
_MATTER_KEY = Pattern(
    r"^[ \t]*[\"']?(?:strength|score|rating|overall|verdict|grade|gaps?|assessment|evaluation|"
    r"level|principles?|hire|recommendation|override|system|instructions?|engine|rubric|findings|"
    r"status)[\"']?[ \t]*:",
    re.IGNORECASE | re.MULTILINE,
)
_RUN = Pattern(r"([(\[{<>\]})\"'*_#|\\/=~.,!?-])\1{39,}|(?:[(\[{]\s?){20,}|(?:[)\]}]\s?){20,}|\S{400,}")
_RULE = frozenset("=-#*_~+<>/|")
_MOST_BRACES = 40
_LONG_WORD = 20
_LONGEST_TURN = 1_500
_FEW_WORDS = 4


def find_mocks(text: str) -> tuple[Mock, ...]:
    """Return the stretches of a text that pose as structure, in order; they may overlap."""
    return tuple(sorted(mock for may_hold, find in _DETECTORS if may_hold(text) for mock in find(text)))


def _may_hold_comment(text: str) -> bool:
    return has_any(text, ("<!", "<?", "/*", "{#", "[//]:"))


def _may_hold_tag(text: str) -> bool:
    return "<" in text or "[" in text or "|" in text


def _may_hold_matter(text: str) -> bool:
    return "---\n" in text or "--- " in text or "---\t" in text


def _may_hold_turn(text: str) -> bool:
    return any(map(_OPENS_TURN.match, text.split("\n")))


def _may_hold_rule(text: str) -> bool:
    return any(_RULE.issuperset(line[:2]) and len(line) > 1 for line in map(_strip_blanks, text.split("\n")))


def _strip_blanks(line: str) -> str:
    return line.lstrip(" \t")


def _find_runs(text: str) -> Iterator[Mock]:
    for match in _RUN.finditer(text):
        yield Mock(Span(*match.span()), is_suspicious=False)


def _has_run(text: str) -> bool:
    longest = max(map(len, text.split()), default=0)
    return longest >= _LONG_WORD or has_any(text, ("[ [", "{ {", "( ("))


def _find_comments(text: str) -> Iterator[Mock]:
    for match in _COMMENT.finditer(text):
        yield Mock(Span(*match.span()), is_suspicious=_pleads(match.group(), marked=True))


def _find_tags(text: str) -> Iterator[Mock]:
    for match in _PAIR.finditer(text):
        body = match.group(2)
        is_verdict = re.fullmatch(
            r"\s*(?:level )?(?:5|10|100|five|max\w*|strong hire|none|\[\])(?: ?/ ?\d+)?\s*", body, re.IGNORECASE
        )
        if is_verdict or _NO_STORY.fullmatch(match.group(1)) or _pleads(body, marked=True):
            yield Mock(Span(*match.span()), is_suspicious=True)
    for match in _STRONG_TAG.finditer(text):
        yield Mock(Span(*match.span()), is_suspicious=True)
    tokens = list(_CHAT_TOKEN.finditer(text))
    for number, match in enumerate(tokens):
        end = tokens[number + 1].start() if number + 1 < len(tokens) else _end_of_block(text, match.end())
        between = text[match.end() : end]
        reach = (
            end
            if len(between) < _LONGEST_TURN and (_pleads(between, marked=True) or len(between.split()) < _FEW_WORDS)
            else match.end()
        )
        yield Mock(Span(match.start(), reach), is_suspicious=True)


def _find_json(text: str) -> Iterator[Mock]:
    for start, end in _braces(text):
        body = text[start:end]
        keys = len(_VERDICT_KEY.findall(body))
        if (
            _ROLE_KEY.search(body)
            or _MOST.search(body)
            or (keys > 1 and not re.search(r"\b(?:msg|timestamp|trace|host)\b", body))
        ):
            yield Mock(Span(start, end), is_suspicious=True)


def _find_matter(text: str) -> Iterator[Mock]:
    for match in _MATTER.finditer(text):
        if _MATTER_KEY.search(match.group()) or _pleads(match.group(), marked=True):
            yield Mock(Span(*match.span()), is_suspicious=True)


def _find_turns(text: str) -> Iterator[Mock]:
    for match in _TURN.finditer(text):
        if _pleads(match.group(1), marked=True):
            yield Mock(Span(*match.span()), is_suspicious=True)


def _find_rules(text: str) -> Iterator[Mock]:
    for match in _DELIMITER.finditer(text):
        if _DELIMITED.search(match.group()) and any(char.isalpha() for char in match.group()):
            yield Mock(Span(*match.span()), is_suspicious=True)


def _braces(text: str) -> Iterator[tuple[int, int]]:
    """Yield the outermost stretches in balanced braces; an open one ends with its paragraph."""
    depth, start, met = 0, 0, 0
    for match in re.finditer(r"[{}]", text):
        if match.group() == "{":
            start = match.start() if not depth else start
            depth += 1
        elif depth:
            depth -= 1
            if not depth:
                met += 1
                yield start, match.end()
                if met > _MOST_BRACES:
                    return
    if depth:
        yield start, _end_of_block(text, start)


def _end_of_block(text: str, start: int) -> int:
    end = text.find("\n\n", start)
    return len(text) if end < 0 else end


def _pleads(text: str, *, marked: bool) -> bool:
    pieces = re.split(r"(?<=[.!?;])\s+|\n+", text)
    return any(is_plea(piece, marked=marked) for piece in pieces[:40])


_DETECTORS: tuple[tuple[Callable[[str], bool], Callable[[str], Iterator[Mock]]], ...] = (
    (_may_hold_comment, _find_comments),
    (_may_hold_tag, _find_tags),
    (lambda text: "{" in text, _find_json),
    (_may_hold_matter, _find_matter),
    (_may_hold_turn, _find_turns),
    (_may_hold_rule, _find_rules),
    (_has_run, _find_runs),
)
"""Whether a text may hold what a detector finds, cheap to ask, and the detector."""
