"""What an endpoint has shown to understand, so that no refused parameter is sent twice."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any, NamedTuple


class Form(IntEnum):
    """How the answer's form is asked for, strongest first.

    Some services take a strict schema only without lengths, some take JSON without a schema, some take neither.
    """

    BOUNDED_SCHEMA = 0
    SCHEMA = 1
    OBJECT = 2
    TEXT = 3

    @property
    def word(self) -> str:
        """The name in settings and records."""
        return self.name.lower().replace("_", "-")


def find_form(word: str) -> Form | None:
    """Return the form of a name; None for any other word."""
    return next((form for form in Form if form.word == word), None)


class Options(NamedTuple):
    """What the operator asked for beyond the defaults.

    Attributes:
        form: How answers are asked for at first; None for what suits the endpoint.
    """

    temperature: float | None
    seed: int | None
    form: Form | None = None


class AnswerSchema(NamedTuple):
    """The form of an answer.

    Attributes:
        bounded: With bounds on every list and text.
        lean: Without bounds on texts.
        longest: Characters of the longer one, written as JSON.
    """

    name: str
    bounded: dict[str, Any]
    lean: dict[str, Any]
    longest: int = 0


_CAPS: Mapping[str, str | None] = {"max_completion_tokens": "max_tokens", "max_tokens": None}


@dataclass(frozen=True, slots=True)
class Dialect:
    """The parameters that one model at one endpoint takes.

    Attributes:
        form: How the answer's form is asked for.
        cap: The name of the limit on output tokens; None sends no limit.
    """

    form: Form = Form.BOUNDED_SCHEMA
    cap: str | None = "max_completion_tokens"
    temperature: bool = True
    seed: bool = True

    @property
    def enforces_schema(self) -> bool:
        """Tell whether the schema goes with the request; otherwise the prompt must show it."""
        return self.form <= Form.SCHEMA

    def parameters(self, schema: AnswerSchema, options: Options, cap: int) -> dict[str, Any]:
        """Return the optional parameters of a request."""
        chosen: dict[str, Any] = {}
        if self.enforces_schema:
            body = schema.bounded if self.form is Form.BOUNDED_SCHEMA else schema.lean
            wrapped = {"name": schema.name, "strict": True, "schema": body}
            chosen["response_format"] = {"type": "json_schema", "json_schema": wrapped}
        elif self.form is Form.OBJECT:
            chosen["response_format"] = {"type": "json_object"}
        if self.cap is not None:
            chosen[self.cap] = cap
        if self.temperature and options.temperature is not None:
            chosen["temperature"] = options.temperature
        if self.seed and options.seed is not None:
            chosen["seed"] = options.seed
        return chosen

    def describe(self, options: Options, cap: int) -> dict[str, Any]:
        """Return the optional parameters of a request for the record, with a word for the form of the answer."""
        sent = self.parameters(AnswerSchema("", {}, {}), options, cap)
        if "response_format" in sent:
            sent["response_format"] = self.form.word
        return sent

    def without(self, name: str, used: "Dialect") -> "Dialect":
        """Return what is left once a parameter was refused.

        Args:
            name: The parameter that was refused.
            used: The dialect of the refused request; where this one differs already, another request learned the same.
        """
        if name == "response_format":
            return self if self.form > used.form else replace(self, form=Form(min(used.form + 1, Form.TEXT)))
        if name in _CAPS:
            return replace(self, cap=_CAPS[name]) if self.cap == name else self
        return replace(self, temperature=self.temperature and name != "temperature", seed=self.seed and name != "seed")
