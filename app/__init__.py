"""STAR Story Coach: a candidate's story in, what an interviewer would have written down out."""

__version__ = "0.1.0"
