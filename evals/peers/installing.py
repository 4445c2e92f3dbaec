"""Install the tools that are measured beside ours into a folder outside the project, each at one version."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

_PROMPTFOO = "0.121.20"  # the last that runs on Node 20 as well
_INSPECT = "0.3.285"


class Peer(NamedTuple):
    """A tool at a version: its command, or what kept it from being installed."""

    version: str
    command: Path
    trouble: str


def install_promptfoo(folder: Path) -> Peer:
    """Install promptfoo with npm, if it is not there yet."""
    place = folder / f"promptfoo-{_PROMPTFOO}"
    command = place / "node_modules" / ".bin" / "promptfoo"
    npm = ["npm", "install", "--prefix", place, "--no-audit", "--no-fund", f"promptfoo@{_PROMPTFOO}"]
    return Peer(_PROMPTFOO, command, _install(folder, command, [npm]))


def install_inspect(folder: Path) -> Peer:
    """Install Inspect and the SDK with uv, if they are not there yet."""
    place = folder / f"inspect-{_INSPECT}"
    command = place / "bin" / "inspect"
    uv = shutil.which("uv") or str(Path(".tools", "uv", "bin", "uv").absolute())
    venv = [uv, "venv", "--quiet", "--clear", "--python", sys.executable, place]
    packages = [f"inspect-ai=={_INSPECT}", "openai"]
    install = [uv, "pip", "install", "--quiet", "--python", place / "bin" / "python", "--compile-bytecode", *packages]
    return Peer(_INSPECT, command, _install(folder, command, [venv, install]))


def _install(folder: Path, command: Path, steps: Sequence[Sequence[str | Path]]) -> str:
    """Carry out the steps that bring a command, unless it works; return why it does not."""
    try:
        if not command.exists():
            folder.mkdir(parents=True, exist_ok=True)
            for step in steps:
                subprocess.run(step, check=True, capture_output=True, text=True)  # noqa: S603
        subprocess.run([command, "--version"], check=True, capture_output=True, text=True)  # noqa: S603
    except FileNotFoundError as error:
        return f"not installed: no {Path(error.filename).name} here"
    except subprocess.CalledProcessError as error:
        last = (error.stderr or error.stdout or "no reason").strip().splitlines()[-1]
        return f"not installed: {Path(error.cmd[0]).name} says “{last}”"
    return ""
