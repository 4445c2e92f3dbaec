"""What a webhook says, how it is signed, and when it is sent again."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError
from standardwebhooks import Webhook, WebhookVerificationError

from app.errors import Misconfigured
from app.settings import Settings
from app.webhooks import WAITS_S, BatchFinished, Delivery, Outcome, next_wait_s, read_keys
from app.webhooks.signing import sign

OLD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NEW = "whsec_" + "Zm9vYmFy" * 6
EVENT = BatchFinished(
    batch_id="b-1", counts={"assessed": 2, "failed": 1}, finished_at=datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
)


def keys_of(secret: str, previous: str | None = None) -> tuple[bytes, ...]:
    given = {"webhook_secret": SecretStr(secret), "webhook_previous_secret": previous and SecretStr(previous)}
    return read_keys(Settings.model_validate(given))


def test_the_body_tells_id_status_and_counts_and_nothing_else():
    assert json.loads(EVENT.render()) == {
        "type": "batch.finished",
        "timestamp": "2026-11-02T09:00:00.000Z",
        "data": {"batch_id": "b-1", "status": "finished", "counts": {"assessed": 2, "failed": 1}},
    }
    elsewhere = EVENT.finished_at.astimezone(timezone(timedelta(hours=5)))
    assert EVENT.model_copy(update={"finished_at": elsewhere}).render() == EVENT.render()


def test_a_further_round_of_a_batch_is_another_event():
    assert EVENT.id == "msg_b-1_1"
    assert EVENT.model_copy(update={"round": 2}).id == "msg_b-1_2"


@pytest.mark.parametrize("fields", [{"batch_id": "a.b"}, {"counts": {"My story": 1}}, {"counts": {"failed": -1}}])
def test_an_event_holds_no_text(fields):
    with pytest.raises(ValidationError):
        BatchFinished.model_validate({**EVENT.model_dump(), **fields})


def test_the_signature_is_that_of_the_standards_own_example():
    body = b'{"test": 2432232314}'
    signature = sign(keys_of(OLD), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@given(st.binary(min_size=1).filter(lambda body: body.decode("latin-1").isascii()))
def test_what_is_signed_is_verified_by_the_standards_library(body):
    now = datetime.now(UTC)
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": sign(keys_of(NEW, OLD), "msg_1", int(now.timestamp()), body),
    }
    for secret in (NEW, OLD):
        Webhook(secret).verify(body, headers, json_parse=False)
    for other, tampered in ((body + b"x", headers), (body, {**headers, "webhook-id": "msg_2"})):
        with pytest.raises(WebhookVerificationError):
            Webhook(NEW).verify(other, tampered, json_parse=False)


@pytest.mark.parametrize(
    "secret", ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_", "whsec_c2hvcnQ=", "whsec_ä!", "whsec_" + "A" * 100]
)
def test_a_secret_of_another_form_is_refused_and_not_shown(secret):
    with pytest.raises(Misconfigured) as caught:
        keys_of(secret)
    assert caught.value.detail.startswith("COACH_WEBHOOK_SECRET: a secret is whsec_ and then 24 to 64 bytes")
    assert secret == "whsec_" or secret not in caught.value.detail
    with pytest.raises(Misconfigured, match="COACH_WEBHOOK_PREVIOUS_SECRET"):
        keys_of(NEW, secret)


def test_the_waits_grow_and_end():
    failed = Delivery(Outcome.REJECTED, 500)
    waits = [next_wait_s(failed, "msg_1", tried=tried) for tried in range(1, len(WAITS_S) + 2)]
    assert waits[-1] is None
    for wait, planned in zip(waits[:-1], WAITS_S, strict=True):
        assert wait is not None
        assert planned <= wait <= 1.2 * planned
    assert waits == [next_wait_s(failed, "msg_1", tried=tried) for tried in range(1, len(WAITS_S) + 2)]
    assert next_wait_s(failed, "msg_2", tried=1) != waits[0]


def test_a_receivers_wish_is_a_floor():
    assert next_wait_s(Delivery(Outcome.REJECTED, 503, retry_after_s=100.0), "msg_1", tried=1) == 100.0
    assert next_wait_s(Delivery(Outcome.REJECTED, 503, retry_after_s=1.0), "msg_1", tried=1) != 1.0


@pytest.mark.parametrize("outcome", [Outcome.DELIVERED, Outcome.GONE, Outcome.NOT_ALLOWED])
def test_what_is_settled_is_not_tried_again(outcome):
    assert next_wait_s(Delivery(outcome), "msg_1", tried=1) is None
