"""The command-line door: `star-coach`, one file a verb."""

import sys
from collections.abc import Sequence
from typing import NoReturn


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run `star-coach` and end the process with its exit code.

    Args:
        arguments: Without the program's name; None for those of the process.
    """
    try:
        from app.cli.command import run

        code = run(list(sys.argv[1:] if arguments is None else arguments))
    except KeyboardInterrupt:  # before there was anything to stop
        code = 130
    sys.exit(code)
