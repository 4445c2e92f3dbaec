"""Assess one story: observe, judge, ground, settle."""

import asyncio
import hashlib
import uuid
from collections.abc import Collection
from typing import NamedTuple

from app import __version__
from app.analysis.comments import Comment, blank_comments, find_comments
from app.analysis.language import find_obstacle
from app.analysis.observe import Observations, observe_screened
from app.analysis.places import Places
from app.analysis.screen.screen import Screened, screen
from app.analysis.sentences import count_words
from app.catalog import Catalog
from app.coach.delivery import speaking_time
from app.coach.flags import disregard, raise_flags
from app.coach.settle import Settled, settle
from app.coach.suppress import suppress
from app.coach.target import check_target
from app.documents import holds_half_a_pair
from app.domain import Assessment, Engine, EngineChoice, Provenance, Status, Story, StoryRef, Target
from app.errors import InvalidInput, Misconfigured
from app.judge.findings import Brief, Findings, Judge
from app.rubric import Rubric

_NAMESPACE = uuid.UUID("5d0b7c1e-6f0e-4c8e-9c55-7f3c7f6f2a10")
_ASKED = 5
_WORDING = {
    1: "no usable evidence",
    2: "own part or outcome can't be told",
    3: "mixed",
    4: "meets the bar",
    5: "raises the bar",
}


class _Case(NamedTuple):
    story: Story
    rubric: Rubric
    target: Target
    engine: Engine
    comments: tuple[Comment, ...] = ()

    @property
    def text(self) -> str:
        """The story without what it says to this program, each place where it was."""
        return blank_comments(self.story.text, self.comments)


class Assessor:
    """Turns stories into assessments.

    Args:
        catalog: Where rubrics come from.
        judge: The model; None leaves the rules engine alone.
        rubric: Name of the rubric to use when the caller names none.
        max_story_chars: Longer stories are refused, in code points.
    """

    def __init__(
        self, catalog: Catalog, *, judge: Judge | None, rubric: str = "leadership-principles", max_story_chars: int
    ) -> None:
        self._catalog = catalog
        self._judge = judge
        self._rubric = rubric
        self._max_story_chars = max_story_chars

    async def assess(
        self, story: Story, *, engine: EngineChoice = "auto", rubric: str | None = None, payer: str | None = None
    ) -> Assessment:
        """Return the assessment of a story.

        The same story, target, rubric and rules engine give the same bytes, id included. A story that can't be judged
        (empty, too short, not English) is `not_assessed` with a reason.

        Args:
            story: The text and what its author says about it.
            engine: `auto` asks the model where one is configured.
            rubric: Name of a rubric, `name` or `name/vN`.
            payer: Id of the user whose budget calls to the model count against; None where there are no users.

        Raises:
            InvalidInput: The text is too long or holds characters that can't be stored, or role, level or a principle
                is not in the rubric.
            NotFound: There is no such rubric.
            Misconfigured: `llm` was asked for and no model is configured, or the endpoint refuses key or model.
            ModelUnavailable: The model did not answer.
            ModelMisbehaved: The model's answer can't be used.
            LimitExceeded: A limit of this service or the provider's quota is reached.
        """
        case = self._prepare(story, engine, self._catalog.rubric(rubric or self._rubric))
        screened = screen(case.text)
        obstacle = find_obstacle(screened.left)
        if obstacle is not None:
            return _not_assessed(case, obstacle, screened=screened)
        observed = await asyncio.to_thread(observe_screened, case.text, screened, case.rubric, question=story.question)
        if observed.obstacle is not None:
            return _not_assessed(case, observed.obstacle, screened=screened)
        findings = await self._ask(case, observed, payer)
        return _assessed(case, screened, observed, findings and disregard(findings, screened.suspicious))

    def assess_by_rules(self, story: Story, *, rubric: str | None = None) -> Assessment:
        """Return what `assess` returns for the rules engine, without an event loop.

        Args:
            story: As for `assess`.
            rubric: As for `assess`.

        Raises:
            InvalidInput: As for `assess`.
            NotFound: There is no such rubric.
        """
        case = self._prepare(story, "rules", self._catalog.rubric(rubric or self._rubric))
        screened = screen(case.text)
        obstacle = find_obstacle(screened.left)
        if obstacle is not None:
            return _not_assessed(case, obstacle, screened=screened)
        observed = observe_screened(case.text, screened, case.rubric, question=story.question)
        if observed.obstacle is not None:
            return _not_assessed(case, observed.obstacle, screened=screened)
        return _assessed(case, screened, observed, None)

    def decline(
        self, story: Story, reason: str, *, engine: EngineChoice = "auto", rubric: str | None = None
    ) -> Assessment:
        """Return the `not_assessed` assessment of a story that `assess` failed on, for reports that name every story.

        Args:
            story: The story; nothing in it is checked.
            reason: Why there is no assessment, without story text.
            engine: As for `assess`.
            rubric: As for `assess`.

        Raises:
            NotFound: There is no such rubric.
            Misconfigured: The rubric is broken.
        """
        chosen = self._catalog.rubric(rubric or self._rubric)
        case = _Case(story, chosen, _target_of(story, chosen), self._engine_for(engine))
        return _not_assessed(case, reason, engine=case.engine)

    def check(
        self,
        *,
        text: str | None = None,
        role: str | None = None,
        level: str | None = None,
        principles: Collection[str] = (),
    ) -> None:
        """Return when a story of what is given could be assessed with the rubric that is used unasked.

        Raises:
            InvalidInput: The text is too long or can't be stored, or role, level or a principle is not in the rubric.
        """
        if text is not None:
            self._check_text(text)
        check_target(self._catalog.rubric(self._rubric), role=role, level=level, principles=principles)

    def _engine_for(self, engine: EngineChoice) -> Engine:
        return Engine.RULES if engine == "rules" or self._judge is None else Engine.LLM

    def _prepare(self, story: Story, engine: EngineChoice, rubric: Rubric) -> _Case:
        self._check_text(story.text)
        if any(holds_half_a_pair(field or "") for field in (story.title, story.question)):
            raise InvalidInput("title and question must be valid Unicode", slug="not-text")
        if engine == "llm" and self._judge is None:
            raise Misconfigured(
                "the engine llm needs a model: set OPENAI_API_KEY, or OPENAI_BASE_URL for a server that needs no key",
                slug="no-model",
            )
        target = _target_of(story, rubric)
        check_target(rubric, role=target.role, level=target.level, principles=target.principles)
        return _Case(story, rubric, target, self._engine_for(engine), find_comments(story.text))

    def _check_text(self, text: str) -> None:
        if len(text) > self._max_story_chars:
            raise InvalidInput(
                f"the story has {len(text)} characters; {self._max_story_chars} are allowed", slug="story-too-long"
            )
        if "\x00" in text:
            raise InvalidInput("the story holds a NUL character, so it is not text", slug="not-text")
        if holds_half_a_pair(text):
            raise InvalidInput("the story holds half of a surrogate pair, so it is not valid Unicode", slug="not-text")

    async def _ask(self, case: _Case, observed: Observations, payer: str | None) -> Findings | None:
        if case.engine is Engine.RULES or self._judge is None:
            return None
        likely = [item.principle.id for item in observed.ranked[:_ASKED]]
        asked = tuple(dict.fromkeys([*case.target.principles, *likely]))
        return await self._judge.judge(
            Brief(
                story=case.story.model_copy(update={"text": case.text}),
                rubric=case.rubric,
                role=case.target.role,
                level=case.target.level,
                principles=asked,
                payer=payer,
            )
        )


