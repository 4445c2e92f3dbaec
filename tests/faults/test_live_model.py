from typing import Any

import pytest

from app.judge.failures import Kind
from tests.faults.harness import STORY, judge_once, with_patience

PATIENT = with_patience(deadline_s=840, attempt_s=800)
WEAKNESSES = {Kind.TRUNCATED, Kind.INVALID_OUTPUT}


@pytest.mark.timeout(900)
def test_a_real_model_gives_grounded_findings_or_is_told_to_be_weak(live_model_url: str):
    small: dict[str, Any] = {"api_key": None, "model": "any", "allow_http": True, "max_output_tokens": 256}

    outcome = judge_once(live_model_url, patience=PATIENT, **small)

    if outcome.findings is None:
        assert outcome.kind in WEAKNESSES
        return
    spans = [span for finding in (*outcome.findings.signals, *outcome.findings.gaps) for span in finding.spans]
    assert all(0 <= span.start < span.end <= len(STORY) for span in spans)
    assert outcome.findings.usage is not None
    assert outcome.findings.usage.output_tokens > 0
