"""Work on batches in this process, with the parts that it has opened."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from app.coach.assess import Assessor
from app.coach.stories import StoryCoach
from app.jobs.desk import Desk
from app.jobs.lease import default_executor_id
from app.settings import Settings
from app.store import Store


@asynccontextmanager
async def working(
    settings: Settings, store: Store, desk: Desk, assessor: Assessor, *, role: str
) -> AsyncGenerator[None]:
    """Work while the context lasts; nobody waits here for a place, since the queue gives out as many as there are.

    Raises:
        Misconfigured: A live process works under the same id.
        StoreUnavailable: The database does not answer.
    """
    from app.jobs.engine import running  # noqa: PLC0415 - DBOS takes a second to load

    queue = await desk.queue()
    coach = StoryCoach(store, assessor, engine=settings.engine)
    executor_id = settings.executor_id or default_executor_id(role)
    async with running(settings, store, coach, queue, executor_id=executor_id):
        yield
