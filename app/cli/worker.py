"""`star-coach worker`: work on the batches of a service, on this machine or another."""

from typing import Annotated

import typer


def worker(
    *,
    concurrency: Annotated[
        int | None,
        typer.Option(
            "--concurrency",
            min=1,
            max=1000,
            help="Stories at a time in this process.",
            show_default="COACH_WORKER_CONCURRENCY, or 16",
        ),
    ] = None,
    executor_id: Annotated[
        str | None,
        typer.Option(
            "--id",
            help="Of this process alone, and the same after each restart.",
            show_default="COACH_EXECUTOR_ID, or the host's name and -worker",
        ),
    ] = None,
) -> None:
    """Work on batches until stopped: start as many as you like, on PostgreSQL on as many machines as you like.

    SIGTERM lets stories that are under way come to their end, and hands back the rest.
    """
    import asyncio

    from app.http.serve import set_up_logging
    from app.jobs.process import work
    from app.settings import load_settings

    settings = load_settings()
    given = {"worker_concurrency": concurrency, "executor_id": executor_id}
    settings = type(settings).model_validate(
        {**settings.model_dump(), **{name: value for name, value in given.items() if value is not None}}
    )
    set_up_logging(settings.log_level)
    asyncio.run(work(settings))
