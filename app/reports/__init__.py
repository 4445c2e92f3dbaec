"""Renderers of assessments, one format a file."""
