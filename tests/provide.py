"""Provide the programs that tests run for real: PostgreSQL and Chromium, from Debian's packages where they are missing.

python tests/provide.py [postgresql] [chromium]
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

_CLUSTER_CONF = Path("/etc/postgresql-common/createcluster.conf")
_CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class NotProvided(Exception):  # noqa: N818 - it says what happened
    """A program is missing and can't be installed from here; the message says what to do."""


def find_postgresql() -> Path | None:
    """Return the folder with `initdb` and `postgres`, the newest of Debian's or the one on PATH."""
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: _number(path.parent.name), reverse=True
    )
    on_path = shutil.which("initdb")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    return next((path for path in folders if (path / "initdb").exists() and (path / "postgres").exists()), None)


def find_chromium() -> Path | None:
    """Return Chromium on PATH, or None."""
    return next((Path(found) for found in map(shutil.which, _CHROMIUM_NAMES) if found), None)


def provide_postgresql() -> Path:
    """Return the folder with `initdb` and `postgres`; install them when they are missing.

    Raises:
        NotProvided: They are missing and can't be installed.
    """
    found = find_postgresql()
    if found is None:
        is_new = not _CLUSTER_CONF.exists()
        _install("postgresql-common")
        if is_new:  # the tests start their own server: the package need not start another
            _run_as_root("sed", "-ri", "s/^#?create_main_cluster.*/create_main_cluster = false/", str(_CLUSTER_CONF))
        _install("postgresql")
        found = find_postgresql()
    if found is None:
        raise NotProvided("the package postgresql is installed, and initdb is still not to be found")
    return found


def provide_chromium() -> Path:
    """Return Chromium; install it when it is missing.

    Raises:
        NotProvided: It is missing and can't be installed.
    """
    found = find_chromium()
    if found is None:
        _install("chromium")
        found = find_chromium()
    if found is None:
        raise NotProvided("the package chromium is installed, and chromium is still not to be found")
    return found


def _install(package: str) -> None:
    if shutil.which("apt-get") is None:
        raise NotProvided(f"{package} is missing, and this is no Debian: install it and run again")
    options = ("-o", "DPkg::Lock::Timeout=600", "-qq")
    try:
        _run_as_root("apt-get", *options, "update")
        _run_as_root("apt-get", *options, "install", "-y", "--no-install-recommends", package)
    except subprocess.CalledProcessError as error:
        raise NotProvided(f"{package} is missing, and apt-get failed: {error.stderr.strip()[-500:]}") from None


def _run_as_root(*command: str) -> None:
    if os.geteuid() == 0:
        prefix = ()
    elif (
        shutil.which("sudo")
        and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    ):
        prefix = ("sudo", "-n", "--preserve-env=DEBIAN_FRONTEND")
    else:
        raise NotProvided(
            "PostgreSQL or Chromium is missing and only root can install it: run `sudo apt-get install postgresql "
            "chromium`, or leave such tests out with -m 'not postgres and not browser'"
        )
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run([*prefix, *command], check=True, capture_output=True, text=True, env=environment)


def _number(version: str) -> float:
    return float(version) if version.replace(".", "", 1).isdigit() else 0.0


def main(names: list[str]) -> int:
    """Provide what is named, or everything; return the exit code."""
    providers = {"postgresql": provide_postgresql, "chromium": provide_chromium}
    for name in names or list(providers):
        try:
            sys.stdout.write(f"{name}: {providers[name]()}\n")
        except KeyError:
            sys.stderr.write(f"{name}: not one of {', '.join(providers)}\n")
            return 2
        except NotProvided as error:
            sys.stderr.write(f"{name}: {error}\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
