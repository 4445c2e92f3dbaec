"""Batches that survive: DBOS, known by this package alone."""
