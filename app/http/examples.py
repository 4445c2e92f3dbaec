"""The worked examples of the API description: each can be sent as it stands."""

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
