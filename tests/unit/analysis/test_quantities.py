import pytest
from hypothesis import given

from app.analysis.quantities import SIZES, Measure, find_quantities
from tests.unit.analysis.texts import arbitrary_texts, unhurried


def found(text: str) -> list[tuple[str, str]]:
    return [(quantity.measure.value, quantity.text) for quantity in find_quantities(text)]


@unhurried
@given(arbitrary_texts)
def test_quantities_are_exact_stretches_in_order(text: str):
    reached = 0
    for quantity in find_quantities(text):
        assert reached <= quantity.start < quantity.end <= len(text)
        assert text[quantity.start : quantity.end] == quantity.text
        assert "\x00" not in quantity.text or "\x00" in text
        reached = quantity.end


@pytest.mark.parametrize(
    ("sentence", "quantities"),
    [
        ("Errors fell by 12.5 %.", [("percent", "12.5 %")]),
        ("Errors fell by twenty per cent.", [("percent", "twenty per cent")]),
        ("It rose by 3 percentage points.", [("percent", "3 percentage points")]),
        ("We halved the waiting time.", [("percent", "halved")]),
        ("It took half of the night.", [("percent", "half of the")]),
        ("We had a third fewer calls.", [("percent", "a third")]),
        ("It saved £40k.", [("money", "£40k")]),
        ("It saved 1.2 million euros.", [("money", "1.2 million euros")]),
        ("It cost us 300 bucks.", [("money", "300 bucks")]),
        ("In the end nine out of ten agreed.", [("count", "nine out of ten")]),
        ("About three in ten were late.", [("count", "three in ten")]),
        ("It ran 4x faster.", [("count", "4x")]),
        ("Some 1,250 parcels arrived.", [("count", "1,250")]),
        ("The page loads in 680ms.", [("duration", "680ms")]),
        ("It takes ninety seconds.", [("duration", "ninety seconds")]),
        ("It held for six weeks.", [("timeframe", "six weeks")]),
        ("It was gone three months later.", [("timeframe", "three months")]),
        ("It fell from 40 minutes to 13.", [("baseline", "40 minutes to 13")]),
        ("Refunds went from nine days down to two.", [("baseline", "nine days down to two")]),
        ("Errors: 25 -> 4", [("baseline", "25 -> 4")]),
        ("It takes 4 days instead of 11.", [("baseline", "4 days instead of 11")]),
        ("It was 18 %, up from 6 %.", [("baseline", "18 %, up from 6 %")]),
        ("Saved 1.5 hours a day.", [("duration", "1.5 hours")]),
        ("Reduced 0.5% of the loss.", [("percent", "0.5%")]),
        ("About 2.5 orders an hour came in.", [("count", "2.5")]),
        ("Half of the team left.", [("percent", "Half of the")]),
        ("“Half of the team left,” she said.", [("percent", "Half of the")]),
        ("Three months later it held.", [("timeframe", "Three months")]),
        ("Nine out of ten agreed.", [("count", "Nine out of ten")]),
        ("Doubled the rate.", [("percent", "Doubled")]),
        ("A third of the calls went.", [("percent", "A third")]),
        ("In May 1,000 people came.", [("count", "1,000")]),
        ("In May 12 orders were late.", [("count", "12")]),
        ("On May 12, 300 orders were late.", [("count", "300")]),
        ("At 5 a.m. 300 orders were late.", [("count", "300")]),
        ("We sold 1\u202f000 units.", [("count", "1\u202f000")]),
    ],
)
def test_what_measures_is_found_with_its_kind(sentence, quantities):
    assert found(sentence) == quantities


@pytest.mark.parametrize(
    "sentence",
    [
        "I joined in 2019.",
        "On 15 November we met.",
        "It was due on 2024-03-31.",
        "We met at 10:30 in room 12.",
        "It was 5 a.m. when the phone rang.",
        "At two in the morning I got up.",
        "We meet at 9 AM daily.",
        "I worked from 9 to 5 p.m. then.",
        "At 5.30 a.m. it rang.",
        "On May 12 we met.",
        "In May 12, 2021 they sat down.",
        "In May 2021 we met.",
        "A 120-person team agreed.",
        "Team of seven, one office.",
        "Two of them agreed.",
        "We went from Java 1.8 to Java 11.0.2.",
        "I work in a team of seven.",
        "My 5-person team agreed.",
        "We moved to Python 3.12.",
        "Ticket #4711 was closed.",
        "ISO 9001 asks for it.",
        "It was a SEV-2 at level L6.",
        "We planned it for Q3 FY24.",
        "Version 2.3.1 had the fault.",
        "One of my colleagues called.",
        "Nobody could tell which one it was.",
        "A year had passed like a day.",
        "",
        "I fixed it.",
    ],
)
def test_dates_names_versions_and_sizes_of_teams_measure_nothing(sentence):
    assert found(sentence) == []


def test_a_list_s_numeral_is_no_quantity():
    assert found("1. Read the logs") == []


def test_a_before_and_after_is_one_quantity():
    assert [measure for measure, _ in found("It fell from 5 percent to under 1 percent in 6 weeks.")] == [
        "baseline",
        "timeframe",
    ]


def test_everything_but_a_time_frame_can_size_an_outcome():
    assert set(Measure) - SIZES == {Measure.TIMEFRAME}


@pytest.mark.parametrize(("number", "kind"), [("1,000", "count"), ("1.000", "count"), ("1’000", "count")])
def test_thousands_are_grouped_in_any_country_s_way(number, kind):
    assert found(f"The dock took in {number} parcels.") == [(kind, number)]
