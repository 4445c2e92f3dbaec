"""`star-coach config`: show every option and setting, and where its value comes from."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, cast

import typer

if TYPE_CHECKING:
    from app.settings import Settings

_HIDDEN = "set, not shown"


class _Line(NamedTuple):
    name: str
    value: Any
    source: str


def config(
    *,
    format_: Annotated[Literal["text", "json"], typer.Option("--format", "-f")] = "text",
    config: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The project's options.", show_default="the nearest coach.toml upwards"),
    ] = None,
) -> None:
    """Show the options of score and all settings, and where each value comes from. Shows no secret."""
    import json

    from app.cli.options import Options, choose
    from app.cli.project import read_project
    from app.reports.terminal import defuse
    from app.settings import load_settings

    settings = load_settings()
    project = read_project(Options, config)
    choice = choose({}, project)
    values = choice.options.model_dump(mode="json")
    used = set(Options.model_fields) & set(type(settings).model_fields)
    shown = settings.model_dump(mode="json", include=used)
    options = [
        _Line(name.replace("_", "-"), shown[name] if value is None and name in used else value, choice.sources[name])
        for name, value in values.items()
    ]
    found = _settings(settings)
    if format_ == "json":
        document = {
            "file": project.shown or None,
            "options": {line.name: {"value": line.value, "source": line.source} for line in options},
            "settings": {line.name: {"value": line.value, "source": line.source} for line in found},
        }
        print(json.dumps(document, indent=2, ensure_ascii=False))
        return
    print(f"project: {defuse(project.shown)}" if project.path else "project: no coach.toml, no [tool.star-coach]")
    width = max(len(line.name) for line in (*options, *found))
    for title, lines in (("options of score", options), ("settings", found)):
        print(f"\n{title}")
        for line in lines:
            print(f"  {line.name:<{width}}  {defuse(_say(line.value)):<31} {defuse(line.source)}")


def _settings(settings: "Settings") -> list[_Line]:
    import os

    from app.settings import PREFIX, find_variables

    variables = find_variables(os.environ)
    values = settings.model_dump(mode="json")
    return [
        _Line(f"{PREFIX}{name.upper()}", _conceal(name, values[name], settings), variables.get(name, "default"))
        for name in values
    ]


def _conceal(name: str, value: Any, settings: "Settings") -> Any:
    """Return what may be shown of a setting: of a key nothing, of an address no name, password or query."""
    from urllib.parse import urlsplit

    from pydantic import SecretStr

    if isinstance(getattr(settings, name), SecretStr):
        return "a file in your data folder" if name == "database_url" and settings.is_database_embedded else _HIDDEN
    if name == "base_url" and value is not None:
        try:
            parts = urlsplit(str(value))
        except ValueError:
            return _HIDDEN
        return value if parts.hostname and not (parts.username or parts.query or "@" in value) else _HIDDEN
    return value


def _say(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ", ".join(map(str, cast("list[Any]", value))) or "-"
    return "-" if value is None else str(value)
