"""Copy a SQLite database while it is in use, and prove the copy before it gets its name."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import uuid4

from app.errors import InvalidInput, Misconfigured, StoreUnavailable
from app.store.engine import parse_database_url, sqlite_path


def back_up(database_url: str, target: Path) -> int:
    """Write what has been committed by now to a file of the owner's only; return its size in bytes.

    Writers go on meanwhile. The file gets its name once it has been read again without a fault.

    Raises:
        InvalidInput: The file exists.
        Misconfigured: The database is no SQLite file.
        StoreUnavailable: The database can't be read, or the copy not written.
    """
    source = sqlite_path(parse_database_url(database_url))
    if source is None:
        raise Misconfigured("PostgreSQL is backed up with its own pg_dump", slug="not-sqlite")
    if target.exists():
        raise InvalidInput("the file of the backup exists already", slug="file-exists")
    partial = target.with_name(f".{target.name}.{uuid4().hex}")
    try:
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as live,
            closing(sqlite3.connect(partial)) as copy,
        ):
            live.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
            faults = [row[0] for row in copy.execute("PRAGMA integrity_check")]
        if faults != ["ok"]:
            raise StoreUnavailable("the copy of the database is damaged", slug="store-damaged")
        _flush(partial)
        os.link(partial, target)  # unlike a rename, this never replaces what has the name by now
        _flush(target.parent)
        return target.stat().st_size
    except FileExistsError:
        raise InvalidInput("the file of the backup exists already", slug="file-exists") from None
    except (OSError, sqlite3.Error):
        raise StoreUnavailable("the database can't be read, or its copy not written", slug="backup-failed") from None
    finally:
        partial.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
