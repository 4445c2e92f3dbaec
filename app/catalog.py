"""Load and check rubrics and prompts: data under version control, refused at start when broken."""

import hashlib
import json
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self, cast

from pydantic import Field, ValidationError, model_validator

from app.documents import DocumentError, find_line, load_json, load_yaml, split_front_matter
from app.domain import ArtefactRef, GapCode, Part, Score, Severity, Slug, Value
from app.errors import Misconfigured, NotFound

_PROJECT = Path(__file__).parent.parent
_PACKAGED = Path(__file__).parent / "data"
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(/v[0-9]+)?")
_MAX_NAME_CHARS = 100


def default_dir(kind: Literal["rubrics", "prompts", "migrations"]) -> Path:
    """Return the folder of the data that ships with the package, in a wheel or in a checkout."""
    packaged = _PACKAGED / kind
    return packaged if packaged.is_dir() else _PROJECT / kind


class Signal(Value):
    """An observable behaviour that a rubric lists."""

    id: Slug
    text: str
    polarity: Literal["positive", "negative"]


class Confusion(Value):
    """A neighbour principle and the one question that tells the two apart."""

    other: Slug
    ask: str
    yes: Slug
    no: Slug


class Principle(Value):
    """One principle as a coach reads it; all wording is this project's own.

    Attributes:
        metric: `required` where a missing number is a real gap, `lenient` where an observable outcome may stand for it.
        levels: Target level id (`L5`) to what an answer at that level shows.
        behaviours: Short examples of acting on the principle, across roles; the ranking model learns from them.
    """

    id: Slug
    name: str
    summary: str
    metric: Literal["required", "lenient"]
    signals: Annotated[tuple[Signal, ...], Field(min_length=4)]
    probes: Annotated[tuple[str, ...], Field(min_length=3)]
    confusions: tuple[Confusion, ...]
    levels: dict[str, str]
    behaviours: tuple[str, ...] = ()

    @cached_property
    def positive_signals(self) -> tuple[Signal, ...]:
        """The behaviours that count for the principle."""
        return tuple(signal for signal in self.signals if signal.polarity == "positive")


class SeverityRule(Value):
    """A severity that differs where all given conditions hold; the first match wins."""

    severity: Severity
    roles: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    metric: Literal["required", "lenient"] | None = None

    def matches(self, role: str, level: str, metric: str | None) -> bool:
        """Tell whether the rule holds for a target and for the metric need of the story's first principle."""
        return (
            (not self.roles or role in self.roles)
            and (not self.levels or level in self.levels)
            and (self.metric is None or self.metric == metric)
        )


class GapRule(Value):
    """What a gap code is called and how much it matters."""

    code: GapCode
    title: str
    definition: str
    part: Part | None
    severity: Severity
    unless: tuple[SeverityRule, ...] = ()


class Cap(Value):
    """The highest strength and level that stand while gaps are open.

    Attributes:
        gaps: The codes that count.
        at_least: How many of them must be present for the cap to hold.
    """

    gaps: Annotated[tuple[GapCode, ...], Field(min_length=1)]
    at_least: Annotated[int, Field(ge=1)] = 1
    at_most: Score
    reason: str


class Formula(Value):
    """How levels follow from verified findings.

    Attributes:
        evidence_for_level: Distinct evidence sentences that level 2, 3, 4 and 5 of a principle need.
    """

    evidence_for_level: Annotated[tuple[int, ...], Field(min_length=4, max_length=4)]
    caps: tuple[Cap, ...]


class Role(Value):
    """A job family that stories are told for."""

    id: Slug
    title: str
    manages_people: bool


class TargetLevel(Value):
    """A job level that stories are told for."""

    id: str
    title: str
    scope: str


class Question(Value):
    """A question of this project's own bank and the principles it usually looks for."""

    id: Slug
    text: str
    principles: Annotated[tuple[Slug, ...], Field(min_length=1)]


