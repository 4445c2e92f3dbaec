"""Read from a regular expression with which words its matches begin."""

import re
from enum import Enum
from typing import NamedTuple

STEM = 4
"""Letters that must be known of a word which a pattern leaves open."""

_ATOM = re.compile(r"[a-z0-9]+(?![?*+{])|\(\?:|\[[^\]]+\]|\{[\d,]+\}|\\?.", re.DOTALL)
_MISSABLE = re.compile(r"[?*]|\{0")
_REPEATED = re.compile(r"[*+{]")
_RANGE = re.compile(r"(\d)-(\d)")


class Opening(NamedTuple):
    """The beginning of a match.

    Attributes:
        text: Letters and digits.
        is_word: They are a whole word; else the word goes on, or may.
    """

    text: str
    is_word: bool


class _End(Enum):
    """How a beginning ends so far: it grows with what comes next, the word is over, or anything may follow."""

    GROWS = 0
    WORD = 1
    OPEN = 2


_Head = tuple[str, _End]
_NOTHING: _Head = ("", _End.GROWS)


def find_openings(pattern: str) -> set[Opening]:
    r"""Return what a match begins with.

    Args:
        pattern: It begins with `\b`; of the syntax it uses literals, `(?:…|…)`, `[…]`, `\b`, `\w`, `\s`, `.` and
            quantifiers until the first word is known.

    Raises:
        ValueError: A match may begin with no letter or digit, or too little is known of its first word.
    """
    heads, _ = _read_choice(_ATOM.findall(pattern), 0)
    openings = {Opening(text, end is _End.WORD) for text, end in heads}
    if short := [text for text, is_word in openings if len(text) < (1 if is_word else STEM)]:
        raise ValueError(f"{pattern}: no word to look up in {short}")
    return openings


def _read_choice(atoms: list[str], at: int) -> tuple[set[_Head], int]:
    """Read alternatives to the end of their group; return their beginnings and where the group ends."""
    heads: set[_Head] = set()
    while True:
        branch, at = _read_sequence(atoms, at)
        heads |= branch
        if at >= len(atoms) or atoms[at] == ")":
            return heads, at
        at += 1


def _read_sequence(atoms: list[str], at: int) -> tuple[set[_Head], int]:
    heads = {_NOTHING}
    while at < len(atoms) and atoms[at] not in ("|", ")"):
        if all(end is not _End.GROWS for _, end in heads):
            return heads, _skip_rest(atoms, at)
        if atoms[at] == r"\b":
            heads = {(text, _End.WORD) if text and end is _End.GROWS else (text, end) for text, end in heads}
            at += 1
            continue
        added, at = _read_atom(atoms, at)
        heads = {joined for head in heads for joined in _join(head, added)}
    return heads, at


def _skip_rest(atoms: list[str], at: int) -> int:
    """Return where the branch at hand ends."""
    depth = 0
    while at < len(atoms) and (depth or atoms[at] not in ("|", ")")):
        depth += atoms[at].startswith("(")
        depth -= atoms[at] == ")"
        at += 1
    return at


def _join(head: _Head, added: set[_Head]) -> set[_Head]:
    text, end = head
    return {(text + more, its_end) for more, its_end in added} if end is _End.GROWS else {head}


def _read_atom(atoms: list[str], at: int) -> tuple[set[_Head], int]:
    """Read a letter, class or group with its quantifier."""
    heads, at = _read_choice(atoms, at + 1) if atoms[at] == "(?:" else (_name_heads(atoms[at]), at)
    times = atoms[at + 1] if at + 1 < len(atoms) else ""
    missable, repeated = bool(_MISSABLE.match(times)), bool(_REPEATED.match(times))
    if repeated:
        heads = {(text, _End.OPEN if end is _End.GROWS else end) for text, end in heads}
    if missable:
        heads = heads | {_NOTHING}
    return heads, at + (2 if missable or repeated else 1)


def _name_heads(atom: str) -> set[_Head]:
    """Return the beginnings that one atom stands for."""
    if atom in (r"\w", ".") or atom.startswith(("[^", r"[\w")):
        return {("", _End.OPEN)}
    letters = atom[1:-1] if atom.startswith("[") else atom
    letters = _RANGE.sub(lambda ends: "".join(map(str, range(int(ends[1]), int(ends[2]) + 1))), letters)
    if letters.startswith("\\"):
        letters = " "  # white space, or a sign that is no letter
    elif atom.isalnum():
        return {(atom, _End.GROWS)}
    return {(letter, _End.GROWS) if letter.isalnum() else ("", _End.WORD) for letter in letters}
