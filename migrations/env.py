"""Run migrations on the connection that `app.store.migrate` hands over, or on the configured database."""

from typing import Literal, cast

from alembic import context
from sqlalchemy import Connection, String
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from app.errors import Misconfigured
from app.settings import load_settings
from app.store.batch_tables import metadata  # with these, the tables of batches are in it too
from app.store.migrate import open_locked


def include_name(name: str | None, kind: str, _: object) -> bool:
    """Tell whether something found in the database is ours: other programs' tables may stand beside them."""
    return kind != "table" or name in metadata.tables


def render_item(kind: str, item: object, _: object) -> str | Literal[False]:
    """Write a new migration in SQLAlchemy's own types; False leaves the writing to Alembic."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, AutoString):
        length = cast("String", item.impl_instance).length
        return f"sa.String({length})" if length else "sa.Text()"
    return False


def run(connection: Connection) -> None:
    """Run the migrations: one transaction each on PostgreSQL, one for all on SQLite."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        include_name=include_name,
        render_item=render_item,
        render_as_batch=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    raise Misconfigured("migrations need a database: there is no offline mode")
handed_over = context.config.attributes.get("connection")
if handed_over is not None:
    run(handed_over)
else:
    with open_locked(load_settings().database_url.get_secret_value()) as locked:
        run(locked)
