"""The environment, read once into one frozen object."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError

from app.domain import Depth, EngineChoice, Samples
from app.errors import Misconfigured

PREFIX = "COACH_"
_ROOM_S = 30.0  # for a free place among the calls to the model, the rules engine and the database
_IN_FILE = "_FILE"
_SHARED = {"api_key": "OPENAI_API_KEY", "base_url": "OPENAI_BASE_URL", "model": "OPENAI_MODEL"}

AnswerForm = Literal["auto", "bounded-schema", "schema", "object", "text"]
Seconds = Annotated[float, Field(gt=0, le=3600)]
Count = Annotated[int, Field(ge=1)]
Dollars = Annotated[float, Field(gt=0, le=1_000_000)]


def split_names(value: object) -> object:
    """Turn names with commas between them into a list."""
    return [name.strip() for name in value.split(",") if name.strip()] if isinstance(value, str) else value


Names = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], BeforeValidator(split_names)]


def default_database_url() -> str:
    """Return the URL of the embedded database in the user's own data folder."""
    import platformdirs  # noqa: PLC0415 - only who opens the embedded database asks for its place

    return f"sqlite:///{Path(platformdirs.user_data_path('star-story-coach')) / 'coach.db'}"


def default_cache_dir() -> Path:
    """Return the user's own cache folder, where the command keeps a model's answers."""
    import platformdirs  # noqa: PLC0415 - as above

    return Path(platformdirs.user_cache_path("star-story-coach"))


class Settings(BaseModel):
    """Everything that can be set from outside; secrets never show in `repr` or in errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    database_url: SecretStr = Field(default_factory=lambda: SecretStr(default_database_url()))
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    max_body_bytes: Annotated[int, Field(ge=1024)] = 256 * 1024
    max_story_chars: Annotated[int, Field(ge=100)] = 40_000
    reading_processes: Annotated[int, Field(ge=0, le=64)] | None = None
    max_assessments: Annotated[int, Field(ge=1, le=10_000)] = 64
    max_wait_s: Annotated[float, Field(ge=0, le=60)] = 2.0
    max_assessment_s: Seconds | None = None

    jobs: Literal["auto", "in-process", "off"] = "auto"
    executor_id: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._-]+$")] | None = None
    worker_concurrency: Annotated[int, Field(ge=1, le=1000)] = 16
    global_concurrency: Annotated[int, Field(ge=1, le=100_000)] | None = None
    drain_s: Seconds | None = None
    max_batch_stories: Annotated[int, Field(ge=1, le=100_000)] = 10_000
    max_batch_bytes: Annotated[int, Field(ge=1024)] = 64 * 1024 * 1024

    webhook_hosts: Names = ()
    webhook_secret: SecretStr | None = None
    webhook_previous_secret: SecretStr | None = None
    webhook_loopback: bool = False

    engine: EngineChoice = "auto"
    rubric: str = "leadership-principles"
    rubrics_dir: Path | None = None
    prompts_dir: Path | None = None

    api_key: SecretStr | None = None
    base_url: str | None = None
    model: str = "gpt-5-mini"
    fallback_models: Names = ()
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    seed: int | None = None
    depth: Depth = Depth.QUICK
    samples: Samples = 1
    cache_dir: Path | None = None
    cache_max_bytes: Annotated[int, Field(ge=0)] = 256 * 1024 * 1024
    cache_max_age_days: Annotated[float, Field(ge=0, le=3650)] = 30.0
    max_output_tokens: Annotated[int, Field(ge=256)] = 4096
    max_notes: Annotated[int, Field(ge=1, le=32)] = 32
    answer_form: AnswerForm = "auto"
    max_attempts: Annotated[int, Field(ge=1, le=10)] = 3
    deadline_s: Seconds = 60.0
    attempt_timeout_s: Seconds = 40.0
    max_response_bytes: Annotated[int, Field(ge=1024)] = 2 * 1024 * 1024
    max_model_calls: Annotated[int, Field(ge=1, le=1000)] = 16
    requests_per_minute: Count | None = None
    tokens_per_minute: Count | None = None
    prices_file: Path | None = None
    max_cost_usd: Dollars | None = None
    max_total_tokens: Count | None = None
    daily_cost_usd: Dollars | None = None
    daily_tokens: Count | None = None
    user_daily_cost_usd: Dollars | None = None
    user_daily_tokens: Count | None = None
    server_key: SecretStr | None = None
    server_deadline_s: Seconds = 600.0
    batch_poll_s: Seconds = 30.0
    trust_env: bool = False
    allow_http: bool = False

    @property
    def is_database_embedded(self) -> bool:
        """Tell whether the database is the one in the user's own data folder, which the service may upgrade itself."""
        return self.database_url.get_secret_value() == default_database_url()

    @property
    def runs_jobs(self) -> bool:
        """Tell whether the service works on batches itself: unless told otherwise, with the embedded database."""
        return self.is_database_embedded if self.jobs == "auto" else self.jobs == "in-process"

    @property
    def longest_drain_s(self) -> float:
        """Return how long work that has begun may take to end when the process is told to stop."""
        return self.drain_s or self.deadline_s + _ROOM_S

    @property
    def longest_assessment_s(self) -> float:
        """Return how long a caller may be kept waiting for an assessment: the model's deadline, and room for a turn."""
        return self.max_assessment_s or self.deadline_s + _ROOM_S

    @property
    def longest_claim_s(self) -> float:
        """Return how long an `Idempotency-Key` stays taken when its process dies: twice what a request may last.

        A lease that ends before its request would let the same one be paid for twice; machines' clocks may differ too.
        """
        return 2 * (self.max_wait_s + self.longest_assessment_s) + _ROOM_S

    @property
    def has_model(self) -> bool:
        """Tell whether an endpoint is configured: a key, or a base URL of a server that needs none."""
        return self.api_key is not None or self.base_url is not None


_SECRETS = frozenset(
    name
    for name, field in Settings.model_fields.items()
    if SecretStr in (field.annotation, *get_args(field.annotation))
)


def find_variables(environment: Mapping[str, str]) -> dict[str, str]:
    """Return which variable of an environment speaks for which setting; an empty one says nothing.

    A setting's variable is its name with the prefix `COACH_`. That of a secret may have `_FILE` at its end and name a
    file, as a container gets its secrets. The three names that other OpenAI clients use
    (`OPENAI_API_KEY`, `OPENAI_BASE_URL`, `OPENAI_MODEL`) are read where that is not set.
    """
    found: dict[str, str] = {}
    for name in Settings.model_fields:
        own = f"{PREFIX}{name.upper()}"
        for variable in (own, f"{own}{_IN_FILE}" if name in _SECRETS else "", _SHARED.get(name, "")):
            if name not in found and environment.get(variable):
                found[name] = variable
    return found


def load_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the environment.

    Raises:
        Misconfigured: A value does not fit; names the variable, never its value.
    """
    variables = find_variables(environment)
    try:
        return Settings.model_validate(
            {name: _read(name, variable, environment) for name, variable in variables.items()}
        )
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = str(first["loc"][0]) if first["loc"] else "?"
        raise Misconfigured(f"{variables.get(name, name)}: {first['msg']}", slug="bad-setting") from None


def _read(name: str, variable: str, environment: Mapping[str, str]) -> str:
    value = environment[variable]
    if name not in _SECRETS or not variable.endswith(_IN_FILE):
        return value
    try:
        content = Path(value).read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        content = ""
    if not content:
        raise Misconfigured(f"{variable}: the file can't be read, or is empty", slug="bad-setting")
    return content
