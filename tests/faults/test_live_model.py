from app.errors import ModelMisbehaved
from tests.faults.harness import STORY, judge_once, with_patience

PATIENT = with_patience(deadline_s=110, attempt_s=100)


def test_a_real_model_gives_grounded_findings_or_a_failure_and_nothing_else(live_model_url: str):
    outcome = judge_once(live_model_url, patience=PATIENT, api_key=None, model="any", allow_http=True)

    if outcome.findings is None:
        assert isinstance(outcome.error, ModelMisbehaved)
        return
    spans = [span for finding in (*outcome.findings.signals, *outcome.findings.gaps) for span in finding.spans]
    assert all(0 <= span.start < span.end <= len(STORY) for span in spans)
    assert outcome.findings.usage is not None
    assert outcome.findings.usage.output_tokens > 0
