"""Runs units of work on the database, each in one transaction, off the event loop."""


class Database:
    """One database: its engine and the threads that use it."""
