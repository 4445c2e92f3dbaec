"""`star-coach db`: look after the database's schema."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Look after the database.", no_args_is_help=True)


@app.command()
def upgrade() -> None:
    """Bring the schema up to date; safe to run at any time, by many at once."""
    from app.settings import load_settings
    from app.store.migrate import upgrade as upgrade_database

    change = upgrade_database(load_settings().database_url.get_secret_value())
    if change.before == change.after:
        print(f"the schema is up to date ({change.after})")
    else:
        print(f"the schema went from {change.before or 'nothing'} to {change.after}")


@app.command()
def check() -> None:
    """Tell whether the database answers and its schema is this release's."""
    import asyncio

    from app.settings import load_settings
    from app.store import Store

    async def look() -> None:
        async with Store.open(load_settings().database_url.get_secret_value()) as store:
            await store.check_schema()

    asyncio.run(look())
    print("the database answers and its schema is up to date")


@app.command()
def backup(file: Annotated[Path, typer.Argument(help="A file that does not exist yet.", show_default=False)]) -> None:
    """Copy a SQLite database, in use or not, into a file, and check the copy. PostgreSQL has pg_dump."""
    from app.settings import load_settings
    from app.store.backup import back_up

    size = back_up(load_settings().database_url.get_secret_value(), file)
    print(f"backed up to {file} ({size} bytes), and checked")
