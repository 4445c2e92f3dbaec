"""One row of the fault table."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from app.judge.patience import Patience
from tests.faults.harness import BRISK
from tests.faults.server import Behaviour, ModelServer

FOUND = "findings"


@dataclass(frozen=True)
class Row:
    """One fault.

    Attributes:
        number: Its number in the fault list, with a letter where that has several cases.
        fault: What happens, in words.
        script: What happens to the first requests.
        then: What happens to all further ones; None answers sensibly.
        calls: HTTP requests that the judge may make.
        outcome: `findings`, or the kind of the failure.
        url: Makes the base URL from the server; None for its own.
        redirects_with: The status with which the server points to a bystander, which must not see a single byte.
    """

    number: str
    fault: str
    script: tuple[Behaviour, ...]
    calls: int
    outcome: str
    then: Behaviour | None = None
    patience: Patience = BRISK
    settings: dict[str, Any] = field(default_factory=dict[str, Any])
    url: Callable[[ModelServer], str] | None = None
    redirects_with: int | None = None
