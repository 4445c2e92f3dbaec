"""Run one row of the fault table against a real server."""

from functools import cache
from typing import NamedTuple

from tests.faults import behaviours as do
from tests.faults.harness import Outcome, judge_once
from tests.faults.rows import ROWS, Row
from tests.faults.server import ModelServer


class Run(NamedTuple):
    """What a row gave.

    Attributes:
        calls: HTTP requests that the judge sent; those that found no server are counted by the judge itself.
        seen: HTTP requests that reached the server.
        bystander_bytes: What reached the server that redirects point to.
    """

    outcome: Outcome
    calls: int
    seen: int
    bystander_bytes: int


def run_row(row: Row) -> Run:
    """Run a row, or return what it gave before: tests look at the same run from several sides."""
    return _run(row.number)


@cache
def _run(number: str) -> Run:
    row = next(row for row in ROWS if row.number == number)
    with ModelServer(row.then) as server, ModelServer() as bystander:
        script = row.script
        if row.redirects_with is not None:
            script = (do.redirect(row.redirects_with, f"{bystander.url}/chat/completions"),)
        server.script(*script)
        url = row.url(server) if row.url else server.url
        outcome = judge_once(url, loud=True, patience=row.patience, **row.settings)
        return Run(outcome, outcome.log.attempts, len(server.requests), bystander.bytes_received)
