"""Tell whether another process still runs: only ever 'no' where that is certain."""

import hashlib
import os
import socket
from pathlib import Path

PROC = Path("/proc")
_START = 19  # the place of a process's start, in ticks since boot, among what follows its name in `stat`


def describe_place(proc: Path = PROC) -> str:
    """Return where this process runs, as `is_gone` understands it: its host's name, its kernel and its start.

    A host's name alone says little: containers may share one, and their process numbers begin anew in each.

    Args:
        proc: Where Linux tells of processes; where it does not, the name is all there is.
    """
    name = socket.gethostname()
    kernel, start = _identify_kernel(proc), _read_start(proc, os.getpid())
    return name if kernel is None or start is None else f"{name}/{kernel}/{start}"


def name_host(place: str) -> str:
    """Return the name of the host from what `describe_place` says."""
    return place.partition("/")[0]


def is_gone(place: str, process: int, proc: Path = PROC) -> bool:
    """Tell whether a process ran under this very kernel, in these very namespaces, and certainly runs no longer.

    Args:
        place: What `describe_place` returned in that process.
        process: Its number there.
        proc: As for `describe_place`.
    """
    _, _, rest = place.partition("/")
    kernel, _, start = rest.partition("/")
    if not kernel or kernel != _identify_kernel(proc):
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except OSError:  # it is another user's
        pass
    now = _read_start(proc, process)
    return now is not None and now != start  # the number is another process's by now


def _identify_kernel(proc: Path) -> str | None:
    """Return what is the same for processes that see each other under the same numbers until the next boot."""
    try:
        if str((proc / "self").readlink()) != str(os.getpid()):  # it tells of the processes of another namespace
            return None
        parts = [
            (proc / "sys/kernel/random/boot_id").read_text("ascii"),
            *(str((proc / "self/ns" / kind).stat().st_ino) for kind in ("pid", "time")),
        ]
    except (OSError, ValueError):
        return None
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _read_start(proc: Path, process: int) -> str | None:
    try:
        _, _, rest = (proc / str(process) / "stat").read_bytes().rpartition(b")")  # a name may hold anything
        return rest.split()[_START].decode("ascii")
    except (OSError, ValueError, IndexError):
        return None
