"""The HTTP door: parse, call, return."""
