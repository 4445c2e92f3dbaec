"""The database: the only place that opens a session."""

from app.store.records import (
    ALL_SCOPES,
    USER_SCOPES,
    Caller,
    Claim,
    DaySpending,
    KeyRecord,
    NewKey,
    Page,
    Receipt,
    Reply,
    Revision,
    Scope,
    StoryChanges,
    StoryFields,
    StoryRecord,
    User,
)
from app.store.spending import DailyLimits
from app.store.store import Store

__all__ = [
    "ALL_SCOPES",
    "USER_SCOPES",
    "Caller",
    "Claim",
    "DailyLimits",
    "DaySpending",
    "KeyRecord",
    "NewKey",
    "Page",
    "Receipt",
    "Reply",
    "Revision",
    "Scope",
    "Store",
    "StoryChanges",
    "StoryFields",
    "StoryRecord",
    "User",
]
