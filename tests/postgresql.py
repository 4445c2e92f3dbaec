"""A throwaway PostgreSQL server of the tests' own: a socket in a temporary folder, no password, no disk flushes."""

import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from uuid import uuid4

import psycopg

ADMIN = "postgres"
ROLE = "coach"  # owns the tests' databases and is no superuser, so that row-level security holds for it
_START_TIMEOUT_S = 60
_ROOM_BYTES = 2 * 1024**3
_SERVER_OPTIONS = (
    "listen_addresses=",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "shared_buffers=32MB",
    "max_connections=100",
)


class PostgresServer:
    """Starts and stops a server; `folder` holds its data, its socket and its log."""

    def __init__(self, binaries: Path) -> None:
        self._binaries = binaries
        self._account = _account()
        self._version = _version(binaries)
        self.folder = Path(tempfile.mkdtemp(prefix="coach-pg-", dir=_roomy_folder()))
        self._data = self.folder / "data"
        self._process: subprocess.Popen[bytes] | None = None
        if self._account:
            os.chown(self.folder, self._account.pw_uid, self._account.pw_gid)

    def make(self) -> None:
        """Make the cluster, start it, and add the role that tests connect as."""
        made = self._spawn(
            "initdb", "-D", str(self._data), "-U", ADMIN, "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"
        )
        if made.wait() != 0:
            raise RuntimeError(f"initdb failed:\n{self._log()}")
        self.start()
        self.run(f"CREATE ROLE {ROLE} LOGIN NOSUPERUSER NOBYPASSRLS")

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = [f"unix_socket_directories={self.folder}", *_SERVER_OPTIONS]
        self._process = self._spawn("postgres", "-D", str(self._data), *(f"--{option}" for option in options))
        until = time.monotonic() + _START_TIMEOUT_S
        while True:
            try:
                self.run("SELECT 1")
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(f"PostgreSQL does not start:\n{self._log()}") from None
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        """Stop the server at once; open connections are cut."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(timeout=_START_TIMEOUT_S)

    def remove(self) -> None:
        """Stop the server and delete its files."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, statement: str, *, database: str = "postgres") -> None:
        """Run a statement as the superuser."""
        with psycopg.connect(host=str(self.folder), user=ADMIN, dbname=database, autocommit=True) as connection:
            connection.execute(statement.encode())

    def create_database(self, *, template: str | None = None) -> str:
        """Make a database with a random name, and return the name."""
        name = f"coach_{uuid4().hex}"
        # Copying files is ten times faster than logging every page, which release 15 made the default.
        strategy = "STRATEGY FILE_COPY" if self._version >= 15 else ""
        self.run(f"CREATE DATABASE {name} OWNER {ROLE} TEMPLATE {template or 'template1'} {strategy}")
        return name

    def drop_database(self, name: str) -> None:
        """Drop a database, whoever is connected."""
        self.run(f"DROP DATABASE {name} WITH (FORCE)")

    def url(self, name: str, *, role: str = ROLE) -> str:
        """Return the URL that the store opens a database with."""
        return f"postgresql+psycopg://{role}@/{name}?host={self.folder}"

    def _spawn(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a program of PostgreSQL's, never as root; it ends when we are killed, where the system can do that."""
        setpriv = shutil.which("setpriv")
        prefix = [setpriv, "--pdeathsig", "INT", "--"] if setpriv else []
        account = self._account
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [*prefix, str(self._binaries / program), *arguments],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=account.pw_uid if account else None,
                group=account.pw_gid if account else None,
                extra_groups=[] if account else None,
            )

    def _log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")[-3000:]


def _roomy_folder() -> str:
    """Return where to put the server: in memory where there is room, since a database is hundreds of small files.

    Both paths are short: a socket's may have about 100 characters, and a temporary folder of pytest's is longer.
    """
    memory = Path("/dev/shm")  # noqa: S108 - a random name follows
    if memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > _ROOM_BYTES:
        return str(memory)
    return "/tmp"  # noqa: S108 - as above


def _version(binaries: Path) -> int:
    shown = subprocess.run([binaries / "postgres", "--version"], capture_output=True, check=True, text=True).stdout
    return int(re.findall(r"[0-9]+", shown)[0])


def _account() -> pwd.struct_passwd | None:
    """Return the account to run the server as when we are root, else None."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return pwd.getpwnam("postgres" if "postgres" in names else "nobody")
