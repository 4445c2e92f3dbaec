"""Tell who acts in a sentence: the candidate, a group, somebody else or nobody."""

from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from app.analysis.clauses import (
    ADVERBS,
    AUXILIARIES,
    BE_INSIDE,
    BEFORE_OBJECT,
    CARRIERS,
    CAUSED,
    DETERMINERS,
    FULL_AUXILIARIES,
    GROUP_NOUNS,
    JOINERS,
    MODALS,
    NO_VERB,
    OPENERS,
    OTHERS,
    PEOPLE,
    STOPS,
    SUBORDINATORS,
    TELLING,
    WAS_TOLD,
)
from app.analysis.verbs import BE, GET, STATES, is_participle, is_past
from app.analysis.words import find_words


class Actor(StrEnum):
    """Who carries a deed."""

    __hash__ = str.__hash__  # that of an enumeration takes ten times as long

    SELF = "self"
    GROUP = "group"
    OTHER = "other"
    NOBODY = "nobody"


class Act(NamedTuple):
    """One deed in a sentence.

    Attributes:
        actor: Who did it; `NOBODY` is a passive without an agent.
        verb: The word that tells the deed, in lower case.
        start: Where that word begins in the sentence.
        main: False in a clause that only sets the scene for another one.
    """

    actor: Actor
    verb: str
    start: int
    main: bool


_SHORTEST_VERB = 4
_MARGIN = 12


def find_acts(sentence: str, *, subjectless_is_self: bool = True) -> tuple[Act, ...]:
    """Return the deeds of a sentence in order.

    Args:
        sentence: One sentence; quoted speech in it is not searched.
        subjectless_is_self: Read a note such as "Wrote the parser" as the candidate's own deed.
    """
    return tuple(_Reader(sentence, subjectless_is_self=subjectless_is_self).read())


