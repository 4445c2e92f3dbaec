"""Bring the database's schema to this release's, one process at a time."""


def upgrade(database_url: str) -> None:
    """Run the pending migrations; safe to start in many processes at once.

    Raises:
        Misconfigured: The schema is unknown to this release, or the URL can't be used.
        StoreUnavailable: The database does not answer, or another process holds the lock for too long.
    """
    raise NotImplementedError
