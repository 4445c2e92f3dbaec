"""Have a story assessed by a service, and read the reply as if it had been assessed here."""

import hashlib
import secrets
from typing import Any, NamedTuple, cast

from pydantic import BaseModel, ValidationError

from app import __version__
from app.catalog import Catalog
from app.coach.assess import Assessor
from app.domain import Assessment, Effort, Engine, EngineChoice, Evidence, Status, Story
from app.errors import Misconfigured, ModelMisbehaved
from app.remote.client import ServiceClient
from app.remote.problem import bad_reply
from app.remote.request import write_request
from app.rubric import Rubric

PATH = "/v1/assessments"
_ANY = Effort()


class Terms(NamedTuple):
    """How a service shall assess.

    Attributes:
        engine: None for the service's choice.
        effort: How thoroughly to ask the model; what is None is the service's choice.
        is_fresh: What the service remembers of the same request does not count.
    """

    engine: EngineChoice | None = None
    effort: Effort = _ANY
    is_fresh: bool = False


class RemoteAssessor(Assessor):
    """Turns stories into assessments with the help of a service; whatever fails is named as it is here.

    Args:
        client: The service.
        catalog: Where the rubric comes from that reports are written with: the service must have the same.
        rubric: Name of the rubric to use when the caller names none.
        max_story_chars: As for `Assessor`.
        terms: How to assess.
    """

    def __init__(
        self, client: ServiceClient, catalog: Catalog, *, rubric: str, max_story_chars: int, terms: Terms
    ) -> None:
        super().__init__(catalog, judge=None, rubric=rubric, max_story_chars=max_story_chars)
        self._client = client
        self._shown = catalog
        self._name = rubric
        self.terms = terms
        self.salt = secrets.token_hex(8) if terms.is_fresh else ""

    async def assess(
        self,
        story: Story,
        *,
        engine: EngineChoice = "auto",  # noqa: ARG002 - the terms tell, which can leave it to the service
        rubric: str | None = None,
        payer: str | None = None,  # noqa: ARG002 - the service's key tells who pays
        effort: Effort = _ANY,
    ) -> Assessment:
        """Return the service's assessment of a story, with the story's own id, path and lines.

        Args:
            story: As for `Assessor.assess`.
            engine: Not used.
            rubric: As for `Assessor.assess`.
            payer: Not used.
            effort: None fields for those of the terms.

        Raises:
            CoachError: As `Assessor.assess` does, and when the service refuses or is not there.
        """
        name = self.name_of(rubric)
        wanted = Effort(
            depth=effort.depth or self.terms.effort.depth, samples=effort.samples or self.terms.effort.samples
        )
        body = write_request(story, engine=self.terms.engine, rubric=name, effort=wanted)
        reply = await self._client.post(PATH, body, key=name_request(body, self.salt))
        return read_assessment(reply.body, story, self._shown.rubric(name))

    def name_of(self, rubric: str | None) -> str:
        """Return the name of the rubric that counts."""
        return rubric or self._name

    def take(self, assessment: Assessment, story: Story, rubric: str | None) -> Assessment:
        """Return an assessment that the service made, as `assess` does."""
        return take_assessment(assessment, story, self._shown.rubric(self.name_of(rubric)))

    def decline(
        self, story: Story, reason: str, *, engine: EngineChoice = "auto", rubric: str | None = None
    ) -> Assessment:
        """See `Assessor.decline`; where a model was asked for, it says so."""
        declined = super().decline(story, reason, engine=engine, rubric=rubric)
        if engine != "llm":
            return declined
        made_by = declined.provenance.model_copy(update={"engine": Engine.LLM})
        return declined.model_copy(update={"provenance": made_by})


def name_request(body: bytes, salt: str = "") -> str:
    """Return the Idempotency-Key of a request: the same for the same content, whenever it is sent."""
    digest = hashlib.sha256(f"{__version__}:{salt}:".encode() + body).hexdigest()
    return f"star-coach-{digest}"


def read_assessment(body: bytes | str, story: Story, rubric: Rubric) -> Assessment:
    """Return the assessment in a service's reply, with the story's own id, path and lines.

    Args:
        body: JSON.
        story: What was sent.
        rubric: What reports are written with.

    Raises:
        ModelMisbehaved: It is no assessment of this story.
        Misconfigured: The service goes by another edition of the rubric.
    """
    try:
        assessment = Assessment.model_validate_json(body)
    except ValidationError:
        raise _unreadable() from None
    return take_assessment(assessment, story, rubric)


def take_assessment(assessment: Assessment, story: Story, rubric: Rubric) -> Assessment:
    """Return a service's assessment with the story's own id, path and lines; raises as `read_assessment`."""
    if (assessment.status is Status.NOT_ASSESSED) != (assessment.strength is None):
        raise bad_reply()
    if assessment.provenance.rubric.sha256 != rubric.sha256:
        raise Misconfigured(
            f"the service goes by another edition of the rubric {rubric.name}/{rubric.version}: use the service's "
            "version of star-coach, or name a rubric that both have (--rubric NAME/vN)",
            slug="other-rubric",
        )
    told = {"id": story.id, "title": story.title, "path": story.path}
    ref = assessment.story.model_copy(update=told)
    return _moved(assessment, story).model_copy(update={"story": ref})


def _moved(value: Any, story: Story) -> Any:
    """Return a value whose places count the lines of the story's file.

    Raises:
        ModelMisbehaved: A quote does not stand where it is said to.
    """
    if isinstance(value, Evidence):
        if story.text[value.start : value.end] != value.quote:
            raise bad_reply()
        return value.model_copy(update={"line": value.line + story.first_line - 1})
    if isinstance(value, BaseModel):
        fields = {name: (inner, _moved(inner, story)) for name, inner in value}
        changed = {name: new for name, (old, new) in fields.items() if new is not old}
        return value.model_copy(update=changed) if changed else value
    if type(value) is tuple:  # a named tuple of numbers holds no evidence
        return tuple(_moved(item, story) for item in cast("tuple[Any, ...]", value))
    return value


def _unreadable() -> ModelMisbehaved:
    return ModelMisbehaved(
        "the service's reply is not an assessment in the form that this version knows", slug="bad-reply"
    )
