"""Turn a brief into the messages that a model reads."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, get_args

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from app.catalog import Catalog, Prompt
from app.domain import ArtefactRef, Span
from app.errors import Misconfigured
from app.judge.defuse import as_data
from app.judge.dialect import AnswerSchema
from app.judge.findings import Brief
from app.judge.schema import MAX_NOTES, Names, build_schema, names_asked, names_of, render_schema
from app.judge.sheets import Sheet, SheetName

_BLOCKS = ("system", "schema", "user", "repair")
_MOST_REMEMBERED = 128
_LEFT_OUT = " … "
_BOUNDARY_BYTES = 8


class Message(NamedTuple):
    """One message of a chat."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What a model is asked, whichever dialect its endpoint speaks.

    Attributes:
        system: The rules and lists, the same for every story with the same principles.
        schema_note: The form in words, for endpoints that enforce no schema.
        user: The story and what it is told for.
        repair: Follows a misshapen answer; it has one size, and never shows that answer.
    """

    names: Names
    schema: AnswerSchema
    system: str
    schema_note: str
    user: str
    repair: str

    def messages(self, *, show_schema: bool, repair: bool) -> list[Message]:
        """Return the messages of one request."""
        system = f"{self.system}\n\n{self.schema_note}" if show_schema else self.system
        messages = [Message("system", system), Message("user", self.user)]
        return [*messages, Message("user", self.repair)] if repair else messages


class Prompter:
    """Renders one prompt of the catalog; the template can reach nothing but its variables.

    Args:
        prompt: A template with the blocks system, schema, user and repair, named as its sheet is.
        most_notes: How many signals, and how many gaps, an answer about everything may list.

    Raises:
        Misconfigured: A block is missing.
    """

    def __init__(self, prompt: Prompt, *, most_notes: int = MAX_NOTES) -> None:
        environment = ImmutableSandboxedEnvironment(
            autoescape=False, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        self._template = environment.from_string(prompt.template)
        self.ref: ArtefactRef = prompt.ref
        missing = [name for name in _BLOCKS if name not in self._template.blocks]
        if missing:
            raise Misconfigured(
                f"prompt {prompt.name}/{prompt.version}: no block {', '.join(missing)}", slug="broken-catalog"
            )
        self._most_notes = most_notes
        self._fixed: dict[tuple[ArtefactRef, tuple[str, ...], Sheet], _Fixed] = {}

    def render(self, brief: Brief, boundary: str, sheet: Sheet = Sheet("assess")) -> Inquiry:  # noqa: B008 - constant
        """Return what to ask about a brief.

        Args:
            brief: The story and the principles to look for.
            boundary: Hexadecimal digits that no author of a story can know.
            sheet: Which sheet of the brief.

        Raises:
            Misconfigured: The template fails.
        """
        fixed = self._fix(brief, sheet)
        user = self._render_block("user", {**_describe(brief), "boundary": boundary})
        return Inquiry(fixed.names, fixed.schema, fixed.system, fixed.schema_note, user, fixed.repair)

    def _fix(self, brief: Brief, sheet: Sheet) -> "_Fixed":
        """Return what does not depend on the story; nothing of the story is kept with it."""
        rubric = brief.rubric
        asked = tuple(name for name in rubric.principle_ids if name in brief.principles and sheet.name in _LISTING)
        key = (rubric.ref, asked, sheet)
        if key not in self._fixed:
            names = names_of(rubric, sheet)
            lists: dict[str, Any] = {"gaps": rubric.gaps, "principles": [rubric.principle(name) for name in asked]}
            if sheet.principle is not None:
                lists["principle"] = rubric.principle(sheet.principle)
            about = names_asked(rubric, asked) if asked and sheet.name == "assess" else None
            schema = build_schema(names, sheet.name, asked=about, most_notes=self._most_notes)
            fixed = _Fixed(
                names=names,
                schema=schema,
                system=self._render_block("system", lists),
                schema_note=self._render_block("schema", {"schema": render_schema(schema.bounded)}),
                repair=self._render_block("repair", {}),
            )
            if len(self._fixed) >= _MOST_REMEMBERED:
                self._fixed.clear()
            self._fixed[key] = fixed
        return self._fixed[key]

    def _render_block(self, name: str, variables: Mapping[str, Any]) -> str:
        try:
            return "".join(self._template.blocks[name](self._template.new_context(dict(variables)))).strip()
        except TemplateError as error:
            reason = type(error).__name__
            raise Misconfigured(
                f"prompt {self.ref.name}/{self.ref.version}: the block {name} does not render ({reason})",
                slug="broken-catalog",
            ) from None


def draw_boundary() -> str:
    """Return a delimiter for one request's prompts that no story can foresee: 16 hexadecimal digits."""
    return secrets.token_hex(_BOUNDARY_BYTES)


def load_prompters(catalog: Catalog, *, most_notes: int = MAX_NOTES) -> dict[SheetName, Prompter]:
    """Return the prompters of all sheets, each with the newest version of its prompt.

    Args:
        catalog: Where the prompts come from.
        most_notes: How many signals, and how many gaps, an answer about everything may list.

    Raises:
        Misconfigured: A prompt is broken.
        NotFound: One is missing.
    """
    names: tuple[SheetName, ...] = get_args(SheetName)
    return {name: Prompter(catalog.prompt(name), most_notes=most_notes) for name in names}


_LISTING: frozenset[SheetName] = frozenset({"assess", "bar-raiser"})
"""The sheets whose prompt lists all principles that are asked for."""


class _Fixed(NamedTuple):
    """What is the same for every story with the same rubric and principles."""

    names: Names
    schema: AnswerSchema
    system: str
    schema_note: str
    repair: str


def _describe(brief: Brief) -> dict[str, str]:
    rubric, story = brief.rubric, brief.story
    role = next((role.title for role in rubric.roles if role.id == brief.role), None)
    level = next((f"{level.title}: {level.scope}" for level in rubric.levels if level.id == brief.level), None)
    return {
        "role": role or as_data(brief.role),
        "level": level or as_data(brief.level),
        "question": as_data(story.question),
        "title": as_data(story.title),
        "story": as_data(_leave_out(story.text, brief.suspicious)),
    }


def _leave_out(text: str, spans: tuple[Span, ...]) -> str:
    """Return a text with a mark in the place of each of some stretches: what nobody reads, nobody obeys."""
    for start, end in sorted(spans, reverse=True):
        text = f"{text[:start]}{_LEFT_OUT}{text[end:]}"
    return text
