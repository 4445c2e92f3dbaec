"""Run a command at a terminal."""

import os
import pty
import subprocess
from contextlib import suppress
from tempfile import TemporaryFile
from typing import NamedTuple

from tests.cli.conftest import command_line


class Session(NamedTuple):
    """What came of a command: its exit code, its stdout, and what the terminal got."""

    code: int
    out: bytes
    shown: str


def at_terminal(*arguments: object, typed: str = "") -> Session:
    """Run a command whose stdin and stderr are a terminal, and whose stdout is a file."""
    master, slave = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    with TemporaryFile() as out:
        process = subprocess.Popen(command_line(*arguments), stdin=slave, stdout=out, stderr=slave, env=environment)
        with process:
            os.close(slave)
            os.write(master, typed.encode())
            shown = bytearray()
            with suppress(OSError):  # so it ends on Linux
                while piece := os.read(master, 65_536):
                    shown += piece
        os.close(master)
        out.seek(0)
        return Session(process.returncode, out.read(), shown.decode())
