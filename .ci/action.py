"""Score stories in a step of a GitHub workflow: inputs from the environment, results to where GitHub looks for them.

`action.yml` runs it with the Python that the coach is installed in. No shell sees an input: each becomes one argument.
Nothing but numbers and paths is written to the outputs, nothing but the coach's own escaped reports to the log.
"""

import json
import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

_OPTIONS = ("engine", "fail-on", "min-strength", "min-mean-strength", "require-principles", "baseline")
_USAGE = 2


class Usage(Exception):  # noqa: N818 - a complaint, as the command makes it
    """An input can't be used."""


class Reports(NamedTuple):
    """Where the reports go that this step reads itself."""

    sarif: Path
    comment: Path
    markdown: Path
    json: Path


def main() -> int:
    """Score what the inputs say; return the exit code of the command, whatever was written about it."""
    folder = Path(tempfile.mkdtemp(prefix="star-coach-", dir=os.environ.get("RUNNER_TEMP")))
    reports = Reports(
        sarif=Path(_read("sarif") or folder / "stories.sarif").absolute(),
        comment=Path(_read("comment") or folder / "comment.md").absolute(),
        markdown=folder / "summary.md",
        json=folder / "stories.json",
    )
    try:
        arguments = make_arguments(reports)
    except Usage as complaint:
        print(f"star-coach: {complaint}", file=sys.stderr)
        code = _USAGE
    else:
        command = Path(sys.executable).with_name("star-coach")
        code = subprocess.run([command, "score", *arguments], check=False).returncode  # noqa: S603
    write_outputs({"exit-code": code, **tell(reports)})
    if os.environ.get("INPUT_SUMMARY") != "false":
        add_summary(reports.markdown, code)
    return code


def make_arguments(reports: Reports) -> list[str]:
    """Return the arguments of `star-coach score` for the inputs.

    Raises:
        Usage: An input can't be used.
    """
    arguments = [f"--{name}={value}" for name in _OPTIONS if (value := _read(name))]
    if _is_on("changed-only") and (base := find_base()):
        arguments.append(f"--changed-since={base}")
    arguments += _lines("args")
    pairs = [("sarif", reports.sarif), ("markdown-comment", reports.comment)]
    pairs += [("markdown", reports.markdown), ("json", reports.json)]
    pairs += [("github", "-")] if _is_on("annotations") else []
    for line in _lines("reports"):
        name, sign, path = line.partition("=")
        if not (name and sign and path):
            raise Usage("reports: each line has to be FORMAT=FILE, such as html=stories.html")
        pairs.append((name, path))
    for name, path in pairs:
        arguments += [f"--format={name}", f"--output={path}"]
    paths = _lines("paths")
    if not paths:
        raise Usage("paths: names no file, folder or pattern")
    return [*arguments, "--", *paths]


def find_base() -> str | None:
    """Return the commit that the pull request, merge group or push began at; None where there is nothing to compare."""
    path = os.environ.get("GITHUB_EVENT_PATH")
    event: Any = json.loads(Path(path).read_text(encoding="utf-8")) if path else {}
    base = event.get("pull_request", {}).get("base", {}).get("sha")
    base = base or event.get("merge_group", {}).get("base_sha") or event.get("before")
    return base if base and base.strip("0") else None  # a push of a new branch comes "before" with zeros


def tell(reports: Reports) -> dict[str, object]:
    """Return the outputs that the reports give: paths of those that were written, and figures of the summary."""
    paths: dict[str, object] = {
        name: path if path.is_file() else "" for name, path in (("sarif", reports.sarif), ("comment", reports.comment))
    }
    if not reports.json.is_file():
        return paths
    last = ""
    with reports.json.open(encoding="utf-8") as lines:  # an assessment a line; the summary is the last
        for line in lines:
            last = line
    summary = json.loads(last.removeprefix('], "summary": ').rstrip().removesuffix("}"))
    mean = summary["mean_strength"]
    return {
        **paths,
        "stories": summary["stories"],
        "not-assessed": summary["not_assessed"] + summary["unreadable"],
        "below": summary["below"],
        "errors": summary["gaps"]["error"],
        "warnings": summary["gaps"]["warning"],
        "notes": summary["gaps"]["note"],
        "mean-strength": "" if mean is None else mean,
    }


def write_outputs(outputs: dict[str, object]) -> None:
    """Add to the step's outputs, whatever signs a path has."""
    mark = f"end-{secrets.token_hex(16)}"
    _append("GITHUB_OUTPUT", "".join(f"{name}<<{mark}\n{value}\n{mark}\n" for name, value in outputs.items()).encode())


def add_summary(markdown: Path, code: int) -> None:
    """Add the report to the job's summary, or that there is none."""
    missing = f"## Story check\n\nNo report: `star-coach` ended with {code}. The step's log tells why.\n"
    _append("GITHUB_STEP_SUMMARY", markdown.read_bytes() if markdown.is_file() else missing.encode())


def _append(name: str, content: bytes) -> None:
    if path := os.environ.get(name):
        with Path(path).open("ab") as stream:
            stream.write(content)


def _read(name: str) -> str:
    return os.environ.get(f"INPUT_{name.upper().replace('-', '_')}", "").strip()


def _lines(name: str) -> list[str]:
    return [line.strip() for line in _read(name).splitlines() if line.strip()]


def _is_on(name: str) -> bool:
    value = _read(name) or "false"
    if value not in {"true", "false"}:
        raise Usage(f"{name}: has to be true or false")
    return value == "true"


if __name__ == "__main__":
    sys.exit(main())
