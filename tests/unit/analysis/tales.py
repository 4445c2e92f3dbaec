"""Small stories without a gap, and the same stories with one thing wrong, from `tales.yaml`."""

from pathlib import Path
from typing import Any, NamedTuple

from app.documents import load_yaml
from app.domain import GapCode


class Tale(NamedTuple):
    """A story part by part."""

    situation: str
    task: str
    action: str
    result: str
    learning: str

    @property
    def text(self) -> str:
        """The story as paragraphs."""
        return "\n\n".join(part for part in self if part) + "\n"

    @property
    def labelled(self) -> str:
        """The story under STAR headings."""
        return "".join(f"## {name.title()}\n\n{part}\n\n" for name, part in self._asdict().items() if part)


_DATA = load_yaml(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))

TALES = {name: Tale(**parts) for name, parts in _DATA["tales"].items()}


def _weaken(name: str, changes: dict[str, Any]) -> Tale:
    tale = TALES[name]._asdict()
    return Tale(**tale | {k: v if isinstance(v, str) else f"{tale[k]} {v['also']}" for k, v in changes.items()})


WEAKER = {
    GapCode(code): {name: _weaken(name, changes) for name, changes in tales.items()}
    for code, tales in _DATA["weaker"].items()
}
"""The same stories with one thing wrong: by the gap that has to be seen, then by their name."""
