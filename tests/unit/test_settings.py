import pytest

from app.errors import Misconfigured
from app.settings import Settings, find_variables, load_settings


def test_everything_has_a_default_that_needs_no_server_and_no_key():
    settings = load_settings({})
    assert settings == Settings()
    assert settings.engine == "auto"
    assert not settings.has_model
    assert settings.is_database_embedded
    assert settings.database_url.get_secret_value().startswith("sqlite:///")


def test_values_are_read_in_their_types():
    settings = load_settings(
        {
            "COACH_PORT": "9000",
            "COACH_DEADLINE_S": "2.5",
            "COACH_ENGINE": "rules",
            "COACH_RUBRICS_DIR": "/srv/rubrics",
            "COACH_TRUST_ENV": "true",
            "COACH_SEED": "7",
        }
    )
    assert (settings.port, settings.deadline_s, settings.engine, settings.seed) == (9000, 2.5, "rules", 7)
    assert str(settings.rubrics_dir) == "/srv/rubrics"
    assert settings.trust_env is True


@pytest.mark.parametrize("name", ["API_KEY", "BASE_URL", "MODEL"])
def test_the_names_of_other_clients_are_read_and_the_own_name_wins(name):
    def value(environment):
        found = getattr(load_settings(environment), name.lower())
        return found.get_secret_value() if name == "API_KEY" else found

    assert value({f"OPENAI_{name}": "https://theirs"}) == "https://theirs"
    assert value({f"OPENAI_{name}": "https://theirs", f"COACH_{name}": "https://ours"}) == "https://ours"
    assert value({f"OPENAI_{name}": "https://theirs", f"COACH_{name}": ""}) == "https://theirs"


def test_an_empty_variable_says_nothing():
    settings = load_settings({"COACH_PORT": "", "OPENAI_API_KEY": ""})
    assert settings.port == 8000
    assert not settings.has_model


@pytest.mark.parametrize("variable", ["OPENAI_API_KEY", "OPENAI_BASE_URL", "COACH_BASE_URL"])
def test_a_key_or_an_address_makes_a_model(variable):
    assert load_settings({variable: "https://models"}).has_model


def test_another_database_is_not_the_embedded_one():
    assert not load_settings({"COACH_DATABASE_URL": "sqlite:////data/coach.db"}).is_database_embedded


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("COACH_PORT", "secret-port"),
        ("COACH_PORT", "70000"),
        ("COACH_ENGINE", "secret-engine"),
        ("COACH_DEADLINE_S", "0"),
        ("COACH_DEADLINE_S", "nan"),
        ("COACH_MAX_ATTEMPTS", "11"),
        ("COACH_LOG_LEVEL", "secret-level"),
    ],
)
def test_a_value_that_does_not_fit_is_named_and_not_shown(variable, value):
    with pytest.raises(Misconfigured) as caught:
        load_settings({variable: value})
    assert caught.value.detail.startswith(f"{variable}: ")
    assert "secret" not in caught.value.detail
    assert caught.value.__cause__ is None
    assert caught.value.slug == "bad-setting"


def test_settings_can_not_be_changed_and_an_unknown_one_is_refused():
    settings = Settings()
    with pytest.raises(ValueError, match="frozen"):
        settings.port = 1
    with pytest.raises(ValueError, match="Extra inputs"):
        Settings.model_validate({"colour": "red"})


def test_secrets_do_not_show():
    settings = load_settings({"COACH_API_KEY": "sk-canary", "COACH_DATABASE_URL": "postgresql+psycopg://u:canary@h/d"})
    assert "canary" not in repr(settings) + str(settings) + settings.model_dump_json()


def test_which_variable_speaks_for_which_setting_can_be_told():
    environment = {"OPENAI_API_KEY": "k", "COACH_PORT": "1", "COACH_NONSENSE": "x", "HOME": "/"}
    assert find_variables(environment) == {"port": "COACH_PORT", "api_key": "OPENAI_API_KEY"}


def test_a_secret_may_be_the_content_of_a_file(tmp_path):
    (tmp_path / "key").write_text("sk-one\n")
    (tmp_path / "url").write_text("sqlite:////data/coach.db")
    environment = {"COACH_API_KEY_FILE": f"{tmp_path}/key", "COACH_DATABASE_URL_FILE": f"{tmp_path}/url"}
    settings = load_settings({**environment, "OPENAI_API_KEY": "sk-other"})
    assert settings.api_key is not None
    assert settings.api_key.get_secret_value() == "sk-one"
    assert settings.database_url.get_secret_value() == "sqlite:////data/coach.db"
    assert find_variables(environment)["api_key"] == "COACH_API_KEY_FILE"
    told = load_settings({**environment, "COACH_API_KEY": "sk-told"}).api_key
    assert told is not None
    assert told.get_secret_value() == "sk-told"


@pytest.mark.parametrize("content", [None, b"", b"\n", b"\xff"])
def test_a_secrets_file_that_says_nothing_is_named(tmp_path, content):
    path = tmp_path / "key"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(Misconfigured, match="COACH_API_KEY_FILE: the file can't be read, or is empty"):
        load_settings({"COACH_API_KEY_FILE": str(path)})


def test_only_secrets_come_from_files(tmp_path):
    (tmp_path / "port").write_text("9000")
    assert load_settings({"COACH_PORT_FILE": str(tmp_path / "port")}).port == 8000
