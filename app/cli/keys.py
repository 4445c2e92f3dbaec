"""`star-coach keys`: make, list and revoke API keys."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.complaint import note

if TYPE_CHECKING:
    from app.store import KeyRecord, Scope, Store

app = typer.Typer(help="Make, list and revoke API keys.", no_args_is_help=True)

_DEFAULT_SCOPES = "read,evaluate,batch,export,erase"


@app.command()
def create(
    user: Annotated[str, typer.Option(help="Whose stories the key opens; made when new.")],
    *,
    label: Annotated[str, typer.Option(help="What the key is for.")] = "",
    scopes: Annotated[str, typer.Option(help="With commas between; admin is never given unasked.")] = _DEFAULT_SCOPES,
    expires_days: Annotated[
        int | None, typer.Option(min=1, max=36500, help="Days until it stops working.", show_default="never")
    ] = None,
) -> None:
    """Make a key and print it: it is shown this once, alone on stdout."""
    import asyncio
    from datetime import UTC, datetime, timedelta

    async def make() -> None:
        async with _open_store() as store:
            expires_at = datetime.now(UTC) + timedelta(days=expires_days) if expires_days else None
            made = await store.keys.add(user, label=label, scopes=_read_scopes(scopes), expires_at=expires_at)
            try:
                print(made.token, flush=True)
            except OSError:  # nobody has seen it, so nobody can use it
                await store.keys.revoke(made.record.id)
                note(f"key {made.record.id} could not be shown, so it is revoked")
                raise
        end = f"expires {made.record.expires_at:%Y-%m-%d}" if made.record.expires_at else "does not expire"
        note(f"key {made.record.id} for {made.record.user_name}: {end}; keep it, it can't be shown again")

    asyncio.run(make())


@app.command("list")
def list_(*, user: Annotated[str | None, typer.Option(help="Only this user's.")] = None) -> None:
    """List keys, revoked and expired ones too; never their secrets."""
    import asyncio

    async def show() -> None:
        async with _open_store() as store:
            records = await store.keys.list(user)
        _print_table(records)

    asyncio.run(show())


@app.command()
def revoke(key_id: Annotated[str, typer.Argument(help="As `keys list` shows it.", metavar="ID")]) -> None:
    """Make a key useless from now on."""
    import asyncio

    async def end() -> None:
        async with _open_store() as store:
            record = await store.keys.revoke(key_id)
        note(f"key {record.id} of {record.user_name} is revoked")

    asyncio.run(end())


@asynccontextmanager
async def _open_store() -> "AsyncGenerator[Store]":
    from app.settings import load_settings
    from app.store import Store
    from app.store.migrate import upgrade

    settings = load_settings()
    url = settings.database_url.get_secret_value()
    if settings.is_database_embedded:
        upgrade(url)
    async with Store.open(url) as store:
        await store.check_schema()
        yield store


def _read_scopes(text: str) -> "frozenset[Scope]":
    from app.errors import InvalidInput
    from app.store import Scope

    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in list(Scope)]
    if unknown:
        raise InvalidInput(f"--scopes: there is no scope {unknown[0]}; known: {', '.join(Scope)}")
    return frozenset(Scope(name) for name in names)


def _print_table(records: "tuple[KeyRecord, ...]") -> None:
    from app.reports.terminal import cells, defuse

    head = ("id", "user", "label", "scopes", "created", "state", "last used")
    rows = [head, *(_row(record) for record in records)]
    shown = [[defuse(cell) for cell in row] for row in rows]
    widths = [max(cells(row[column]) for row in shown) for column in range(len(head))]
    for row in shown:
        print("  ".join(cell + " " * (width - cells(cell)) for cell, width in zip(row, widths, strict=True)).rstrip())


def _row(record: "KeyRecord") -> tuple[str, ...]:
    from datetime import UTC, datetime

    from app.store import USER_SCOPES

    now = datetime.now(UTC)
    state = "active"
    if record.revoked_at is not None:
        state = f"revoked {record.revoked_at:%Y-%m-%d}"
    elif record.expires_at is not None:
        state = f"{'expired' if record.expires_at <= now else 'until'} {record.expires_at:%Y-%m-%d}"
    scopes = "user" if record.scopes == USER_SCOPES else ",".join(sorted(record.scopes))
    used = f"{record.last_used_at:%Y-%m-%d}" if record.last_used_at else "never"
    return (record.id, record.user_name, record.label or "-", scopes, f"{record.created_at:%Y-%m-%d}", state, used)
