"""Validate files of CI systems by the schemas that check-jsonschema ships, offline."""

import subprocess
import sys
from pathlib import Path


def find_complaints(schema: str, *files: Path) -> str:
    """Return what is wrong with files by one of the shipped schemas; empty when nothing is."""
    command = [Path(sys.executable).with_name("check-jsonschema"), "--builtin-schema", schema, *files]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr
