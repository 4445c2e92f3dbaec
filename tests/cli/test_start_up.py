"""What a command loads: nothing that it does not use."""

import json
import subprocess
import sys

from tests.cli.conftest import STRONG

PROBE = """
import json, sys
from app.cli.command import run
code = run({arguments!r})
print(json.dumps([code, sorted(sys.modules)]), file=sys.stderr)
"""
HEAVY = {"openai", "httpx", "httpx2", "fastapi", "starlette", "uvicorn", "sqlmodel", "sqlalchemy", "alembic", "psycopg"}


def modules_after(*arguments):
    program = PROBE.format(arguments=list(arguments))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=60, check=True)
    code, modules = json.loads(done.stderr.splitlines()[-1])
    assert code == 0
    return set(modules)


def test_the_rules_engine_loads_neither_model_nor_service_nor_database():
    loaded = modules_after("score", str(STRONG), "--engine", "rules")
    assert not loaded & (HEAVY | {"rich", "jinja2", "tenacity", "pathspec"})


def test_the_version_is_told_without_loading_the_domain():
    assert not modules_after("--version") & (HEAVY | {"rich", "pydantic", "yaml", "asyncio"})


def test_rubrics_are_checked_without_model_service_or_database():
    assert not modules_after("rubrics", "list") & HEAVY
