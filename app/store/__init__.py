"""The database: the only place that opens a session."""