def _target_of(story: Story, rubric: Rubric) -> Target:
    return Target(
        question=story.question,
        principles=tuple(dict.fromkeys(story.principles)),
        role=story.role or rubric.default_role,
        level=story.level or rubric.default_level,
    )


def _assessed(case: _Case, screened: Screened, observed: Observations, findings: Findings | None) -> Assessment:
    places = Places(case.story.text, case.story.first_line)
    settled = settle(
        observed,
        findings,
        rubric=case.rubric,
        target=case.target,
        places=places,
    )
    return Assessment(
        id=_content_id(case, findings),
        story=_ref(case.story, observed.words),
        target=case.target,
        status=Status.ASSESSED,
        strength=settled.strength,
        limits=settled.limits,
        summary=_summary(case.rubric, settled),
        star=settled.star,
        delivery=settled.delivery,
        principles=settled.principles,
        tie_break=settled.tie_break,
        unsupported=settled.unsupported,
        gaps=suppress(settled.gaps, case.comments),
        expectations=settled.expectations,
        follow_ups=settled.follow_ups,
        flags=raise_flags(case.story, screened, places),
        provenance=_provenance(case, findings),
    )


def _not_assessed(
    case: _Case, reason: str, *, engine: Engine = Engine.RULES, screened: Screened | None = None
) -> Assessment:
    places = Places(case.story.text, case.story.first_line)
    return Assessment(
        id=_content_id(case, None, outcome=reason),
        story=_ref(case.story, count_words(case.text)),
        target=case.target,
        status=Status.NOT_ASSESSED,
        reason=reason,
        strength=None,
        summary=f"Not assessed: {reason}",
        flags=raise_flags(case.story, screened, places) if screened else (),
        provenance=Provenance(engine=engine, rubric=case.rubric.ref, version=__version__),
    )


def _provenance(case: _Case, findings: Findings | None) -> Provenance:
    if findings is None:
        return Provenance(engine=Engine.RULES, rubric=case.rubric.ref, version=__version__)
    return Provenance(
        engine=Engine.LLM,
        model=findings.model,
        rubric=case.rubric.ref,
        prompt=findings.prompt,
        boundary=findings.boundary,
        usage=findings.usage,
        cost_usd=findings.cost_usd,
        dropped_quotes=findings.dropped_quotes,
        attempts=findings.attempts,
        degraded=findings.degraded,
        calls=findings.calls,
        version=__version__,
    )


def _ref(story: Story, words: int) -> StoryRef:
    return StoryRef(
        id=story.id,
        title=story.title,
        path=story.path,
        words=words,
        spoken_seconds=speaking_time(words),
    )


def _content_id(case: _Case, findings: Findings | None, *, outcome: str = "") -> str:
    digest = hashlib.sha256()
    parts = (
        case.story.text,
        case.target.model_dump_json(),
        case.rubric.sha256,
        __version__,
        findings.model_dump_json() if findings else "rules",
        outcome,
    )
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part.encode())
    return str(uuid.uuid5(_NAMESPACE, digest.hexdigest()))


def _summary(rubric: Rubric, settled: Settled) -> str:
    first = next((finding for finding in settled.principles if finding.level), None)
    shows = f"Strongest evidence for {rubric.principle(first.id).name}." if first else "No principle is evidenced."
    count = len(settled.gaps)
    gaps = (
        "No gap found."
        if not count
        else f"{count} gap{'s' if count > 1 else ''}: {', '.join(gap.code for gap in settled.gaps)}."
    )
    return f"Strength {settled.strength} of 5 ({_WORDING[settled.strength]}). {shows} {gaps}"
