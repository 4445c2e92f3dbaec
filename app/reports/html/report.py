"""Write the HTML report: an overview of all stories, then each story, folded."""

import base64
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from jinja2 import BaseLoader, Environment, StrictUndefined, TemplateNotFound
from markupsafe import Markup
from typing_extensions import override

from app import __version__
from app.domain import Assessment, GapCode, Story
from app.reports.clean import clean
from app.reports.html.views import show_hidden, view_story
from app.reports.report import Report, Summary, Tally
from app.reports.spool import Spool
from app.reports.told import Told

_PARTS = files("app.reports.html")


class _Row(NamedTuple):
    """What the overview shows of a story."""

    number: int
    name: str
    strength: int | None
    levels: dict[str, int]


class HtmlReport(Report):
    """Writes one HTML file; the stories are held back, since the overview stands before them.

    Args:
        names: From the id of a principle to its name, in the order in which they are shown.
    """

    def __init__(self, names: Mapping[str, str] | None = None) -> None:
        self._names = names or {}
        self._rows: list[_Row] = []
        self._gaps: Counter[str] = Counter()
        self._stories = Spool()
        self._told = Told()

    @override
    def add(self, assessment: Assessment) -> str:
        return self._add(assessment, None)

    @override
    def tell(self, assessment: Assessment, story: Story) -> str:
        return self._add(assessment, story)

    @override
    def finish(self, summary: Summary) -> Iterator[str]:
        css, script = _load("page.css"), _load("page.js")
        seen = {name for row in self._rows for name in row.levels}
        columns = dict(self._names) | {name: name for name in sorted(seen - set(self._names))}
        page = _environment().get_template("page.html")
        head, _, tail = page.render(
            css=Markup(css),  # noqa: S704 - shipped with this package, as is the script
            script=Markup(script),  # noqa: S704
            policy=_policy(css, script),
            summary=summary,
            troubles=list(self._told.left(summary)),
            rows=self._rows,
            columns=columns,
            covered={name: sum(name in row.levels for row in self._rows) for name in columns},
            gaps=[(code.value, self._gaps[code]) for code in GapCode if self._gaps[code]],
            most=max(*summary.strengths.values(), summary.not_assessed, 1),
            version=__version__,
            here=Markup("<!-- stories -->"),
        ).partition("<!-- stories -->")
        yield head
        yield from self._stories.drain()
        yield tail

    def _add(self, assessment: Assessment, story: Story | None) -> str:
        self._told.note(assessment)
        number = len(self._rows) + 1
        view = view_story(number, assessment, story, self._names, is_open=number == 1)
        levels = {one.id: one.level for one in assessment.principles if one.level is not None}
        self._rows.append(_Row(number, view.name, assessment.strength, levels))
        self._gaps.update({gap.code for gap in assessment.gaps})
        self._stories.add(_environment().get_template("story.html").render(view._asdict()))
        return ""


def render_html(assessment: Assessment, story: Story | None = None, names: Mapping[str, str] | None = None) -> str:
    """Return the HTML report of one story.

    Args:
        assessment: What was made of the story.
        story: Its text; None leaves the annotated text out.
        names: From the id of a principle to its name.
    """
    report = HtmlReport(names)
    if story is None:
        report.add(assessment)
    else:
        report.tell(assessment, story)
    tally = Tally()
    tally.add(assessment, below=False)
    return "".join(report.finish(tally.summary(0)))


def _policy(css: str, script: str) -> str:
    """Return a policy that lets nothing run but this page's own style and script, and nothing be fetched."""
    return (
        f"default-src 'none'; style-src '{_hash(css)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


class _Loader(BaseLoader):
    """Loads the templates that stand beside this module."""

    @override
    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, Any]:
        del environment
        try:
            return _load(template), None, lambda: True
        except FileNotFoundError:
            raise TemplateNotFound(template) from None


@cache
def _environment() -> Environment:
    return Environment(
        loader=_Loader(),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _finalize(value: Any) -> Any:
    return show_hidden(clean(value)) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def _load(name: str) -> str:
    return _PARTS.joinpath(name).read_text(encoding="utf-8")
