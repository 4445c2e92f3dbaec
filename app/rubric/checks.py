"""Find what is wrong with a rubric as a whole: names that nothing bears, ids given twice, entries left out."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.domain import GapCode

if TYPE_CHECKING:
    from app.rubric.document import Rubric


def find_problems(rubric: "Rubric") -> list[str]:
    """Return a sentence for each thing that is wrong; empty for a sound rubric."""
    return [
        *_check_ids(rubric),
        *_check_principles(rubric),
        *_check_targets(rubric),
        *_check_expectations(rubric),
        *_check_caps(rubric),
    ]


def _check_ids(rubric: "Rubric") -> Iterator[str]:
    yield from _repeated("principle", [principle.id for principle in rubric.principles])
    yield from _repeated("gap", [gap.code for gap in rubric.gaps])
    yield from _repeated("question", [question.id for question in rubric.questions])
    yield from _repeated("expectation", [expectation.id for expectation in rubric.expectations])
    told = {gap.code for gap in rubric.gaps}
    yield from (f"no rule for the gap {code}" for code in GapCode if code not in told)


def _check_principles(rubric: "Rubric") -> Iterator[str]:
    known = {principle.id for principle in rubric.principles}
    levels = {level.id for level in rubric.levels}
    for principle in rubric.principles:
        for confusion in principle.confusions:
            for name in (confusion.other, confusion.yes, confusion.no):
                if name not in known:
                    yield f"{principle.id}: unknown principle {name}"
            if {confusion.yes, confusion.no} != {principle.id, confusion.other}:
                yield f"{principle.id}: the answers to a confusion must be {principle.id} and {confusion.other}"
        if set(principle.levels) != levels:
            yield f"{principle.id}: levels must be {', '.join(sorted(levels))}"
        yield from _repeated(f"{principle.id}: signal", [signal.id for signal in principle.signals])
    for question in rubric.questions:
        yield from (f"question {question.id}: unknown principle {p}" for p in question.principles if p not in known)


def _check_targets(rubric: "Rubric") -> Iterator[str]:
    roles = {role.id for role in rubric.roles}
    levels = {level.id for level in rubric.levels}
    if rubric.default_role not in roles:
        yield f"default_role {rubric.default_role} is not among the roles"
    if rubric.default_level not in levels:
        yield f"default_level {rubric.default_level} is not among the levels"
    for gap in rubric.gaps:
        for rule in gap.unless:
            for name in (*rule.roles, *rule.levels):
                if name not in roles | levels:
                    yield f"gap {gap.code}: unknown role or level {name}"


def _check_expectations(rubric: "Rubric") -> Iterator[str]:
    known = {principle.id for principle in rubric.principles}
    targets = {role.id for role in rubric.roles} | {level.id for level in rubric.levels}
    earlier: set[str] = set()
    for expectation in rubric.expectations:
        rules = (expectation, *expectation.unless)
        for name in (name for rule in rules for name in (*rule.roles, *rule.levels)):
            if name not in targets:
                yield f"expectation {expectation.id}: unknown role or level {name}"
        for name in expectation.principles:
            if name not in known:
                yield f"expectation {expectation.id}: unknown principle {name}"
        if expectation.after is not None and expectation.after not in earlier:
            yield f"expectation {expectation.id}: {expectation.after} is no earlier expectation"
        earlier.add(expectation.id)


def _check_caps(rubric: "Rubric") -> Iterator[str]:
    known = {principle.id for principle in rubric.principles}
    expected = {expectation.id for expectation in rubric.expectations}
    for cap in rubric.formula.caps:
        for name in cap.expectations:
            if name not in expected:
                yield f"a cap names the unknown expectation {name}"
        if cap.principle is not None and cap.principle not in known:
            yield f"a cap names the unknown principle {cap.principle}"


def _repeated(what: str, names: list[str]) -> Iterator[str]:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            yield f"{what} {name} is given twice"
        seen.add(name)
