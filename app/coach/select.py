"""Leave out of reports and thresholds the gaps that a caller does not care about."""

import difflib
from collections.abc import Iterable
from typing import NamedTuple

from app.domain import Assessment, Gap, GapCode
from app.errors import InvalidInput


class Selection(NamedTuple):
    """Which gaps count; findings, levels and strength are the same whatever is selected.

    Attributes:
        select: These alone; empty means all.
        ignore: Never these.
    """

    select: tuple[GapCode, ...] = ()
    ignore: tuple[GapCode, ...] = ()

    def covers(self, gap: Gap) -> bool:
        """Tell whether a gap counts."""
        return (not self.select or gap.code in self.select) and gap.code not in self.ignore

    def apply(self, assessment: Assessment) -> Assessment:
        """Return the assessment with the gaps that count."""
        if all(map(self.covers, assessment.gaps)):
            return assessment
        return assessment.model_copy(update={"gaps": tuple(filter(self.covers, assessment.gaps))})


def parse_codes(names: Iterable[str], option: str) -> tuple[GapCode, ...]:
    """Return gap codes by name, each once.

    Raises:
        InvalidInput: There is no such code.
    """
    codes: dict[GapCode, None] = {}
    for name in names:
        if name not in frozenset(GapCode):
            near = difflib.get_close_matches(name, list(GapCode), n=1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(GapCode)}"
            raise InvalidInput(f"{option}: there is no gap {name[:40]!r}; {hint}", slug="unknown-code")
        codes[GapCode(name)] = None
    return tuple(codes)
