"""The database: the only place that opens a session."""

from app.store.batch_purse import paid_by
from app.store.batch_records import BatchOptions, BatchRecord, BatchStatus, Counts, ItemRecord, Job, Line, State
from app.store.batch_work import Verdict
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
    "BatchOptions",
    "BatchRecord",
    "BatchStatus",
    "Caller",
    "Claim",
    "Counts",
    "DailyLimits",
    "DaySpending",
    "ItemRecord",
    "Job",
    "KeyRecord",
    "Line",
    "NewKey",
    "Page",
    "Receipt",
    "Reply",
    "Revision",
    "Scope",
    "State",
    "Store",
    "StoryChanges",
    "StoryFields",
    "StoryRecord",
    "User",
    "Verdict",
    "paid_by",
]
