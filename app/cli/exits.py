"""Exit codes, and which failure family ends with which."""

from enum import IntEnum

from app.errors import (
    CoachError,
    Conflict,
    Forbidden,
    InvalidInput,
    LimitExceeded,
    Misconfigured,
    ModelMisbehaved,
    ModelUnavailable,
    NotFound,
    StoreUnavailable,
    Unauthenticated,
)


class Exit(IntEnum):
    """What `star-coach` ends with."""

    PASSED = 0
    BELOW_THRESHOLD = 1
    USAGE = 2
    INCOMPLETE = 3
    INTERRUPTED = 130


FAMILIES: dict[type[CoachError], Exit] = {
    InvalidInput: Exit.USAGE,
    Unauthenticated: Exit.USAGE,
    Forbidden: Exit.USAGE,
    NotFound: Exit.USAGE,
    Conflict: Exit.USAGE,
    Misconfigured: Exit.USAGE,
    LimitExceeded: Exit.INCOMPLETE,
    ModelUnavailable: Exit.INCOMPLETE,
    ModelMisbehaved: Exit.INCOMPLETE,
    StoreUnavailable: Exit.INCOMPLETE,
}


def exit_code(error: CoachError) -> Exit:
    """Return what an error ends the command with: its family's code, or `INCOMPLETE` where there is none."""
    return next((FAMILIES[family] for family in type(error).mro() if family in FAMILIES), Exit.INCOMPLETE)
