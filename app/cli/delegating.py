"""Open what assesses stories elsewhere: through a running service, with the same outcome as here."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from app.catalog import Catalog
from app.cli.order import Order
from app.coach.batch import Batch, Runner
from app.domain import Effort
from app.errors import InvalidInput
from app.judge.patience import Patience
from app.settings import Settings, find_variables

if TYPE_CHECKING:
    from app.remote.assessor import Terms

_ATTEMPT_S = 180.0  # a service answers within its own deadlines, which the operator sets
_LONGEST_WAIT_S = 15.0


@asynccontextmanager
async def open_service(url: str, order: Order, settings: Settings, catalog: Catalog) -> AsyncGenerator[Runner]:
    """Give whoever has the order's stories assessed by a service.

    What neither the command line nor the project nor the environment says is up to the service.

    Raises:
        InvalidInput: An option can't be kept by a service.
        Misconfigured: A story must not be sent there, or there is no key.
    """
    from app.remote.assessor import RemoteAssessor
    from app.remote.batches import RemoteBatches
    from app.remote.client import ServiceClient
    from app.remote.server import read_server

    if order.via == "batch-api":
        raise InvalidInput("--via batch-api asks a provider from here: it can't go with --server", slug="bad-option")
    if settings.max_cost_usd is not None:
        raise InvalidInput(
            f"{order.choice.place('max_cost_usd')} can't be kept with --server: the service has budgets of its own",
            slug="bad-option",
        )
    patience = Patience(
        deadline_s=settings.server_deadline_s,
        attempt_s=min(_ATTEMPT_S, settings.server_deadline_s),
        queue_s=0.0,
        longest_wait_s=_LONGEST_WAIT_S,
    )
    client = ServiceClient(
        read_server(url, settings),
        patience=patience,
        max_bytes=settings.max_response_bytes,
        connections=order.jobs,
        trust_env=settings.trust_env,
    )
    terms = _take_terms(order, settings)
    assessor = RemoteAssessor(
        client, catalog, rubric=settings.rubric, max_story_chars=settings.max_story_chars, terms=terms
    )
    try:
        one_by_one = Batch(assessor, engine=terms.engine or "auto", rubric=order.rubric, jobs=order.jobs)
        yield RemoteBatches(client, assessor, one_by_one, rubric=order.rubric, patience_s=settings.server_deadline_s)
    finally:
        await client.aclose()


def _take_terms(order: Order, settings: Settings) -> "Terms":
    from app.remote.assessor import Terms

    told = find_variables(os.environ)
    effort = Effort(
        depth=order.effort.depth or (settings.depth if "depth" in told else None),
        samples=order.effort.samples or (settings.samples if "samples" in told else None),
    )
    engine = order.engine or (settings.engine if "engine" in told else None)
    return Terms(engine, effort, is_fresh=not order.keeps_answers)
