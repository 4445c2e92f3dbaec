import hashlib
import json
import math
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.sections import OUTPUTS
from app.analysis.weights import Weights, WeightsError, load_weights, sigmoid, softmax, write_weights
from tests.unit.analysis.texts import unhurried

MODEL = files("app.analysis").joinpath("model")
TABLES = ("principles.bin", "sentences.bin", "words.bin")
MAGIC = b"star-story-coach weights 1\n"

whole = st.integers(-127, 127)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[list[int]], list[float]]:
    """Draw names, rows of whole weights and a scale for each column."""
    width = draw(st.integers(1, 25))
    rows = draw(st.lists(st.lists(whole, min_size=width, max_size=width), min_size=1, max_size=40))
    scales = draw(st.lists(st.floats(1e-4, 10), min_size=width, max_size=width))
    return [f"w {number}" for number in range(len(rows))], rows, scales


def pack(names: list[str], rows: list[list[int]], scales: list[float]) -> bytes:
    """Return a file of weights as the class docstring tells its shape."""
    header = {"outputs": [f"o{i}" for i in range(len(scales))], "scales": scales, "bias": [0.0] * len(scales)}
    joined = "\n".join(names).encode()
    head = json.dumps({**header, "names": len(joined)}).encode()
    return MAGIC + head + b"\n" + joined + bytes(value + 128 for row in rows for value in row)


@unhurried
@given(tables(), st.data())
def test_a_sum_is_the_plain_sum_of_the_rows(table, data: st.DataObject):
    names, rows, scales = table
    asked = data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=600))
    sums, known = Weights(pack(*table)).add(names[number] for number in asked)

    columns = range(len(scales))
    assert sums == [sum(rows[number][column] for number in asked) * scales[column] for column in columns]
    assert known == len(asked)


@pytest.mark.parametrize("extreme", [-127, 127])
@pytest.mark.parametrize("count", [0, 1, 249, 250, 251, 500, 501, 10_000])
def test_a_sum_of_any_length_neither_carries_over_nor_wraps(count, extreme):
    table = Weights(pack(["a", "b"], [[extreme, 0, -extreme], [1, 1, 1]], [1.0, 1.0, 1.0]))

    assert table.add(["a"] * count + ["b"]) == ([count * extreme + 1, 1, 1 - count * extreme], count + 1)


def test_unknown_names_add_nothing_and_are_not_counted():
    table = Weights(pack(["a", "ä b"], [[3], [4]], [0.5]))

    assert table.add(["x", "a", "", "A", "ä", "ä b"]) == ([3.5], 2)
    assert table.add([]) == table.add(["x"]) == ([0.0], 0)
    assert "ä b" in table
    assert "x" not in table


def test_a_table_keeps_nothing_from_one_sum_to_the_next():
    table = Weights(pack(["a", "b"], [[1, 2], [3, 4]], [1.0, 1.0]))

    assert [table.add(["a", "b"]), table.add(["b"]), table.add(["a", "b"])] == [([4, 6], 2), ([3, 4], 1), ([4, 6], 2)]


@unhurried
@given(
    st.lists(st.lists(st.floats(-50, 50), min_size=3, max_size=3), min_size=1, max_size=20),
    st.lists(st.floats(-5, 5), min_size=3, max_size=3),
)
def test_written_weights_are_read_back_to_half_a_step(rows, bias):
    names = [f"b wort {number} ü" for number in range(len(rows))]
    table = Weights(write_weights(names, rows, outputs=["x", "y", "z"], bias=bias, note={"licence": "Apache-2.0"}))

    assert (table.outputs, table.bias, table.header["licence"]) == (("x", "y", "z"), bias, "Apache-2.0")
    for name, row in zip(names, rows, strict=True):
        for column, value in enumerate(table.add([name])[0]):
            step = max(abs(other[column]) for other in rows) / 127
            assert value == pytest.approx(row[column], abs=step / 2 + 1e-9)


