"""Webhooks: tell a receiver, signed, that a batch is finished."""

from app.webhooks.delivery import Delivery, Outcome, deliver
from app.webhooks.event import BatchFinished
from app.webhooks.schedule import WAITS_S, next_wait_s
from app.webhooks.signing import read_keys
from app.webhooks.target import check_target, check_webhooks

__all__ = [
    "WAITS_S",
    "BatchFinished",
    "Delivery",
    "Outcome",
    "check_target",
    "check_webhooks",
    "deliver",
    "next_wait_s",
    "read_keys",
]
