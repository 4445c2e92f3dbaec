"""Assess one story: observe, judge, ground, settle."""

from app.catalog import Catalog
from app.domain import Assessment, EngineChoice, Story
from app.judge.findings import Judge


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

    async def assess(self, story: Story, *, engine: EngineChoice = "auto", rubric: str | None = None) -> Assessment:
        """Return the assessment of a story.

        A story that can't be judged (empty, too short, not English) is `not_assessed` with a reason.

        Args:
            story: The text and what its author says about it.
            engine: `auto` asks the model where one is configured.
            rubric: Name of a rubric, `name` or `name/vN`.

        Raises:
            InvalidInput: The text is too long or holds characters that can't be stored, or role, level or a principle
                is not in the rubric.
            Misconfigured: `llm` was asked for and no model is configured, or the endpoint refuses key or model.
            ModelUnavailable: The model did not answer.
            ModelMisbehaved: The model's answer can't be used.
            LimitExceeded: A limit of this service or the provider's quota is reached.
        """
        raise NotImplementedError