class _Reader:
    """Walks over the tokens of one sentence with the subject of the clause at hand."""

    def __init__(self, sentence: str, *, subjectless_is_self: bool) -> None:
        words, self._starts = find_words(sentence)
        self._length = len(words)
        # A look back from the first word or ahead from the last finds an empty word rather than the other end.
        self._words = words + [""] * _MARGIN
        self._subjectless_is_self = subjectless_is_self
        self._acts: list[Act] = []

    def read(self) -> list[Act]:
        """Return the deeds in order."""
        actor, subordinate = None, False
        position = self._skip(0, OPENERS)
        if position < self._length and self._subjectless_is_self and self._opens_with_deed(position):
            actor = Actor.SELF
            self._add(actor, position, main=True)
            position += 1
        while position < self._length:
            word = self._words[position]
            if word not in TELLING and not word.endswith("ed"):
                position += 1
                continue
            if word in SUBORDINATORS and not self._is_object_that(position):
                subordinate, actor = True, None
            elif word in STOPS:
                subordinate = subordinate and word == "," and self._clause_goes_on(position)
            subject = self._subject_at(position)
            if subject is not None:
                actor, length = subject
                position = self._read_predicate(position + length, actor, main=not subordinate)
                continue
            if self._is_passive_at(position):
                position = self._read_passive(position, main=not subordinate)
                actor = None
                continue
            if actor is not None and self._is_coordinated_verb(position):
                self._add(actor, position, main=not subordinate)
            position += 1
        return self._acts

    def _add(self, actor: Actor, position: int, *, main: bool) -> None:
        self._acts.append(Act(actor, self._words[position], self._starts[position], main))

    def _opens_with_deed(self, position: int) -> bool:
        word = self._words[position]
        following = self._words[position + 1]
        if not is_past(word) or word in STATES or word in BE or word in AUXILIARIES:
            return False
        return (
            following not in BE
            and following not in {"by", "in", "on", "at", "was", "is", ":"}
            and (word != "left" or following != "")
        )

    def _is_object_that(self, position: int) -> bool:
        return self._words[position] in {"that", "as"} and self._words[position - 1] in BEFORE_OBJECT

    def _clause_goes_on(self, position: int) -> bool:
        """Tell whether a comma inside a side clause leaves it open: no deed has been told in it yet."""
        return not self._acts and position <= self._first_verb

    @cached_property
    def _first_verb(self) -> int:
        words = enumerate(self._words)
        return next((place for place, word in words if is_past(word) or word in BE), self._length)

    def _subject_at(self, position: int) -> tuple[Actor, int] | None:
        word, following = self._words[position], self._words[position + 1]
        if word == "i":
            joined = self._words[position - 1] == "and" and self._is_companion(position - 2)
            return (Actor.GROUP if joined else Actor.SELF), 1
        if word == "we" or (word == "us" and following in {"all", "both"}):
            return Actor.GROUP, 1
        if word in DETERMINERS:
            for length in (2, 3):
                noun = self._words[position + length - 1]
                if noun in GROUP_NOUNS and self._is_verb_like(position + length):
                    return Actor.GROUP, length
                if noun in PEOPLE and self._is_verb_like(position + length):
                    return Actor.OTHER, length
        if word in OTHERS and self._is_verb_like(position + 1):
            return Actor.OTHER, 1
        return None

    def _is_companion(self, position: int) -> bool:
        """Tell whether a subject ends here which "and I" goes on with: somebody is named, and no verb came before."""
        word = self._words[position]
        if not word or word in JOINERS or word in ADVERBS:
            return False
        for place in range(position, max(-1, position - _MARGIN), -1):
            word = self._words[place]
            if word in STOPS or word in SUBORDINATORS:
                break
            if word in BE or word in AUXILIARIES or (is_past(word) and not self._is_attribute(place)):
                return False
        return True

    def _is_attribute(self, position: int) -> bool:
        """Tell whether a past participle stands before a noun: "the newly hired engineer"."""
        before = self._words[position - 1]
        return before in DETERMINERS or before.endswith("ly")

    def _is_verb_like(self, position: int) -> bool:
        word = self._words[position]
        while word in ADVERBS:
            position += 1
            word = self._words[position]
        return (
            is_past(word)
            or word in BE
            or word in AUXILIARIES
            or word in STATES
            or (word.endswith("s") and len(word) >= _SHORTEST_VERB)
        )

    def _read_predicate(self, position: int, actor: Actor, *, main: bool) -> int:
        """Read the verb after a subject; return where to go on."""
        position = self._skip(position, ADVERBS)
        while self._words[position] in MODALS:
            position = self._skip(position + 1, ADVERBS)
        if self._words[position] in FULL_AUXILIARIES:
            return self._read_auxiliary(position, actor, main=main)
        return self._read_verb(position, actor, main=main)

    def _read_auxiliary(self, position: int, actor: Actor, *, main: bool) -> int:
        """Read what follows a form of have or do."""
        word = self._words[position]
        after = self._skip(position + 1, ADVERBS)
        following = self._words[after]
        if following == "to" and word != "do":
            return self._read_infinitive(after, actor, main=main)
        emphatic = word in {"did", "do", "does"} and following.isalpha() and following not in DETERMINERS
        if is_participle(following) or is_past(following) or emphatic:
            return self._read_verb(after, actor, main=main)
        if word in {"did", "do"} or self._is_causative(after):
            self._add(actor, position, main=main)
        return position + 1

    def _read_verb(self, position: int, actor: Actor, *, main: bool) -> int:
        """Read a full verb and add its deed, unless it tells a state."""
        word = self._words[position]
        if word in BE:
            return self._read_copula(position, actor, main=main)
        if word in GET and is_participle(self._words[self._skip(position + 1, ADVERBS)]):
            return position + 2
        if word in CARRIERS and self._words[position + 1] == "to":
            return self._read_infinitive(position + 1, actor, main=main)
        if word and word.isalpha() and word not in STATES and word not in JOINERS and not word.endswith("ing"):
            self._add(actor, position, main=main)
        return position + 1

    def _is_causative(self, position: int) -> bool:
        """Tell whether `had` is followed by someone and a bare verb: "had the vendor replace the part"."""
        person, *rest = self._words[position + 1 : position + 4]
        return (
            self._words[position] in {"the", "my", "our", "each", "every"}
            and person in CAUSED
            and any(word.isalpha() and not word.endswith(("s", "ed", "ing")) and word not in NO_VERB for word in rest)
        )

    def _read_infinitive(self, position: int, actor: Actor, *, main: bool) -> int:
        verb = self._skip(position + 1, ADVERBS)
        if self._words[verb].isalpha() and self._words[verb] not in {"be", "have"}:
            self._add(actor, verb, main=main)
        return verb + 1

    def _read_copula(self, position: int, actor: Actor, *, main: bool) -> int:
        after = self._skip(position + 1, ADVERBS)
        word = self._words[after]
        if word == "able" and self._words[after + 1] == "to":
            return self._read_infinitive(after + 1, actor, main=main)
        if word.endswith("ing") and word[:-3] not in {"th", "be", "hav", "feel", "work", "liv", "go"} and len(word) > 4:  # noqa: PLR2004
            self._add(actor, after, main=main)
        elif actor is not Actor.SELF and is_participle(word) and word not in WAS_TOLD:
            return self._read_passive(position, main=main)
        return after + 1

    def _is_passive_at(self, position: int) -> bool:
        word = self._words[position]
        if word not in BE and word not in GET:
            return False
        after = self._skip(position + 1, BE_INSIDE)
        return is_participle(self._words[after])

    def _read_passive(self, position: int, *, main: bool) -> int:
        """Read a passive and those joined to it; an agent after `by` gets the deed."""
        verb = self._skip(position + 1, BE_INSIDE)
        actor = self._agent_after(verb)
        self._add(actor, verb, main=main)
        return verb + 1

    def _agent_after(self, position: int) -> Actor:
        for step in range(1, 6):
            word = self._words[position + step]
            if word in {",", ";", ".", "and", "but"}:
                break
            if word == "by":
                agent = self._words[position + step + 1]
                if agent in {"me", "myself"}:
                    return Actor.SELF
                if agent in {"us", "ourselves"}:
                    return Actor.GROUP
                return Actor.OTHER if not agent.endswith("ing") and not agent[:1].isdigit() else Actor.NOBODY
        return Actor.NOBODY

    def _is_coordinated_verb(self, position: int) -> bool:
        word = self._words[position]
        if not is_past(word) or word in STATES or word in AUXILIARIES or word in BE:
            return False
        before = position - 1
        while self._words[before] in ADVERBS:
            before -= 1
        return self._words[before] in JOINERS

    def _skip(self, position: int, words: frozenset[str] | set[str]) -> int:
        while self._words[position] in words:
            position += 1
        return position
