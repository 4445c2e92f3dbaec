"""Values that the store's tests keep."""

from uuid import uuid4

from app.domain import Assessment


def make_assessment(quote: str = "I cut the wait from 9 to 2 days.", *, strength: int | None = 4) -> Assessment:
    """Return a small assessment with one quote."""
    evidence = {"quote": quote, "start": 0, "end": len(quote), "line": 1, "column": 1}
    return Assessment.model_validate(
        {
            "id": str(uuid4()),
            "created_at": "2026-01-02T03:04:05Z",
            "story": {"id": None, "title": None, "path": None, "words": 9, "spoken_seconds": 4},
            "target": {"role": "sdm", "level": "L6"},
            "status": "not_assessed" if strength is None else "assessed",
            "reason": "too short" if strength is None else None,
            "strength": strength,
            "summary": "A story.",
            "gaps": [
                {
                    "code": "no-learning",
                    "severity": "note",
                    "part": "result",
                    "message": "Nothing is said of what was learned.",
                    "advice": "Say what you would do differently.",
                    "evidence": [evidence],
                }
            ],
            "provenance": {
                "engine": "rules",
                "rubric": {"name": "leadership-principles", "version": "v1", "sha256": "0" * 64},
                "version": "0.1.0",
            },
        }
    )
