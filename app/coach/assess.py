"""Assess one story: observe, judge, ground, settle."""

from collections.abc import Collection
from typing import NamedTuple

from app.analysis.comments import find_comments
from app.analysis.memory import Memory
from app.analysis.observe import Observations, look
from app.analysis.said import Said
from app.analysis.screen.screen import Screened, measure_honest, screen_line
from app.catalog import Catalog
from app.coach.account import Case, write_assessment, write_refusal
from app.coach.flags import disregard
from app.coach.readers import Looker, look_in_thread
from app.coach.sampling import Bound, Wish, ask_repeatedly
from app.coach.settle import find_bounds
from app.coach.settle_levels import tell_level
from app.coach.target import check_target
from app.documents import holds_half_a_pair
from app.domain import Assessment, Depth, Effort, Engine, EngineChoice, Story, Target
from app.errors import InvalidInput, Misconfigured
from app.judge.findings import Brief, Findings, Judge
from app.rubric import Rubric

_ASKED = 5
_LITTLE = Effort(depth=Depth.QUICK, samples=1)
_ANY = Effort()


class Plan(NamedTuple):
    """What a model is to be asked about a story, and the most answers that are wanted."""

    brief: Brief
    samples: int


class Assessor:
    """Turns stories into assessments.

    Args:
        catalog: Where rubrics come from.
        judge: The model; None leaves the rules engine alone.
        rubric: Name of the rubric to use when the caller names none.
        max_story_chars: Longer stories are refused, in code points.
        effort: How thoroughly to ask the model when the caller does not say.
        longest_s: For how long to ask for further answers to the same question; None for as long as it takes.
        look: What looks at a text; None looks in a thread of this process.
        memory: Where sentences are kept for the stories after, by who assesses many; None keeps none.
    """

    def __init__(  # noqa: PLR0913 - collaborators arrive by constructor
        self,
        catalog: Catalog,
        *,
        judge: Judge | None,
        rubric: str = "leadership-principles",
        max_story_chars: int,
        effort: Effort = _LITTLE,
        longest_s: float | None = None,
        look: Looker | None = None,
        memory: Memory | None = None,
    ) -> None:
        self._catalog = catalog
        self._judge = judge
        self._rubric = rubric
        self._max_story_chars = max_story_chars
        self._effort = effort
        self._longest_s = longest_s
        self._look = look or look_in_thread
        self._measure = memory.measure_honest if memory else measure_honest
        self._read = memory.read if memory else Said

    async def assess(
        self,
        story: Story,
        *,
        engine: EngineChoice = "auto",
        rubric: str | None = None,
        payer: str | None = None,
        effort: Effort = _ANY,
    ) -> Assessment:
        """Return the assessment of a story.

        The same story, target, rubric and rules engine give the same bytes, id included. A story that can't be judged
        (empty, too short, not English) is `not_assessed` with a reason.

        Args:
            story: The text and what its author says about it.
            engine: `auto` asks the model where one is configured.
            rubric: Name of a rubric, `name` or `name/vN`.
            payer: Id of the user whose budget calls to the model count against; None where there are no users.
            effort: How thoroughly to ask the model.

        Raises:
            InvalidInput: The text is too long or holds characters that can't be stored, or role, level or a principle
                is not in the rubric.
            NotFound: There is no such rubric.
            Misconfigured: `llm` was asked for and no model is configured, or the endpoint refuses key or model.
            ModelUnavailable: The model did not answer.
            ModelMisbehaved: The model's answer can't be used.
            LimitExceeded: A limit of this service or the provider's quota is reached.
        """
        case = self._prepare(story, engine, self._catalog.rubric(rubric or self._rubric), effort)
        screened, observed = await self._look(case.text, case.rubric, story.question)
        if isinstance(observed, str):
            return write_refusal(case, observed, screened=screened)
        return write_assessment(case, screened, observed, await self._ask(case, screened, observed, payer))

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
        screened, observed = look(
            case.text, case.rubric, question=story.question, measure=self._measure, read=self._read
        )
        if isinstance(observed, str):
            return write_refusal(case, observed, screened=screened)
        return write_assessment(case, screened, observed, None)

    def plan(self, story: Story, *, rubric: str | None = None) -> Plan | None:
        """Return what `assess` would ask a model; None where no model can say anything about the story.

        Args:
            story: As for `assess`.
            rubric: As for `assess`.

        Raises:
            InvalidInput: As for `assess`.
            NotFound: As for `assess`.
        """
        case = self._prepare(story, "auto", self._catalog.rubric(rubric or self._rubric))
        screened, observed = look(case.text, case.rubric, question=story.question)
        return None if isinstance(observed, str) else Plan(_brief(case, screened, observed, None), case.samples)

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
        case = Case(story, chosen, _target_of(story, chosen), self._engine_for(engine))
        return write_refusal(case, reason, engine=case.engine)

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

    def _prepare(self, story: Story, engine: EngineChoice, rubric: Rubric, effort: Effort = _ANY) -> Case:
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
        return Case(
            story,
            rubric,
            target,
            self._engine_for(engine),
            effort.depth or self._effort.depth or Depth.QUICK,
            effort.samples or self._effort.samples or 1,
            find_comments(story.text),
        )

    def _check_text(self, text: str) -> None:
        if len(text) > self._max_story_chars:
            raise InvalidInput(
                f"the story has {len(text)} characters; {self._max_story_chars} are allowed", slug="story-too-long"
            )
        if "\x00" in text:
            raise InvalidInput("the story holds a NUL character, so it is not text", slug="not-text")
        if holds_half_a_pair(text):
            raise InvalidInput("the story holds half of a surrogate pair, so it is not valid Unicode", slug="not-text")

    async def _ask(self, case: Case, screened: Screened, observed: Observations, payer: str | None) -> Findings | None:
        if case.engine is Engine.RULES or self._judge is None:
            return None
        scopes = [scope for scope in find_bounds(observed, rubric=case.rubric, target=case.target) if scope.level]

        def tell(findings: Findings) -> list[int]:
            return [tell_level(scope, findings, observed, case.rubric) or 1 for scope in scopes]

        bounds = [Bound(scope.level or 1, scope.most) for scope in scopes]
        brief = _brief(case, screened, observed, payer)
        judge = _Heedful(self._judge)
        return await ask_repeatedly(judge, brief, Wish(case.samples, self._longest_s), tell, bounds)


