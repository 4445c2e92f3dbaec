"""What the caller of `score` asked for, command line, environment and project taken together."""

from pathlib import Path
from typing import Any, Literal, NamedTuple

from app.cli.formats import Format
from app.cli.options import Choice
from app.cli.overwriting import keep_from
from app.coach.finding import Finder
from app.coach.gate import Gate
from app.coach.select import Selection
from app.coach.target import UnknownTarget, check_target
from app.domain import Effort, EngineChoice, Story
from app.errors import InvalidInput
from app.rubric import Rubric

Via = Literal["calls", "batch-api"]
ProgressChoice = Literal["auto", "bar", "lines", "none"]

_ANY = Effort()
_ALL = Selection()


class Defaults(NamedTuple):
    """What holds for stories that don't say."""

    role: str | None = None
    level: str | None = None
    question: str | None = None
    principles: tuple[str, ...] = ()

    def fill(self, story: Story) -> Story:
        """Return the story with what it does not say itself."""
        missing: dict[str, Any] = {
            name: value for name, value in self._asdict().items() if value and not getattr(story, name)
        }
        return story.model_copy(update=missing) if missing else story


class Order(NamedTuple):
    """What the caller of `score` asked for.

    Attributes:
        server: The address of a service that assesses the stories; None assesses them here.
        via: How the model is asked: call by call, or through its provider's batches.
        selection: The gaps that reports show and thresholds count.
        baseline: The file of gaps that are known; None for none.
        updates_baseline: All gaps that are found become known.
        since: The revision since which a story must have changed; None assesses all.
        progress: How to tell on stderr how far the run is.
        is_quiet: Neither that nor remarks are wanted.
        is_dry_run: Only what it would take is told.
        watches: Stories are assessed again when their files change.
    """

    paths: tuple[str, ...]
    engine: EngineChoice | None
    formats: tuple[Format, ...]
    outputs: tuple[str, ...]
    gate: Gate
    jobs: int
    rubric: str | None
    defaults: Defaults
    choice: Choice
    finder: Finder
    max_cost_usd: float | None = None
    effort: Effort = _ANY
    cache: Path | None = None
    keeps_answers: bool = True
    server: str | None = None
    via: Via = "calls"
    selection: Selection = _ALL
    baseline: Path | None = None
    updates_baseline: bool = False
    since: str | None = None
    progress: ProgressChoice = "auto"
    is_quiet: bool = False
    is_dry_run: bool = False
    watches: bool = False

    def check(self, rubric: Rubric) -> None:
        """Return when the rubric knows all roles, levels and principles, and no report would cost what is read.

        Raises:
            InvalidInput: It does not, or a report would.
        """
        aims = self.defaults
        self._check_target(rubric, principles=self.gate.require_principles, name="require_principles")
        self._check_target(rubric, role=aims.role, level=aims.level, principles=aims.principles)
        if self.updates_baseline and self.baseline is None:
            raise InvalidInput("--update-baseline needs the file: --baseline FILE", slug="no-baseline-file")
        keep_from(self.outputs, self.paths, self.baseline, self.finder)

    def _check_target(self, rubric: Rubric, *, name: str | None = None, **target: Any) -> None:
        try:
            check_target(rubric, **target)
        except UnknownTarget as error:
            raise InvalidInput(f"{self.choice.place(name or error.field)}: {error.detail}", slug=error.slug) from None
