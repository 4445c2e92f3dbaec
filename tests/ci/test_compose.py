"""`docker-compose.yml`: a valid file whose parts are locked down, in order, and run what the command really has."""

import re
import subprocess
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from app.http.serve import GRACE_S
from app.settings import Settings
from tests.ci.schemas import find_complaints
from tests.postgresql import PostgresServer
from tests.provide import provide_postgresql

FILE = Path("docker-compose.yml")
COMPOSE: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if name != "db"}
WORKERS = {name: service for name, service in OURS.items() if name.startswith("worker-")}


def test_the_file_is_what_compose_reads():
    assert find_complaints("vendor.compose-spec", FILE) == ""


def test_there_is_one_api_and_two_workers_before_one_database():
    assert set(SERVICES) == {"db", "migrate", "api", "worker-1", "worker-2"}


@pytest.mark.parametrize("name", SERVICES)
def test_each_part_is_locked_down(name: str):
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not re.match(r"0\b|root", service["user"])
    assert "privileged" not in service
    if name != "api":
        assert "ports" not in service


def test_the_api_is_published_on_this_machine_only_and_the_database_nowhere():
    assert SERVICES["api"]["ports"] == ["127.0.0.1:${COACH_PORT:-8000}:8000"]
    assert SERVICES["db"]["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"]["internal"] is True


def test_the_schema_is_upgraded_once_before_anything_serves():
    assert SERVICES["migrate"]["restart"] == "no"
    assert SERVICES["migrate"]["depends_on"] == {"db": {"condition": "service_healthy"}}
    for name in ("api", *WORKERS):
        assert SERVICES[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
        assert "--upgrade" not in SERVICES[name]["command"]


def test_no_two_workers_have_the_same_id():
    assert [service["environment"]["COACH_EXECUTOR_ID"] for service in WORKERS.values()] == list(WORKERS)


def test_each_part_has_as_long_to_stop_as_it_takes():
    def seconds(name: str) -> float:
        return float(SERVICES[name]["stop_grace_period"].removesuffix("s"))

    assert all(seconds(name) > Settings().longest_drain_s for name in WORKERS)
    assert seconds("api") > GRACE_S


def test_secrets_come_from_files_and_settings_exist():
    known = {f"COACH_{name.upper()}" for name in Settings.model_fields}
    for service in OURS.values():
        for variable, value in service["environment"].items():
            assert variable.removesuffix("_FILE") in known, variable
            if "KEY" in variable or "URL_FILE" in variable or "SECRET" in variable:
                assert value.removeprefix("/run/secrets/") in service["secrets"]
    assert all(list(secret) == ["file"] for secret in COMPOSE["secrets"].values())
    assert "/secrets/" in Path(".gitignore").read_text(encoding="utf-8").split()


@pytest.mark.parametrize("name", OURS)
def test_what_a_part_runs_is_in_the_command(name: str):
    program, *words = OURS[name]["command"]
    verbs = [word for word in words if re.fullmatch("[a-z]+", word)]
    environment = {"PATH": str(Path(".venv/bin").absolute()), "COLUMNS": "200", "TERM": "dumb"}
    done = subprocess.run(
        [program, *verbs, "--help"], capture_output=True, text=True, timeout=60, check=True, env=environment
    )
    for option in (word for word in words if word.startswith("--")):
        assert re.search(rf"{option}\b", done.stdout), option


@pytest.mark.postgres
def test_the_services_role_owns_its_database_and_is_no_superuser(postgres: PostgresServer, tmp_path: Path):
    secret = tmp_path / "password"
    secret.write_text("it's; a \\ password\n")
    script = COMPOSE["configs"]["role"]["content"].replace("/run/secrets/database_password", str(secret))
    script = re.sub(r"\bcoach\b", "composed", script)  # the tests' own role has the name already
    psql = provide_postgresql() / "psql"
    command = [psql, "--no-psqlrc", "--set=ON_ERROR_STOP=1", f"--host={postgres.folder}", "--username=postgres"]
    try:
        subprocess.run(command, input=script, text=True, check=True, capture_output=True, timeout=60)
        with psycopg.connect(host=str(postgres.folder), user="composed", dbname="composed") as connection:
            row = connection.execute(
                "SELECT rolsuper, rolbypassrls, rolname FROM pg_roles JOIN pg_database ON datdba = pg_roles.oid "
                "WHERE datname = current_database()"
            ).fetchone()
        assert row == (False, False, "composed")
    finally:
        postgres.run("DROP DATABASE IF EXISTS composed")
        postgres.run("DROP ROLE IF EXISTS composed")
