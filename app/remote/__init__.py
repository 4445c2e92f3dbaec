"""Assess stories through a running service, with the same outcome as here."""
