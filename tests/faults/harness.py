"""A judge on a misbehaving server, with waits so short that a test takes none."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from pydantic import SecretStr

from app.catalog import Catalog
from app.domain import GapCode, Severity, Story
from app.errors import CoachError
from app.judge.budget import Purse
from app.judge.cache import AnswerCache
from app.judge.client import ModelClient
from app.judge.dialect import Options
from app.judge.endpoint import read_endpoint
from app.judge.findings import Brief, Findings
from app.judge.model import ModelJudge, open_judge, read_limits
from app.judge.patience import Patience
from app.judge.prompts import load_prompters
from app.judge.transport import open_http_client
from app.rubric import Formula, GapRule, Principle, Role, Rubric, Signal, TargetLevel
from app.settings import Settings

BRISK = Patience(deadline_s=20, attempt_s=10, queue_s=10, first_wait_s=0.01, longest_wait_s=0.02)
_CATALOG = Catalog()
KEY = "sk-test-0123456789-canary"
STORY = (
    "Our nightly invoice run failed twice a week. I owned the fix after my lead moved on. "
    "I read three weeks of logs and saw that two jobs took the same lock. "
    "I moved one job by an hour and wrote an alert for overlaps. It went much better after that."
)


def _principle(name: str, title: str) -> Principle:
    behaviours = {
        "takes-the-loose-end": "takes on work that nobody was asked to do",
        "stays-to-the-end": "sees the matter through until it is solved",
        "goes-to-the-data": "goes to the records before deciding",
    }
    positive = [Signal(id=f"{name}-{signal}", text=text, polarity="positive") for signal, text in behaviours.items()]
    negative = Signal(id=f"{name}-waits", text="waits to be told", polarity="negative")
    return Principle(
        id=name,
        name=title,
        summary=f"What {title.lower()} looks like in a story.",
        metric="required",
        signals=(*positive, negative),
        probes=("What did you do?", "Why?", "What came of it?"),
        confusions=(),
        levels={"L6": "acts across teams"},
    )


def small_rubric() -> Rubric:
    """Return a rubric of three principles; no test of the judge depends on the shipped wording."""
    rule = GapRule(code=GapCode.HEDGING, title="", definition="", part=None, severity=Severity.WARNING)
    gaps = [
        rule.model_copy(update={"code": code, "title": code.value, "definition": f"what {code.value} means"})
        for code in GapCode
    ]
    return Rubric(
        name="small",
        version="v1",
        title="Small",
        notice="Made for tests.",
        default_role="sdm",
        default_level="L6",
        roles=(Role(id="sdm", title="Software development manager", manages_people=True),),
        levels=(TargetLevel(id="L6", title="L6", scope="several teams"),),
        principles=(
            _principle("ownership", "Ownership"),
            _principle("dive-deep", "Dive Deep"),
            _principle("deliver-results", "Deliver Results"),
        ),
        gaps=tuple(gaps),
        formula=Formula(evidence_for_level=(1, 2, 3, 4), caps=()),
        sha256="0" * 64,
    )


def make_brief(text: str = STORY, **fields: Any) -> Brief:
    """Return a brief about a story, for the first two principles of the small rubric."""
    story = Story(text=text, title="The invoice run", question="Tell me about a time you fixed something.", **fields)
    return Brief(story=story, rubric=small_rubric(), role="sdm", level="L6", principles=("ownership", "dive-deep"))


def make_settings(url: str, **fields: Any) -> Settings:
    """Return settings for a server, whatever the environment says."""
    values: dict[str, Any] = {"api_key": SecretStr(KEY), "base_url": url, "model": "test-model", **fields}
    return Settings(**values)


def open_test_judge(
    url: str,
    *,
    patience: Patience = BRISK,
    purses: Sequence[Purse] = (),
    rest_s: float | None = None,
    cache: AnswerCache | None = None,
    **fields: Any,
) -> ModelJudge:
    """Open a judge on a server.

    Args:
        url: The server's base URL.
        patience: Its waits and deadlines.
        purses: What requests are paid from.
        rest_s: How long a failing model is left alone; None for the usual.
        cache: Where answers are kept; None asks each time.
        fields: Settings.
    """
    settings = make_settings(url, **fields)
    if rest_s is None:
        return open_judge(settings, _CATALOG, patience=patience, purses=purses, cache=cache)
    http = open_http_client(
        max_bytes=10**6, max_connections=50, attempt_s=patience.attempt_s, trust_env=False, loopback_only=True
    )
    client = ModelClient(
        read_endpoint(settings),
        http,
        patience=patience,
        limits=read_limits(settings)._replace(rest_s=rest_s),
        options=Options(None, None),
        fallbacks=settings.fallback_models,
        purses=purses,
    )
    return ModelJudge(client, load_prompters(_CATALOG), model=settings.model)


class Log(logging.Handler):
    """Keeps every record of every logger, at the lowest level."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    @property
    def text(self) -> str:
        """All records as a generous formatter would write them, arguments and traceback included."""
        formatter = logging.Formatter("%(name)s %(levelname)s %(message)s %(args)s")
        return "\n".join(f"{formatter.format(record)} {record.__dict__}" for record in self.records)

    @property
    def attempts(self) -> int:
        """HTTP requests that the judge says it sent."""
        notes = [record.args for record in self.records if str(record.msg).startswith("model call:")]
        return max((int(str(args[1])) for args in notes if isinstance(args, tuple)), default=0)

    def __enter__(self) -> Self:
        root = logging.getLogger()
        self._level = root.level
        root.addHandler(self)
        root.setLevel(logging.DEBUG)
        return self

    def __exit__(self, *_: object) -> None:
        root = logging.getLogger()
        root.removeHandler(self)
        root.setLevel(self._level)


@dataclass
class Outcome:
    """What came of one inquiry: findings or an error, never both."""

    findings: Findings | None = None
    error: CoachError | None = None
    log: Log = field(default_factory=Log)

    @property
    def kind(self) -> str:
        """`findings`, or the slug of the failure."""
        return "findings" if self.error is None else self.error.slug


def judge_once(judge_url: str, brief: Brief | None = None, *, loud: bool = False, **options: Any) -> Outcome:
    """Judge one story on a server in an event loop of its own.

    Args:
        judge_url: The server's base URL.
        brief: What to judge; None for the usual story.
        loud: Make the libraries log all they can, as an operator might.
        options: Patience and settings.
    """
    outcome = Outcome()

    async def run() -> None:
        judge = open_test_judge(judge_url, **options)
        if loud:
            for name in ("openai", "httpx2", "httpcore2"):
                logging.getLogger(name).setLevel(logging.DEBUG)
        try:
            outcome.findings = await judge.judge(brief or make_brief())
        except CoachError as error:
            outcome.error = error
        finally:
            await judge.aclose()

    with outcome.log:
        asyncio.run(run())
    return outcome


async def judge_all(url: str, count: int, **options: Any) -> list[Findings | BaseException]:
    """Judge the usual story many times at once on one judge."""
    judge = open_test_judge(url, **options)
    try:
        return await asyncio.gather(*(judge.judge(make_brief()) for _ in range(count)), return_exceptions=True)
    finally:
        await judge.aclose()


def with_patience(**changes: Any) -> Patience:
    """Return the brisk patience with other bounds."""
    return replace(BRISK, **changes)
