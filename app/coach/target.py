"""Hold what a story aims at against a rubric: it must know the role, the level and the principles."""

from collections.abc import Collection, Sequence

from app.errors import InvalidInput
from app.rubric import Rubric


class UnknownTarget(InvalidInput):
    """A role, a level or a principle that the rubric does not have; the detail lists those it has.

    Attributes:
        field: The story's field that names it: `role`, `level` or `principles`.
    """

    def __init__(self, field: str, noun: str, rubric: str, known: Sequence[str]) -> None:
        article = "a" if noun == "principle" else "the"
        super().__init__(
            f"{article} {noun} is not in the rubric {rubric}; known: {', '.join(known)}", slug=f"unknown-{noun}"
        )
        self.field = field


def check_target(
    rubric: Rubric, *, role: str | None = None, level: str | None = None, principles: Collection[str] = ()
) -> None:
    """Return when the rubric knows all that is given.

    Raises:
        UnknownTarget: It does not.
    """
    if not set(principles) <= set(rubric.principle_ids):
        raise UnknownTarget("principles", "principle", rubric.name, rubric.principle_ids)
    roles = [known.id for known in rubric.roles]
    if role is not None and role not in roles:
        raise UnknownTarget("role", "role", rubric.name, roles)
    levels = [known.id for known in rubric.levels]
    if level is not None and level not in levels:
        raise UnknownTarget("level", "level", rubric.name, levels)
