"""`star-coach serve`: run the HTTP service."""

from typing import Annotated

import typer


def serve(
    *,
    host: Annotated[
        str | None, typer.Option(help="Address to listen on.", show_default="COACH_HOST, or 127.0.0.1")
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="0 takes a free one.", show_default="COACH_PORT, or 8000")
    ] = None,
    upgrade: Annotated[
        bool, typer.Option("--upgrade", help="Bring the database's schema up to date first, whichever database it is.")
    ] = False,
) -> None:
    """Run the HTTP service until it is stopped; the docs are at /docs.

    The database in the user's own data folder is upgraded by itself; another one by `star-coach db upgrade`, or here
    with --upgrade.
    """
    from app.http.serve import run
    from app.settings import load_settings
    from app.store.migrate import upgrade as upgrade_database

    settings = load_settings()
    given = {"host": host, "port": port}
    settings = settings.model_copy(update={name: value for name, value in given.items() if value is not None})
    if upgrade:
        upgrade_database(settings.database_url.get_secret_value())
    run(settings)
