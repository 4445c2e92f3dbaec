"""Write down an assessment: what was settled, and what made it."""

import hashlib
import uuid
from typing import NamedTuple

from app import __version__
from app.analysis.comments import Comment, blank_comments
from app.analysis.observe import Observations
from app.analysis.places import Places
from app.analysis.screen.screen import Screened
from app.analysis.sentences import count_words
from app.coach.delivery import speaking_time
from app.coach.flags import raise_flags
from app.coach.settle import Settled, settle
from app.coach.suppress import suppress
from app.domain import Assessment, Depth, Engine, Provenance, Source, Status, Story, StoryRef, Target
from app.judge.findings import Findings
from app.rubric import Rubric

_NAMESPACE = uuid.UUID("5d0b7c1e-6f0e-4c8e-9c55-7f3c7f6f2a10")
_WORDING = {
    1: "no usable evidence",
    2: "own part or outcome can't be told",
    3: "mixed",
    4: "meets the bar",
    5: "raises the bar",
}


class Case(NamedTuple):
    """A story, what it is assessed for and by what."""

    story: Story
    rubric: Rubric
    target: Target
    engine: Engine
    depth: Depth = Depth.QUICK
    samples: int = 1
    comments: tuple[Comment, ...] = ()

    @property
    def text(self) -> str:
        """The story without what it says to this program, each place where it was."""
        return blank_comments(self.story.text, self.comments)


def write_assessment(case: Case, screened: Screened, observed: Observations, findings: Findings | None) -> Assessment:
    """Return the assessment of a story that could be judged.

    Args:
        case: The story.
        screened: What was taken out of its text.
        observed: What the rules saw.
        findings: What the model saw; None without a model.
    """
    places = Places(case.story.text, case.story.first_line)
    settled = settle(
        observed,
        findings,
        rubric=case.rubric,
        target=case.target,
        places=places,
    )
    silent = _describe_silences(case.rubric, findings) if findings else None
    return Assessment(
        id=_content_id(case, findings),
        story=_ref(case.story, observed.words),
        target=case.target,
        status=Status.PARTIAL if silent else Status.ASSESSED,
        reason=silent,
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
        unproven=settled.unproven,
        flags=raise_flags(case.story, screened, places),
        provenance=_provenance(case, findings),
    )


def write_refusal(
    case: Case, reason: str, *, engine: Engine = Engine.RULES, screened: Screened | None = None
) -> Assessment:
    """Return the `not_assessed` assessment of a story.

    Args:
        case: The story.
        reason: Why, without story text.
        engine: What would have assessed it.
        screened: What was taken out of its text, where that is known.
    """
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


def _provenance(case: Case, findings: Findings | None) -> Provenance:
    if findings is None:
        return Provenance(engine=Engine.RULES, rubric=case.rubric.ref, version=__version__)
    return Provenance(
        engine=Engine.LLM,
        model=findings.model,
        rubric=case.rubric.ref,
        prompt=findings.prompt,
        depth=case.depth,
        boundary=findings.boundary,
        samples=max(1, len(findings.samples)),
        samples_wanted=case.samples,
        usage=findings.usage,
        cost_usd=findings.cost_usd,
        dropped_quotes=findings.dropped_quotes,
        dropped_texts=findings.dropped_texts,
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


def _content_id(case: Case, findings: Findings | None, *, outcome: str = "") -> str:
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
    own = [gap for gap in settled.gaps if gap.source is not Source.MODEL]
    count, more = len(own), len(settled.gaps) - len(own)
    gaps = (
        "No gap found."
        if not count
        else f"{count} gap{'s' if count > 1 else ''}: {', '.join(gap.code for gap in own)}."
    )
    noted = f" The model notes {more} more." if more else ""
    return f"Strength {settled.strength} of 5 ({_WORDING[settled.strength]}). {shows} {gaps}{noted}"


def _describe_silences(rubric: Rubric, findings: Findings) -> str | None:
    """Tell what no usable answer came about; None where all was answered."""
    if not findings.silences:
        return None
    names = {principle.id: principle.name for principle in rubric.principles}
    told = {"gaps": "the gaps", "bar-raiser": "follow-up questions", "assess": "the story"}
    parts: list[str] = []
    for silence in findings.silences:
        name = silence.sheet.removeprefix("principle:")
        parts.append(f"{names.get(name, told.get(name, name))} ({silence.kind})")
    return f"The model gave no usable answer about {', '.join(parts)}; there the rules stand alone."
