"""The worked examples of the API description: each can be sent as it stands."""

import hashlib
from typing import Any

STORY_TEXT = (
    "Last spring our checkout team was losing orders: the nightly payment export failed in 9 of 30 nights, and the "
    "finance desk in Lyon re-keyed about 140 orders by hand after each failure. As the engineering manager of the "
    "export service I was asked to make it dependable before the June sale, eight weeks away.\n"
    "\n"
    "I read the last 40 failure reports myself and found that 31 of them were one lock time-out. I decided against "
    "the rewrite that two of my engineers wanted, because it would not have been ready in time, and split the export "
    "into batches of 500 orders that can be retried one by one. I wrote the retry design, paired with a new engineer "
    "on the first batch job, and set up an alert that pages us before finance notices.\n"
    "\n"
    "By the end of May failures fell from 9 of 30 nights to none in 60, and manual re-keying went from 140 orders a "
    "failure to zero. I learned to count the causes before choosing a cure, and the retry pattern is now the template "
    "for our other four nightly jobs.\n"
)

DRAFT_TEXT = (
    "Last spring the nightly payment export of our checkout failed again and again, and the finance desk had to re-key "
    "orders by hand in the morning. As the engineering manager of the export service I was asked to make it dependable "
    "before the June sale.\n"
    "\n"
    "We looked at the failures together and the team came up with a new design. I decided against a rewrite, because "
    "it would not have been ready in time, and I split the export into batches that can be retried one by one. The "
    "team built it and we rolled it out in May.\n"
    "\n"
    "It went really well. The failures became significantly rarer and everyone in finance was happy.\n"
)

STORY: dict[str, Any] = {
    "title": "The export that failed one night in three",
    "question": "Tell me about a time you solved a problem at its root.",
    "text": STORY_TEXT,
    "principles": ["dive-deep", "ownership"],
    "role": "sdm",
    "level": "L6",
}
MARKDOWN_FILE = (
    "---\n"
    f"title: {STORY['title']}\n"
    f"question: {STORY['question']}\n"
    "principles: [dive-deep, ownership]\n"
    "role: sdm\n"
    "level: L6\n"
    "---\n" + STORY_TEXT
)

ASSESSMENT_BODIES: dict[str, Any] = {
    "draft": {
        "summary": "A first draft, for a manager role",
        "value": {**STORY, "text": DRAFT_TEXT, "principles": ["ownership"], "engine": "rules"},
    },
    "story": {"summary": "The same story, told well", "value": {**STORY, "engine": "rules"}},
    "text-only": {"summary": "Nothing but the text", "value": {"text": STORY_TEXT}},
}
STORY_BODIES: dict[str, Any] = {"story": {"summary": "A story to keep", "value": STORY}}
PATCH_BODIES: dict[str, Any] = {
    "retarget": {"summary": "Another question and level", "value": {"question": "Tell me about your hardest call."}},
    "redraft": {"summary": "A new text, so a new revision", "value": {"text": STORY_TEXT.replace("eight", "six")}},
    "clear": {"summary": "No title any more", "value": {"title": None}},
}
OPTION_BODIES: dict[str, Any] = {"rules": {"summary": "With the rules engine", "value": {"engine": "rules"}}}
MARKDOWN_BODIES: dict[str, Any] = {"file": {"summary": "A story file with front matter", "value": MARKDOWN_FILE}}


def _evidence(quote: str) -> dict[str, Any]:
    start = DRAFT_TEXT.index(quote)
    line = DRAFT_TEXT.count("\n", 0, start)
    column = start - (DRAFT_TEXT.rfind("\n", 0, start) + 1)
    return {"quote": quote, "start": start, "end": start + len(quote), "line": line + 1, "column": column + 1}


_STORY_ID = "3f0c1a52-6d0e-4c55-9f0b-0b5d4a0c9e11"
_REVISION_ID = "b1c7e0d4-2a35-4f7e-8a37-5d1f6f2b7c22"
_NOW = "2026-11-24T09:30:00.000Z"

# What the first body above is answered with, cut to one principle and one gap.
ASSESSMENT: dict[str, Any] = {
    "id": "9a4d2c6e-1b7f-4e0a-b3a5-6c8e0f1d2a33",
    "created_at": _NOW,
    "story": {
        "id": _STORY_ID,
        "revision": _REVISION_ID,
        "title": STORY["title"],
        "path": None,
        "words": 114,
        "spoken_seconds": 49,
    },
    "target": {"question": STORY["question"], "principles": ["ownership"], "role": "sdm", "level": "L6"},
    "status": "assessed",
    "reason": None,
    "strength": 3,
    "summary": "Strength 3 of 5 (mixed). Strongest evidence for Ownership. 1 gap: missing-metric.",
    "star": [{"part": "situation", "start": 0, "end": DRAFT_TEXT.index(" As the engineering")}],
    "principles": [
        {
            "id": "ownership",
            "rank": 1,
            "level": 3,
            "status": "assessed",
            "reason": None,
            "declared": True,
            "evidence": [_evidence("I split the export into batches that can be retried one by one.")],
            "missing_signals": ["Thinks of the years after the project."],
            "probes": ["What would have happened if you had not stepped in?"],
        }
    ],
    "gaps": [
        {
            "code": "missing-metric",
            "severity": "error",
            "part": "result",
            "message": "No number measures the outcome.",
            "advice": "How many failures were there before, and how many after?",
            "source": "rules",
            "evidence": [_evidence("The failures became significantly rarer and everyone in finance was happy.")],
        }
    ],
    "provenance": {
        "engine": "rules",
        "model": None,
        "rubric": {"name": "leadership-principles", "version": "v1", "sha256": "0" * 64},
        "prompt": None,
        "samples": 1,
        "usage": None,
        "cost_usd": None,
        "dropped_quotes": 0,
        "attempts": 0,
        "version": "0.1.0",
    },
}
_KEPT: dict[str, Any] = {
    "id": _STORY_ID,
    **{name: STORY[name] for name in ("title", "question", "principles", "role", "level")},
    "version": 1,
    "created_at": _NOW,
    "updated_at": _NOW,
}
REVISION: dict[str, Any] = {
    "id": _REVISION_ID,
    "number": 1,
    "sha256": hashlib.sha256(STORY_TEXT.encode()).hexdigest(),
    "created_at": _NOW,
    "text": STORY_TEXT,
}
KEPT_STORY: dict[str, Any] = {**_KEPT, "revision": REVISION}
STORY_PAGE: dict[str, Any] = {"items": [{**_KEPT, "revision": _REVISION_ID}], "next_cursor": None}
ASSESSMENT_PAGE: dict[str, Any] = {"items": [ASSESSMENT], "next_cursor": None}
REVISION_PAGE: dict[str, Any] = {"items": [REVISION], "next_cursor": None}
