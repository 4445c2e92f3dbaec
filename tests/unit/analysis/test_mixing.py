import json

from hypothesis import given
from hypothesis import strategies as st

from app.analysis.lanes import Lanes
from app.analysis.mixing import Mixer
from app.analysis.weights import Weights
from tests.unit.analysis.texts import unhurried

WIDTH = 3
BESIDE, NOWHERE = -64, -96

amounts = st.lists(st.integers(-110, 110), min_size=WIDTH, max_size=WIDTH)


def pack(rows: list[list[int]]) -> Weights:
    names = "\n".join(f"row {number}" for number in range(len(rows))).encode()
    header = {
        "outputs": [f"o{number}" for number in range(WIDTH)],
        "scales": [1.0] * WIDTH,
        "bias": [1.0, 2.0, 3.0],
        "names": len(names),
    }
    body = bytes(value + 128 for row in rows for value in row)
    return Weights(b"star-story-coach weights 1\n" + json.dumps(header).encode() + b"\n" + names + body)


def highest(rows: list[list[int]]) -> list[int]:
    return [max(column) for column in zip(*rows, strict=True)] if rows else [NOWHERE] * WIDTH


@unhurried
@given(
    st.lists(st.lists(st.integers(-128, 127), min_size=WIDTH, max_size=WIDTH), min_size=5 * WIDTH, max_size=5 * WIDTH),
    st.lists(amounts, max_size=8),
)
def test_each_sentence_gets_the_sum_of_all_rows_times_what_is_around_it(rows: list[list[int]], found: list[list[int]]):
    beside = [BESIDE] * WIDTH
    padded = [beside, *found, beside]
    expected: list[list[float]] = []
    for number, here in enumerate(found):
        around = [*here, *padded[number], *padded[number + 2], *highest(found[:number]), *highest(found[number + 1 :])]
        expected.append(
            [
                1.0 + column + sum(amount * row[column] for amount, row in zip(around, rows, strict=True))
                for column in range(WIDTH)
            ]
        )

    assert list(Mixer(pack(rows), beside=BESIDE, nowhere=NOWHERE).mix(found)) == expected


@unhurried
@given(st.lists(st.integers(-(10**6), 10**6), min_size=WIDTH, max_size=WIDTH), st.integers(-100, 100))
def test_a_row_is_unpacked_as_it_was_packed_and_multiplied(row: list[int], times: int):
    lanes = Lanes(WIDTH)

    assert lanes.unpack(times * lanes.pack(row)) == tuple(times * number for number in row)


def test_bytes_are_spread_to_a_row_each():
    lanes = Lanes(WIDTH)

    assert lanes.unpack(lanes.spread(bytes([0, 128, 255]))) == (0, 128, 255)
