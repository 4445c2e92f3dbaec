"""The rules of a SARIF log: what each gap is, with help in words and its level by default."""

import re
from typing import Any

from app.domain import FlagCode
from app.rubric import GapRule, Rubric

_FLAGS = {
    FlagCode.SUSPICIOUS_TEXT: (
        "Suspicious text",
        "The text speaks to whoever grades, or holds characters that nobody sees. It moves neither strength nor level.",
    )
}


NOT_ASSESSED = "not-assessed"


def describe_failure() -> dict[str, Any]:
    """Return what a notification of a story without an assessment is."""
    text = "The story could not be read or assessed, so that it has no strength; the message gives the reason."
    return {
        "id": NOT_ASSESSED,
        "name": "StoryWithoutAssessment",
        "shortDescription": {"text": "A story could not be read or assessed."},
        "fullDescription": {"text": text},
        "help": {"text": text, "markdown": text},
        "defaultConfiguration": {"level": "error"},
    }


def describe_rules(rubric: Rubric) -> list[dict[str, Any]]:
    """Return the rules in an order that depends on the rubric alone."""
    return [*map(_describe_gap, rubric.gaps), *map(_describe_flag, _FLAGS)]


def rule_index(rubric: Rubric, code: str) -> int:
    """Return the place of a rule in that order."""
    codes: list[str] = [*(rule.code for rule in rubric.gaps), *_FLAGS]
    return codes.index(code)


def _describe_gap(rule: GapRule) -> dict[str, Any]:
    part = rule.part.value if rule.part else "any part"
    return {
        "id": rule.code,
        "name": _pascal(rule.title),
        "shortDescription": {"text": f"{rule.title}."},
        "fullDescription": {"text": rule.definition},
        "help": {
            "text": f"{rule.title}. {rule.definition} Part of the story: {part}.",
            "markdown": f"**{rule.title}** (`{rule.code}`, {part})\n\n{rule.definition}",
        },
        "defaultConfiguration": {"level": rule.severity},
        "properties": {"tags": ["story", rule.part.value if rule.part else "whole-story"]},
    }


def _describe_flag(code: FlagCode) -> dict[str, Any]:
    title, definition = _FLAGS[code]
    return {
        "id": code,
        "name": _pascal(title),
        "shortDescription": {"text": f"{title}."},
        "fullDescription": {"text": definition},
        "help": {"text": f"{title}. {definition}", "markdown": f"**{title}** (`{code}`)\n\n{definition}"},
        "defaultConfiguration": {"level": "warning"},
        "properties": {"tags": ["story", "integrity"]},
    }


def _pascal(title: str) -> str:
    return "".join(word.capitalize() for word in re.findall(r"[A-Za-z0-9]+", title))
