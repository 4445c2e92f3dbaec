"""`star-coach doctor`: say what is configured, reachable and missing."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Literal, NamedTuple

import typer

if TYPE_CHECKING:
    from app.catalog import Catalog
    from app.settings import Settings

_PACKAGE = "star-story-coach"

State = Literal["ok", "off", "warn", "fail"]


class _Finding(NamedTuple):
    name: str
    state: State
    detail: str


def doctor() -> None:
    """Say what is configured, reachable and missing; exit 2 when something must be put right. Shows no secret."""
    import asyncio

    from app.cli.exits import Exit
    from app.reports.terminal import defuse
    from app.settings import load_settings

    settings = load_settings()
    findings = asyncio.run(_examine(settings))
    for name, state, detail in findings:
        print(f"{state:<5} {name:<9} {defuse(detail)}")
    raise typer.Exit(Exit.USAGE if any(finding.state == "fail" for finding in findings) else Exit.PASSED)


async def _examine(settings: "Settings") -> list[_Finding]:
    return [
        _version(),
        _settings(),
        _extras(),
        _weights(),
        await _try("catalog", settings, _catalog),
        await _try("database", settings, _database),
        await _try("model", settings, _model),
        _engine(settings),
    ]


async def _try(name: str, settings: "Settings", look: "Callable[[Settings], Awaitable[tuple[State, str]]]") -> _Finding:
    from app.errors import CoachError

    try:
        state, detail = await look(settings)
    except CoachError as error:
        return _Finding(name, "fail", error.detail)
    return _Finding(name, state, detail)


def _version() -> _Finding:
    import platform

    from app import __version__

    return _Finding("version", "ok", f"star-coach {__version__} on Python {platform.python_version()}")


def _settings() -> _Finding:
    import os

    from app.settings import PREFIX, find_variables

    used = sorted(find_variables(os.environ).values())
    unknown = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in used and os.environ[name])
    if unknown:
        return _Finding("settings", "warn", f"not known, perhaps misspelt or covered by another: {', '.join(unknown)}")
    return _Finding("settings", "ok", f"set: {', '.join(used)}" if used else "all at their defaults")


def _extras() -> _Finding:
    """Say which optional parts of the package are not installed."""
    import re
    from importlib.metadata import PackageNotFoundError, metadata, requires, version

    wanted: dict[str, set[str]] = {name: set() for name in metadata(_PACKAGE).get_all("Provides-Extra") or ()}
    for requirement in requires(_PACKAGE) or ():
        extra = re.search(r"""extra\s*==\s*['"]([^'"]+)['"]""", requirement)
        name = re.match(r"[A-Za-z0-9._-]+", requirement)
        if extra is None or name is None:
            continue
        try:
            version(name[0])
        except PackageNotFoundError:
            wanted[extra[1]].add(name[0])
    missing = sorted(name for name, lacking in wanted.items() if lacking)
    if missing:
        hint = f"pip install '{_PACKAGE}[{','.join(missing)}]'"
        return _Finding("extras", "off", f"not installed: {', '.join(missing)}; {hint}")
    return _Finding("extras", "ok", f"installed: {', '.join(sorted(wanted))}" if wanted else "this release has none")


def _weights() -> _Finding:
    """Compare the tables of the rules engine with the digests they were released with."""
    import hashlib
    import json
    from importlib.resources import files

    folder = files("app.analysis").joinpath("model")
    try:
        digests: dict[str, str] = json.loads(folder.joinpath("digests.lock").read_bytes())
    except (OSError, ValueError):
        return _Finding("weights", "fail", "digests.lock is missing or broken: install the package again")
    changed: list[str] = []
    for name, digest in sorted(digests.items()):
        try:
            found = hashlib.sha256(folder.joinpath(name).read_bytes()).hexdigest()
        except OSError:
            found = None
        if found != digest:
            changed.append(name)
    if changed:
        return _Finding(
            "weights", "fail", f"missing or not as released: {', '.join(changed)}; install the package again"
        )
    return _Finding("weights", "ok", f"{len(digests)} tables, all as released")


def _open_catalog(settings: "Settings") -> "Catalog":
    from app.catalog import Catalog

    return Catalog(settings.rubrics_dir, settings.prompts_dir)


async def _catalog(settings: "Settings") -> tuple[State, str]:
    catalog = _open_catalog(settings)
    catalog.check()
    rubric = catalog.rubric(settings.rubric)
    return "ok", f"rubric {rubric.name}/{rubric.version}, all versions as released"


async def _database(settings: "Settings") -> tuple[State, str]:
    from app.errors import Misconfigured
    from app.store import Store
    from app.store.engine import parse_database_url, sqlite_path

    text = settings.database_url.get_secret_value()
    url = parse_database_url(text)
    path = sqlite_path(url)
    name = f"SQLite at {path}" if path else f"PostgreSQL at {url.host or 'the local socket'}, database {url.database}"
    if path is not None and not path.exists():
        if settings.is_database_embedded:
            return "off", f"{name} is not there yet; `star-coach serve` and `star-coach keys create` make it"
        raise Misconfigured(f"{name} is not there: run `star-coach db upgrade`")
    async with Store.open(text) as store:
        await store.check_schema()
    return "ok", f"{name} answers, schema up to date"


async def _model(settings: "Settings") -> tuple[State, str]:
    if not settings.has_model:
        hint = "set OPENAI_API_KEY, or COACH_BASE_URL for a server that needs no key"
        return ("fail" if settings.engine == "llm" else "off"), f"none configured, nothing leaves this machine; {hint}"
    from app.judge.endpoint import read_endpoint
    from app.judge.model import open_judge

    catalog = _open_catalog(settings)
    judge = open_judge(settings, catalog)
    try:
        await judge.reach()
    finally:
        await judge.aclose()
    return "ok", f"{settings.model} at {read_endpoint(settings).base_url} answers"


def _engine(settings: "Settings") -> _Finding:
    chosen = "rules and the model" if settings.has_model and settings.engine != "rules" else "rules alone"
    return _Finding("engine", "ok", f"{settings.engine}: {chosen}")
