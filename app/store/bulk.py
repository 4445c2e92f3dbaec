"""Insert thousands of rows: written out before the transaction, so that it holds its locks for the inserts alone."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import JSON, Connection, Dialect, Engine, Executable, Table, Text, bindparam, cast, column, func, insert
from sqlalchemy import select as select_columns

_PORTION = 1000  # rows in one statement of PostgreSQL: some 2 MB of stories, far below its time for a statement


class Rows(NamedTuple):
    """Rows of one table, as its database takes them.

    Attributes:
        statement: SQL of SQLite's driver, run with all rows at once; a statement of its own on PostgreSQL, run with
            each portion.
        portions: All rows as tuples, or the rows as JSON, 1000 at a time.
    """

    statement: str | Executable
    portions: Sequence[Any]


def write_out(bind: Engine | Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> Rows:
    """Return rows ready to be inserted; all have values for the same columns.

    SQLite gets what SQLAlchemy would hand to its driver. PostgreSQL unfolds JSON: a statement for a thousand rows
    instead of a thousand, and unlike COPY it keeps to row-level security.

    Args:
        bind: Where they will be inserted.
        table: The table.
        rows: Values by the names of columns; at least one row.
    """
    names = list(rows[0])
    if bind.dialect.name == "postgresql":
        return Rows(_unfold(table, names), [_to_json(rows[at : at + _PORTION]) for at in range(0, len(rows), _PORTION)])
    schemas = bind.get_execution_options().get("schema_translate_map")
    made = insert(table).compile(
        dialect=bind.dialect,
        column_keys=names,
        schema_translate_map=schemas,
        render_schema_translate=schemas is not None,
    )
    ordered = made.positiontup or names
    columns = [_convert([row[name] for row in rows], _converter(table, name, bind.dialect)) for name in ordered]
    return Rows(made.string, list(zip(*columns, strict=True)))


def insert_rows(connection: Connection, rows: Rows) -> None:
    """Insert rows that are written out for this connection's database."""
    if isinstance(rows.statement, str):
        connection.exec_driver_sql(rows.statement, list(rows.portions))
        return
    # A foreign key is checked by a plan that a connection keeps. Made when the table was all but empty, it may look
    # through all stories of a user for each revision, which took 45 s for 10,000.
    connection.exec_driver_sql("DISCARD PLANS")
    for portion in rows.portions:
        connection.execute(rows.statement, {"rows": portion})


def _unfold(table: Table, names: Sequence[str]) -> Executable:
    given = cast(bindparam("rows", type_=Text), JSON)
    typed = [column(name, table.c[name].type) for name in names]
    unfolded = func.json_to_recordset(given).table_valued(*typed).render_derived(with_types=True)
    return insert(table).from_select(names, select_columns(*(unfolded.c[name] for name in names)))


def _to_json(rows: Sequence[Mapping[str, Any]]) -> str:
    return json.dumps(rows, default=_write_time)


def _write_time(value: datetime) -> str:
    return value.isoformat()


def _converter(table: Table, name: str, dialect: Dialect) -> Callable[[Any], Any] | None:
    return table.c[name].type.dialect_impl(dialect).bind_processor(dialect)


def _convert(values: Sequence[Any], convert: Callable[[Any], Any] | None) -> Iterator[Any]:
    """Yield values as the driver takes them; a value that comes again and again is converted once."""
    if convert is None:
        yield from values
        return
    last = converted = object()
    for value in values:
        if value is not last:
            last, converted = value, convert(value)
        yield converted
