"""Put the verbs together and turn every failure into one line and an exit code."""

import os
import sys
import traceback
from pathlib import Path
from typing import Annotated

import typer

from app import __version__
from app.cli import config, db, doctor, jobs, keys, rubrics, score, serve, worker
from app.cli import eval as evaluation
from app.cli.complaint import complain
from app.cli.exits import Exit, exit_code
from app.errors import CoachError

_HELP = """Read STAR interview stories, map them to leadership principles and name every gap, with exact quotes.

Without a model the rules engine answers alone and nothing leaves this machine.
"""


def run(arguments: list[str]) -> int:
    """Run a command and return its exit code; whatever goes wrong is one line on stderr, never a traceback."""
    try:
        code = _build()(arguments, standalone_mode=False, prog_name="star-coach")
        sys.stdout.flush()
    except (KeyboardInterrupt, typer.Abort):
        return Exit.INTERRUPTED
    except SystemExit:  # typer's own answer to a closed pipe
        return Exit.INCOMPLETE
    except Exception as error:  # noqa: BLE001 - the edge: whatever it is, no traceback shows story text
        return _tell(error)
    return code if isinstance(code, int) else Exit.PASSED


def _tell(error: Exception) -> Exit:
    match error:
        case CoachError():
            complain(error.detail)
            return exit_code(error)
        case typer.TyperException():
            if message := error.format_message():  # empty after the help that stands for a missing verb
                complain(f"{message.replace(': Value error, ', ': ')} Try star-coach --help.")
            return Exit.USAGE
        case BrokenPipeError():
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the last flush must not fail again
        case OSError(strerror=str(reason)):
            complain(f"{error.filename or 'output'}: {reason.lower()}")
        case _:
            complain(f"a defect of this program ({_describe(error)})")
    return Exit.INCOMPLETE


def _describe(error: Exception) -> str:
    """Name the kind and place of a defect, and nothing that the error says: it may quote a story."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}"


def _build() -> typer.Typer:
    app = typer.Typer(
        name="star-coach",
        help=_HELP,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_options)
    app.command("score")(score.score)
    app.command("eval")(evaluation.evaluate)
    app.command("serve")(serve.serve)
    app.command("worker")(worker.worker)
    app.command("config")(config.config)
    app.command("doctor")(doctor.doctor)
    app.add_typer(db.app, name="db")
    app.add_typer(jobs.app, name="jobs")
    app.add_typer(keys.app, name="keys")
    app.add_typer(rubrics.app, name="rubrics")
    return app


def _show_version(value: bool) -> None:
    if value:
        print(f"star-coach {__version__}")
        raise typer.Exit


def _options(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Take the options that stand before a verb."""
