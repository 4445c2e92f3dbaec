"""The worked examples of batches."""

import json
from typing import Any

from app.http.examples import ASSESSMENT, DRAFT_TEXT, STORY, STORY_TEXT

_ID = "7d3f2a10-5a4e-4f0c-8a6b-2f1e9c0d4b55"
_STORY_ID = ASSESSMENT["story"]["id"]

BATCH_BODIES: dict[str, Any] = {
    "stories": {
        "summary": "New stories",
        "value": {"stories": [STORY, {"text": DRAFT_TEXT}], "engine": "rules"},
    },
    "kept": {"summary": "Kept stories", "value": {"story_ids": [_STORY_ID], "max_cost_usd": 1.5}},
    "all": {"summary": "All kept stories", "value": {"all_stories": True}},
}
NDJSON_BODIES: dict[str, Any] = {
    "lines": {
        "summary": "A story a line",
        "value": json.dumps({"text": STORY_TEXT}) + "\n" + json.dumps({"text": DRAFT_TEXT}) + "\n",
    }
}
BATCH: dict[str, Any] = {
    "id": _ID,
    "status": "running",
    "counts": {"queued": 310, "running": 16, "done": 172, "failed": 2, "cancelled": 0},
    "total": 500,
    "per_second": 8.7,
    "eta_seconds": 37.5,
    "cost_usd": 0.21,
    "options": {
        "engine": "auto",
        "rubric": None,
        "depth": None,
        "samples": None,
        "max_cost_usd": 1.5,
        "webhook_url": None,
        "interactive": False,
    },
    "cursor": 174,
    "round": 1,
    "created_at": "2026-11-24T09:30:00.000Z",
    "finished_at": None,
}
BATCH_PAGE: dict[str, Any] = {"items": [BATCH], "next_cursor": None}
_RESULT: dict[str, Any] = {
    "cursor": 174,
    "number": 12,
    "story_id": _STORY_ID,
    "state": "done",
    "error": None,
    "attempts": 1,
    "finished_at": "2026-11-24T09:30:20.000Z",
    "assessment": ASSESSMENT,
}
RESULT_LINE = json.dumps(_RESULT) + "\n"
EVENT = (
    'id: 174\nevent: story\ndata: {"number":12,"story_id":"'
    + _STORY_ID
    + '","state":"done","error":null,"attempts":1,"finished_at":"2026-11-24T09:30:20.000Z"}\n\n'
)