def test_a_column_of_zeros_can_be_written():
    raw = write_weights(["a"], [[0.0, 1.0]], outputs=["x", "y"], bias=[0.0, 0.0], note={})

    assert Weights(raw).add(["a"])[0] == [0.0, pytest.approx(1.0)]


def test_writing_the_same_weights_gives_the_same_bytes():
    once, again = (
        write_weights(["a"], [[0.1]], outputs=["x"], bias=[0.2], note={"b": "1", "a": "2"}) for _ in range(2)
    )

    assert once == again


HEADER = {"outputs": ["x", "y"], "scales": [1.0, 1], "bias": [0.0, 0], "names": 3}
HEADS = [
    b"",
    b"{",
    b"\xff",
    b"[]",
    b"null",
    b"[" * 100_000,
    *(
        json.dumps({k: v for k, v in {**HEADER, **changed}.items() if v is not None}).encode()
        for changed in (
            *({name: value} for name in HEADER for value in (None, "x", {}, [None], [[]], True)),
            {"outputs": []},
            {"outputs": [1, 2]},
            {"outputs": ["x"]},
            {"scales": [1.0]},
            {"scales": ["1", 1]},
            {"scales": [math.nan, 1.0]},
            {"bias": [0.0, 0.0, 0.0]},
            {"bias": [0.0, math.inf]},
            {"names": -4},
            {"names": 3.0},
            {"names": 99},
        )
    ),
]
GOOD = pack(["a", "b"], [[1, 2], [3, 4]], [1.0, 1.0])


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"PK\x03\x04",
        GOOD.replace(b"weights 1", b"weights 2"),
        GOOD[:-1],
        GOOD + b"\x80",
        GOOD.replace(b"\na\nb", b"\na\nb\nc"),
        GOOD.replace(b"\na\nb", b"\na\na"),
        GOOD.replace(b"\na\nb", b"\na\n\xff"),
        *(MAGIC + head + b"\na\nb\x81\x82\x83\x84" for head in HEADS),
    ],
)
def test_a_broken_file_is_refused(raw):
    with pytest.raises(WeightsError):
        Weights(raw)


def test_the_header_of_the_broken_files_is_good_but_for_one_thing():
    assert Weights(MAGIC + json.dumps(HEADER).encode() + b"\na\nb\x81\x82\x83\x84").add(["a"]) == ([1, 2], 1)


def test_lanes_are_read_from_the_lowest_on_every_machine():
    table = Weights(pack(["a"], [[1, 2, 3]], [1.0, 1.0, 1.0]))

    assert table.add(["a"] * 200)[0] == [200, 400, 600]


def test_the_shipped_files_are_those_that_are_locked():
    locked = json.loads(MODEL.joinpath("digests.lock").read_text(encoding="utf-8"))
    shipped = {item.name: hashlib.sha256(item.read_bytes()).hexdigest() for item in MODEL.iterdir()}

    assert shipped.pop("digests.lock")
    assert locked == shipped


@pytest.mark.parametrize("name", TABLES)
def test_a_shipped_table_loads_and_says_where_it_comes_from(name):
    table = load_weights(name)

    assert len(table.bias) == len(table.outputs) == len(set(table.outputs)) > 0
    assert table.header["licence"]
    assert all(math.isfinite(value) for value in table.bias)


@pytest.mark.parametrize("name", ["sentences.bin", "words.bin"])
def test_the_sentence_tables_have_a_column_for_each_role_and_sign(name):
    assert load_weights(name).outputs == OUTPUTS


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_a_probability_lies_between_0_and_1_and_grows_with_the_score(one: float, other: float):
    assert 0 <= sigmoid(min(one, other)) <= sigmoid(max(one, other)) <= 1
    assert sigmoid(one) + sigmoid(-one) == pytest.approx(1)


@given(st.lists(st.floats(-700, 700), min_size=1, max_size=12))
def test_probabilities_add_up_and_keep_the_order_of_the_scores(scores: list[float]):
    shares = softmax(scores)

    assert sum(shares) == pytest.approx(1)
    assert shares[scores.index(max(scores))] == max(shares)
