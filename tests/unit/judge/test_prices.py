import json
import re
from pathlib import Path
from typing import Any

import pytest

from app.errors import Misconfigured
from app.judge.prices import Price, load_prices


def write(folder: Path, value: Any) -> Path:
    path = folder / "prices.json"
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return path


def test_a_call_costs_what_the_table_says_to_the_billionth():
    price = load_prices().find("gpt-5-mini")
    assert price is not None
    assert price.nanousd(1_000_000, 0) == 250_000_000
    assert price.nanousd(0, 1_000_000) == 2_000_000_000
    assert price.nanousd(1_000_000, 0, cached_tokens=1_000_000) == 25_000_000
    assert price.nanousd(1, 0) == 250


def test_cached_tokens_without_a_price_cost_what_others_do():
    assert Price(input=1, output=2).nanousd(10, 0, cached_tokens=10) == 10_000


def test_a_dated_name_is_the_same_model_and_an_unknown_one_has_no_price():
    prices = load_prices()
    assert prices.find("gpt-4o-mini-2024-07-18") == prices.find("gpt-4o-mini")
    assert prices.find("llama-3.2-1b-instruct") is None
    assert prices.find("") is None


def test_the_shipped_table_is_dated_and_says_where_to_look():
    assert load_prices().dated == "2026-11"


def test_every_shipped_price_has_a_date_and_a_source_that_is_explained():
    prices = load_prices()
    for name, price in prices.models.items():
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", price.dated or ""), name
        assert price.source in prices.sources, name
    assert {price.source for price in prices.models.values()} == set(prices.sources)


def test_the_operators_prices_come_first_and_the_others_stay(tmp_path: Path):
    models = {"gpt-5-mini": {"input": 9, "output": 9}, "own": {"input": 0, "output": 0}}
    prices = load_prices(write(tmp_path, {"dated": "2026-12", "models": models}))
    assert prices.find("gpt-5-mini") == Price(input=9, output=9)
    assert prices.find("own") == Price(input=0, output=0)
    assert prices.find("gpt-5") is not None


@pytest.mark.parametrize(
    "value",
    [
        "",
        "{",
        "[]",
        {"models": {}},
        {"dated": "2026-12", "models": {"m": {"input": -1, "output": 1}}},
        {"dated": "2026-12", "models": {"m": {"input": 1}}},
        {"dated": "2026-12", "models": {"m": {"input": "much", "output": 1}}},
        '{"dated": "2026-12", "models": {"m": {"input": NaN, "output": 1}}}',
        '{"dated": "2026-12", "models": {"m": {"input": 1, "input": 2, "output": 1}}}',
    ],
)
def test_a_file_that_can_not_be_used_is_refused(tmp_path: Path, value: Any):
    with pytest.raises(Misconfigured, match="COACH_PRICES_FILE"):
        load_prices(write(tmp_path, value))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path):
    with pytest.raises(Misconfigured, match="COACH_PRICES_FILE"):
        load_prices(tmp_path / "none.json")
