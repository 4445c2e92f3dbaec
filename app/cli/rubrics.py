"""`star-coach rubrics`: list, show and check rubrics and prompts."""

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.complaint import note

if TYPE_CHECKING:
    from app.catalog import Catalog
    from app.rubric import Rubric

app = typer.Typer(help="List, show and check rubrics.", no_args_is_help=True)


@app.command("list")
def list_() -> None:
    """List all rubrics and their versions."""
    catalog = _open_catalog()
    for name in catalog.rubric_names():
        rubric = catalog.rubric(name)
        print(f"{name}  {len(rubric.principles)} principles  sha256 {rubric.sha256[:12]}  {rubric.title}")


@app.command()
def show(name: Annotated[str, typer.Argument(help="NAME or NAME/vN.")] = "leadership-principles") -> None:
    """Show what a rubric looks for, in short."""
    for line in _describe(_open_catalog().rubric(name)):
        print(line)


@app.command()
def check(
    *,
    write_lock: Annotated[
        bool, typer.Option("--write-lock", help="Add the digests of new versions to the lock files.")
    ] = False,
) -> None:
    """Load all rubrics and prompts and compare released versions with the lock files."""
    catalog = _open_catalog()
    if write_lock:
        catalog.write_locks()
        note("the lock files name every version")
    catalog.check()
    counts = {"rubric": len(catalog.rubric_names()), "prompt": len(catalog.prompt_names())}
    print(", ".join(f"{count} {kind}{'' if count == 1 else 's'}" for kind, count in counts.items()), "in order")


def _open_catalog() -> "Catalog":
    from app.catalog import Catalog
    from app.settings import load_settings

    settings = load_settings()
    return Catalog(settings.rubrics_dir, settings.prompts_dir)


def _describe(rubric: "Rubric") -> "list[str]":
    from app.reports.terminal import wrap

    lines = [f"{rubric.name}/{rubric.version}: {rubric.title}", *wrap(rubric.notice, 80), ""]
    lines.append(f"roles: {', '.join(role.id for role in rubric.roles)} (default {rubric.default_role})")
    lines.append(f"levels: {', '.join(level.id for level in rubric.levels)} (default {rubric.default_level})")
    lines += ["", "Principles"]
    for principle in rubric.principles:
        lines.append(f"  {principle.id}")
        lines += [f"    {line}" for line in wrap(principle.summary, 76)]
    lines += ["", "Gaps"]
    lines += [f"  {rule.severity.value:<8}{rule.code.value:<20}{rule.title}" for rule in rubric.gaps]
    return lines