class Rubric(Value):
    """One released version of a rubric."""

    name: Slug
    version: Annotated[str, Field(pattern=r"^v[0-9]+$")]
    title: str
    notice: str
    default_role: str
    default_level: str
    roles: Annotated[tuple[Role, ...], Field(min_length=1)]
    levels: Annotated[tuple[TargetLevel, ...], Field(min_length=1)]
    principles: Annotated[tuple[Principle, ...], Field(min_length=1)]
    gaps: tuple[GapRule, ...]
    formula: Formula
    questions: tuple[Question, ...] = ()
    sha256: str = ""

    @model_validator(mode="after")
    def _check_references(self) -> Self:
        known = {principle.id for principle in self.principles}
        levels = {level.id for level in self.levels}
        roles = {role.id for role in self.roles}
        problems = [
            *_repeated("principle", [principle.id for principle in self.principles]),
            *_repeated("gap", [gap.code for gap in self.gaps]),
            *_repeated("question", [question.id for question in self.questions]),
            *(f"no rule for the gap {code}" for code in GapCode if code not in {gap.code for gap in self.gaps}),
            *(
                f"{principle.id}: unknown principle {name}"
                for principle in self.principles
                for confusion in principle.confusions
                for name in (confusion.other, confusion.yes, confusion.no)
                if name not in known
            ),
            *(
                f"{principle.id}: levels must be {', '.join(sorted(levels))}"
                for principle in self.principles
                if set(principle.levels) != levels
            ),
            *(
                problem
                for principle in self.principles
                for problem in _repeated(f"{principle.id}: signal", [signal.id for signal in principle.signals])
            ),
            *(
                f"question {q.id}: unknown principle {p}"
                for q in self.questions
                for p in q.principles
                if p not in known
            ),
            *([] if self.default_role in roles else [f"default_role {self.default_role} is not among the roles"]),
            *([] if self.default_level in levels else [f"default_level {self.default_level} is not among the levels"]),
            *(
                f"gap {gap.code}: unknown role or level {name}"
                for gap in self.gaps
                for rule in gap.unless
                for name in (*rule.roles, *rule.levels)
                if name not in roles | levels
            ),
        ]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @property
    def ref(self) -> ArtefactRef:
        """The exact bytes this rubric was loaded from."""
        return ArtefactRef(name=self.name, version=self.version, sha256=self.sha256)

    @cached_property
    def principle_ids(self) -> tuple[str, ...]:
        """All principle ids in the rubric's order."""
        return tuple(principle.id for principle in self.principles)

    def principle(self, principle_id: str) -> Principle:
        """Return a principle.

        Raises:
            NotFound: The rubric has no such principle.
        """
        for principle in self.principles:
            if principle.id == principle_id:
                return principle
        raise NotFound(f"the rubric {self.name} has no principle with this id")

    def gap_rule(self, code: GapCode) -> GapRule:
        """Return the rule of a gap code; every code has one."""
        return next(rule for rule in self.gaps if rule.code == code)

    def severity(self, code: GapCode, *, role: str, level: str, metric: str | None) -> Severity:
        """Return how much a gap matters for a target."""
        rule = self.gap_rule(code)
        for exception in rule.unless:
            if exception.matches(role, level, metric):
                return exception.severity
        return rule.severity


class Prompt(Value):
    """One released version of a prompt: a Jinja2 template with declared variables."""

    name: Slug
    version: str
    variables: tuple[str, ...]
    description: str
    template: str
    sha256: str

    @property
    def ref(self) -> ArtefactRef:
        """The exact bytes this prompt was loaded from."""
        return ArtefactRef(name=self.name, version=self.version, sha256=self.sha256)


def _repeated(what: str, names: list[str]) -> Iterator[str]:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            yield f"{what} {name} is given twice"
        seen.add(name)


def _read(path: Path) -> tuple[str, str]:
    try:
        raw = path.read_bytes()
        return raw.decode("utf-8"), hashlib.sha256(raw).hexdigest()
    except OSError as error:
        raise Misconfigured(f"{path}: can't be read ({error.strerror})", slug="broken-catalog") from None
    except UnicodeDecodeError:
        raise Misconfigured(f"{path}: not UTF-8 text", slug="broken-catalog") from None


