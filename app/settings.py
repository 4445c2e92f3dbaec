"""The environment, read once into one frozen object."""

from pathlib import Path
from typing import Annotated, Literal

import platformdirs
from pydantic import AliasChoices, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.domain import EngineChoice
from app.errors import Misconfigured

Seconds = Annotated[float, Field(gt=0, le=3600)]


def default_database_url() -> str:
    """Return the URL of the embedded database in the user's own data folder."""
    return f"sqlite:///{Path(platformdirs.user_data_path('star-story-coach')) / 'coach.db'}"


class Settings(BaseSettings):
    """Everything that can be set from outside; names carry the prefix `COACH_`.

    The three names that other OpenAI clients use (`OPENAI_API_KEY`, `OPENAI_BASE_URL`, `OPENAI_MODEL`) are read too;
    the `COACH_` name wins. Secrets never show in `repr`.
    """

    model_config = SettingsConfigDict(env_prefix="COACH_", frozen=True, extra="ignore", populate_by_name=True)

    database_url: SecretStr = Field(default_factory=lambda: SecretStr(default_database_url()))
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    max_body_bytes: Annotated[int, Field(ge=1024)] = 256 * 1024
    max_story_chars: Annotated[int, Field(ge=100)] = 40_000
    max_assessments: Annotated[int, Field(ge=1, le=10_000)] = 64

    engine: EngineChoice = "auto"
    rubric: str = "leadership-principles"
    rubrics_dir: Path | None = None
    prompts_dir: Path | None = None

    api_key: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("api_key", "COACH_API_KEY", "OPENAI_API_KEY")
    )
    base_url: str | None = Field(
        default=None, validation_alias=AliasChoices("base_url", "COACH_BASE_URL", "OPENAI_BASE_URL")
    )
    model: str = Field(default="gpt-5-mini", validation_alias=AliasChoices("model", "COACH_MODEL", "OPENAI_MODEL"))
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    seed: int | None = None
    max_output_tokens: Annotated[int, Field(ge=256)] = 4096
    max_attempts: Annotated[int, Field(ge=1, le=10)] = 3
    deadline_s: Seconds = 60.0
    attempt_timeout_s: Seconds = 40.0
    max_response_bytes: Annotated[int, Field(ge=1024)] = 2 * 1024 * 1024
    max_model_calls: Annotated[int, Field(ge=1, le=1000)] = 16
    trust_env: bool = False
    allow_http: bool = False

    @property
    def is_database_embedded(self) -> bool:
        """Tell whether the database is the one in the user's own data folder, which the service may upgrade itself."""
        return self.database_url.get_secret_value() == default_database_url()

    @property
    def has_model(self) -> bool:
        """Tell whether an endpoint is configured: a key, or a base URL of a server that needs none."""
        return self.api_key is not None or self.base_url is not None


def load_settings() -> Settings:
    """Read the environment.

    Raises:
        Misconfigured: A value does not fit; names the setting, never its value.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = str(first["loc"][0]) if first["loc"] else "?"
        shown = name if name.isupper() else f"COACH_{name.upper()}"
        raise Misconfigured(f"{shown}: {first['msg']}", slug="bad-setting") from None