def _brief(case: Case, screened: Screened, observed: Observations, payer: str | None) -> Brief:
    """Return what a model is asked about a story: the likeliest principles and those that the story names."""
    likely = [item.principle.id for item in observed.ranked[:_ASKED]]
    return Brief(
        story=_show(case),
        rubric=case.rubric,
        role=case.target.role,
        level=case.target.level,
        principles=tuple(dict.fromkeys([*case.target.principles, *likely])),
        payer=payer,
        depth=case.depth,
        suspicious=screened.suspicious,
    )


class _Heedful:
    """A judge whose places in suspicious text count for nothing."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge

    async def judge(self, brief: Brief) -> Findings:
        """Return what the judge finds elsewhere; raises what it raises."""
        return disregard(await self._judge.judge(brief), brief.suspicious)


def _show(case: Case) -> Story:
    """Return a story as a model may see it: a title or question that speaks to whoever grades is left out."""
    story = case.story
    outside = {name: None for name in ("title", "question") if screen_line(getattr(story, name) or "")}
    return story.model_copy(update={"text": case.text, **outside})


def _target_of(story: Story, rubric: Rubric) -> Target:
    return Target(
        question=story.question,
        principles=tuple(dict.fromkeys(story.principles)),
        role=story.role or rubric.default_role,
        level=story.level or rubric.default_level,
    )