def _newest(folder: Path, suffix: str) -> Path:
    found = [path for path in folder.glob(f"v*{suffix}") if path.stem[1:].isdigit()]
    if not found:
        raise NotFound(f"there is no {folder.name} in {folder.parent.name}")
    return max(found, key=lambda path: int(path.stem[1:]))


def _broken(path: Path, text: str, error: ValidationError, *, offset: int = 0) -> Misconfigured:
    first = error.errors(include_input=False, include_url=False)[0]
    where = ".".join(str(step) for step in first["loc"]) or "file"
    line = find_line(text, first["loc"])
    place = f"{path}:{line + offset}" if line else str(path)
    return Misconfigured(f"{place}: {where}: {first['msg']}", slug="broken-catalog")


def load_rubric(path: Path) -> Rubric:
    """Load a rubric file.

    Raises:
        Misconfigured: The file is broken; the detail names file, line and reason.
    """
    text, digest = _read(path)
    try:
        fields = load_yaml(text)
        if not isinstance(fields, dict):
            raise DocumentError("a rubric must be a mapping", 1)
        rubric = Rubric.model_validate({**fields, "sha256": digest})
    except DocumentError as error:
        raise Misconfigured(f"{path}:{error.line or 1}: {error.reason}", slug="broken-catalog") from None
    except ValidationError as error:
        raise _broken(path, text, error) from None
    if path.stem != rubric.version or path.parent.name != rubric.name:
        raise Misconfigured(f"{path}:1: must be called {rubric.name}/{rubric.version}.yaml", slug="broken-catalog")
    return rubric


def load_prompt(path: Path) -> Prompt:
    """Load a prompt file: front matter (`name, version, description, variables`), then a Jinja2 template.

    Raises:
        Misconfigured: The file is broken, or declared and used variables differ; names file, line and reason.
    """
    from jinja2 import TemplateSyntaxError, meta  # noqa: PLC0415 - the rules path needs no templates
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: PLC0415

    text, digest = _read(path)
    try:
        front = split_front_matter(text)
        if front.fields is None:
            raise DocumentError("a prompt must begin with front matter", 1)
        tree = ImmutableSandboxedEnvironment(autoescape=False).parse(front.body)
        prompt = Prompt.model_validate({**front.fields, "template": front.body, "sha256": digest})
    except DocumentError as error:
        raise Misconfigured(f"{path}:{error.line or 1}: {error.reason}", slug="broken-catalog") from None
    except TemplateSyntaxError as error:
        line = error.lineno + split_front_matter(text).first_line - 1
        raise Misconfigured(f"{path}:{line}: {error.message}", slug="broken-catalog") from None
    except ValidationError as error:
        head = "".join(text.splitlines(keepends=True)[1 : split_front_matter(text).first_line - 2])
        raise _broken(path, head, error, offset=1) from None
    used = meta.find_undeclared_variables(tree)
    if used != set(prompt.variables):
        differing = ", ".join(sorted(used ^ set(prompt.variables)))
        raise Misconfigured(f"{path}:1: declared and used variables differ: {differing}", slug="broken-catalog")
    return prompt


