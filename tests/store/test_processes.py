"""A process counts as gone only where that is certain: a host's name and a number are not enough."""

import asyncio
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from app.store import Store
from app.store.processes import describe_place, is_gone, name_host

NOBODY = 2**22 + 1  # beyond the largest number that Linux gives
SAY_PLACE = "from app.store.processes import describe_place; print(describe_place(), flush=True); input()"


def tell(
    folder: Path, *, boot: str = "boot-1", pid_space: str = "inode-1", start: int = 77, seen: int | None = None
) -> Path:
    """Make what Linux tells in `/proc`, of this process alone; the inode of a file stands for a namespace's."""
    own = folder / str(os.getpid() if seen is None else seen)
    (own / "ns").mkdir(parents=True)
    space = folder.parent / pid_space
    space.touch()
    (own / "ns/pid").hardlink_to(space)
    (folder.parent / "time").touch()
    (own / "ns/time").hardlink_to(folder.parent / "time")
    (own / "stat").write_text(f"{own.name} (a (b) c) S {' '.join(['1'] * 18)} {start} 0 0\n")
    (folder / "sys/kernel/random").mkdir(parents=True)
    (folder / "sys/kernel/random/boot_id").write_text(f"{boot}\n")
    (folder / "self").symlink_to(own.name)
    return folder


@pytest.fixture
def here(tmp_path: Path) -> Path:
    return tell(tmp_path / "here")


def test_a_process_is_gone_once_it_was_killed_and_not_before():
    with subprocess.Popen(
        [sys.executable, "-c", SAY_PLACE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        place = process.stdout.readline().strip()
        assert place.split("/")[:2] == describe_place().split("/")[:2]
        assert not is_gone(place, process.pid)
        process.kill()
        process.wait()
        assert is_gone(place, process.pid)


def test_this_process_is_not_gone(here: Path):
    assert not is_gone(describe_place(here), os.getpid(), here)
    assert is_gone(describe_place(here), NOBODY, here)


@pytest.mark.parametrize(("boot", "pid_space"), [("boot-2", "inode-1"), ("boot-1", "inode-2")])
def test_a_number_of_another_machine_or_container_says_nothing_here_whatever_its_name(
    here: Path, tmp_path: Path, boot: str, pid_space: str
):
    place = describe_place(tell(tmp_path / "there", boot=boot, pid_space=pid_space))
    assert name_host(place) == name_host(describe_place(here)) == socket.gethostname()
    assert not is_gone(place, NOBODY, here)
    assert not is_gone(place, os.getpid(), here)


def test_a_number_that_was_given_to_another_process_does_not_keep_the_first_alive(here: Path, tmp_path: Path):
    before = describe_place(tell(tmp_path / "before", start=76))
    assert is_gone(before, os.getpid(), here)


def test_nobody_is_gone_where_linux_does_not_tell(tmp_path: Path, here: Path):
    nothing = tmp_path / "nothing"
    assert describe_place(nothing) == socket.gethostname()
    assert not is_gone(describe_place(nothing), NOBODY, nothing)
    assert not is_gone(describe_place(here), NOBODY, nothing)


def test_nobody_is_gone_where_linux_tells_of_another_namespace(tmp_path: Path, here: Path):
    foreign = tell(tmp_path / "foreign", seen=NOBODY)
    assert describe_place(foreign) == socket.gethostname()
    assert not is_gone(describe_place(here), NOBODY, foreign)


def test_a_plain_name_from_an_older_release_is_no_proof(here: Path):
    assert not is_gone(socket.gethostname(), NOBODY, here)


def test_an_executor_is_kept_with_its_place_and_shown_with_its_hosts_name(store: Store):
    async def run() -> None:
        assert await store.executors.claim("one", instead_of=None)
        (record,) = await store.executors.list()
        assert (record.host, record.process) == (describe_place(), os.getpid())
        assert (record.host_name, record.is_gone) == (socket.gethostname(), False)

    asyncio.run(run())
