"""Write the fault table from a real run: `python -m tests.faults.table > docs/faults.md`."""

import sys

from app.judge.failures import MEANINGS, Kind
from tests.faults.rows import ROWS, Row
from tests.faults.run import run_row
from tests.faults.wider import WIDER

_HEAD = """# What happens when the model's endpoint fails

Every row is one endpoint that misbehaves, served by a real server on loopback, and what the judge made of it with three
tries allowed. A failure has a kind from a closed list and never yields findings, so it never yields a score. `findings`
in the last column means that the fault was survived. Waits between tries start at the endpoint's own `Retry-After` and
end before the deadline. F44: a model named in `COACH_FALLBACK_MODELS` may answer instead, and the assessment says
`degraded`. This page is written by `python -m tests.faults.table`; a test holds each row.

| fault | what the endpoint does | requests | outcome |
|---|---|---|---|
"""

_WIDER = """
# What happens over many calls

Most of these need several calls, clients or processes, so each has a test of its own.

| fault | what happens | what holds | held by |
|---|---|---|---|
"""

_KINDS = """
# Kinds of failure

| kind | family | what callers are told |
|---|---|---|
"""


def render_table(results: list[tuple[Row, int, str]]) -> str:
    """Return the page for rows with their requests and outcomes."""
    rows = "".join(f"| {row.number} | {row.fault} | {calls} | {kind} |\n" for row, calls, kind in results)
    wider = "".join(
        f"| {row.number} | {row.fault} | {row.holds} | {', '.join(f'`{test}`' for test in row.tests)} |\n"
        for row in WIDER
    )
    kinds = "".join(f"| {kind.value} | {MEANINGS[kind].family.__name__} | {MEANINGS[kind].detail} |\n" for kind in Kind)
    return f"{_HEAD}{rows}{_WIDER}{wider}{_KINDS}{kinds}"


def main() -> None:
    """Run all rows and print the page."""
    results: list[tuple[Row, int, str]] = []
    for row in ROWS:
        run = run_row(row)
        results.append((row, run.calls, run.outcome.kind))
    sys.stdout.write(render_table(results))


if __name__ == "__main__":
    main()