class Catalog:
    """The rubrics and prompts of one installation, loaded on first use.

    Args:
        rubrics_dir: Folder of `<name>/v<N>.yaml`; None for the shipped one.
        prompts_dir: Folder of `<name>/v<N>.md`; None for the shipped one.
    """

    def __init__(self, rubrics_dir: Path | None = None, prompts_dir: Path | None = None) -> None:
        self._rubrics_dir = rubrics_dir or default_dir("rubrics")
        self._prompts_dir = prompts_dir or default_dir("prompts")
        self._rubrics: dict[str, Rubric] = {}
        self._prompts: dict[str, Prompt] = {}

    def rubric(self, name: str) -> Rubric:
        """Return a rubric by `name` (its newest version) or by `name/vN`.

        Raises:
            NotFound: There is no such rubric.
            Misconfigured: The file is broken.
        """
        if name not in self._rubrics:
            self._rubrics[name] = load_rubric(self._find(self._rubrics_dir, name, ".yaml"))
        return self._rubrics[name]

    def prompt(self, name: str) -> Prompt:
        """Return a prompt by `name` (its newest version) or by `name/vN`.

        Raises:
            NotFound: There is no such prompt.
            Misconfigured: The file is broken.
        """
        if name not in self._prompts:
            self._prompts[name] = load_prompt(self._find(self._prompts_dir, name, ".md"))
        return self._prompts[name]

    def rubric_names(self) -> tuple[str, ...]:
        """Return the names of all rubrics, each with its versions as `name/vN`, oldest first."""
        return tuple(_versions(self._rubrics_dir, ".yaml"))

    def prompt_names(self) -> tuple[str, ...]:
        """Return the names of all prompts, each with its versions as `name/vN`, oldest first."""
        return tuple(_versions(self._prompts_dir, ".md"))

    def check(self) -> None:
        """Load everything and compare it with the lock files.

        Raises:
            Misconfigured: A file is broken, or a released version has changed.
        """
        for name in self.rubric_names():
            self.rubric(name)
        for name in self.prompt_names():
            self.prompt(name)
        for folder, suffix in ((self._rubrics_dir, ".yaml"), (self._prompts_dir, ".md")):
            changed = [name for name, digest in load_lock(folder).items() if _digest(folder, name, suffix) != digest]
            if changed:
                raise Misconfigured(
                    f"{folder / 'lock.json'}: released versions have changed: {', '.join(changed)}; add a new version",
                    slug="broken-catalog",
                )

    def write_locks(self) -> None:
        """Add the digests of new versions to the lock files; a released version keeps its digest."""
        for folder, suffix in ((self._rubrics_dir, ".yaml"), (self._prompts_dir, ".md")):
            digests = {name: _digest(folder, name, suffix) for name in _versions(folder, suffix)}
            locked = {**digests, **load_lock(folder)}
            (folder / "lock.json").write_text(json.dumps(locked, indent=2, sort_keys=True) + "\n", encoding="utf-8")

    @staticmethod
    def _find(folder: Path, name: str, suffix: str) -> Path:
        base, _, version = name.partition("/")
        if len(name) > _MAX_NAME_CHARS or not _NAME.fullmatch(name):
            raise NotFound("a name looks like leadership-principles or leadership-principles/v1")
        if not version:
            return _newest(folder / base, suffix)
        path = folder / base / f"{version}{suffix}"
        if not path.is_file():
            raise NotFound(f"there is no {name} in {folder.name}")
        return path


def load_lock(folder: Path) -> dict[str, str]:
    """Return the digests of released versions, `name/vN` to SHA-256; empty without a lock file.

    Raises:
        Misconfigured: The lock file is broken.
    """
    path = folder / "lock.json"
    if not path.is_file():
        return {}
    try:
        digests = load_json(_read(path)[0])
    except DocumentError as error:
        raise Misconfigured(f"{path}:{error.line or 1}: {error.reason}", slug="broken-catalog") from None
    if not isinstance(digests, dict):
        raise Misconfigured(f"{path}:1: must be an object of names and digests", slug="broken-catalog")
    return {str(name): str(digest) for name, digest in cast("dict[str, object]", digests).items()}


def _versions(folder: Path, suffix: str) -> list[str]:
    found = [path for path in folder.glob(f"*/v*{suffix}") if path.stem[1:].isdigit()]
    found.sort(key=lambda path: (path.parent.name, int(path.stem[1:])))
    return [f"{path.parent.name}/{path.stem}" for path in found]


def _digest(folder: Path, name: str, suffix: str) -> str:
    path = folder / f"{name}{suffix}"
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
