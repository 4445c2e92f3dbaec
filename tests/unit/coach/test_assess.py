import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import __version__
from app.catalog import Catalog
from app.coach.assess import Assessor
from app.domain import Assessment, Engine, EngineChoice, GapCode, Status, Story
from app.errors import CoachError, InvalidInput, Misconfigured, NotFound
from tests.faults import behaviours as do
from tests.faults.harness import open_test_judge
from tests.faults.server import ModelServer
from tests.unit.analysis.tales import TALES, WEAKER
from tests.unit.analysis.texts import arbitrary_texts, unhurried

CATALOG = Catalog()
TEXT = TALES["ward"].text
RULES = Assessor(CATALOG, judge=None, max_story_chars=5_000)
CANARY = "xylophone"

pytestmark = pytest.mark.anyio


def story(text: str = TEXT, **fields) -> Story:
    return Story(text=text, **fields)


def assess(text: str = TEXT, **fields) -> Assessment:
    return RULES.assess_by_rules(story(text, **fields))


@pytest.mark.parametrize(
    ("fields", "slug"),
    [
        ({"role": CANARY}, "unknown-role"),
        ({"role": "SDM"}, "unknown-role"),
        ({"level": CANARY}, "unknown-level"),
        ({"level": "l6"}, "unknown-level"),
        ({"principles": ("ownership", CANARY)}, "unknown-principle"),
        ({"text": f"{CANARY} " * 700}, "story-too-long"),
        ({"text": f"{TEXT}{CANARY}\x00"}, "not-text"),
        ({"text": f"{TEXT}{CANARY}\ud800"}, "not-text"),
        ({"text": f"\udfff{CANARY}{TEXT}"}, "not-text"),
    ],
)
async def test_what_can_t_be_assessed_is_refused_without_a_word_of_it(fields, slug):
    for attempt in (RULES.assess(story(**fields)), RULES.assess(story(**fields), engine="rules")):
        with pytest.raises(InvalidInput) as failure:
            await attempt
        assert failure.value.slug == slug
        assert CANARY not in failure.value.detail


@pytest.mark.parametrize(
    ("fields", "known"), [({"role": "x"}, "sdm"), ({"level": "x"}, "L6"), ({"principles": ("x",)}, "dive-deep")]
)
async def test_a_refusal_names_what_is_known(fields, known):
    with pytest.raises(InvalidInput, match=known):
        await RULES.assess(story(**fields))


async def test_a_story_of_just_the_longest_length_is_assessed():
    text = TEXT.ljust(5_000)

    assert (await RULES.assess(story(text))).status is Status.ASSESSED
    with pytest.raises(InvalidInput, match="5001 characters; 5000 are allowed"):
        await RULES.assess(story(text + " "))


async def test_a_model_that_is_not_configured_can_t_be_asked_for():
    with pytest.raises(Misconfigured) as failure:
        await RULES.assess(story(), engine="llm")

    assert failure.value.slug == "no-model"


@pytest.mark.parametrize("rubric", ["no-such", "leadership-principles/v999", "../../etc/passwd"])
async def test_a_rubric_that_is_not_there_is_not_found(rubric):
    with pytest.raises(NotFound):
        await RULES.assess(story(), rubric=rubric)


async def test_a_bad_target_is_refused_even_for_a_story_that_can_t_be_judged():
    with pytest.raises(InvalidInput):
        await RULES.assess(story("", role="x"))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        (" \r\n\t", "empty"),
        ("I fixed it.", "3 words"),
        ("去年冬天我负责调查订单延误的原因。我阅读了所有日志，并与同事讨论，最后更换了打印机。", "Latin letters"),
        ("qwf zxcv plmk trewq gfdsa hjkl mnbv poiu ytre wqas dfgh jklm nbvc xzaq swde frgt", "English"),
    ],
)
async def test_a_story_that_can_t_be_judged_gets_a_reason_and_no_score(text, reason):
    found = await RULES.assess(story(text, title="Night", path="a.md"))

    assert found.status is Status.NOT_ASSESSED
    assert reason in str(found.reason)
    assert found.summary == f"Not assessed: {found.reason}"
    assert (found.strength, found.star, found.principles, found.gaps) == (None, (), (), ())
    assert (found.story.title, found.story.path) == ("Night", "a.md")


async def test_the_same_story_gives_the_same_bytes_twice_and_in_any_way_of_asking():
    fresh = Assessor(Catalog(), judge=None, max_story_chars=40_000)
    found = [
        await RULES.assess(story()),
        await RULES.assess(story(), engine="rules", rubric="leadership-principles"),
        await fresh.assess(story(role="sdm", level="L6")),
        assess(),
    ]

    assert len({item.model_dump_json() for item in found}) == 1


def test_every_other_text_target_and_outcome_has_another_id():
    others = [
        assess(),
        assess(TEXT + " "),
        assess(TEXT.replace("\n", "\r\n")),
        assess(level="L7"),
        assess(role="sre"),
        assess(question="Tell me about a change you made."),
        assess(principles=("ownership",)),
        assess(principles=("ownership", "dive-deep")),
        assess(principles=("dive-deep", "ownership")),
        assess(""),
        assess(" "),
        RULES.decline(story(), "The model did not answer."),
        RULES.decline(story(), "The model answered nonsense."),
    ]

    assert len({item.id for item in others}) == len(others)


def test_where_a_story_came_from_does_not_change_its_id():
    named = assess(id="s1", title="A night", path="stories/a.md", first_line=7)

    assert named.id == assess().id
    assert (named.story.id, named.story.title, named.story.path) == ("s1", "A night", "stories/a.md")
    assert assess(principles=("ownership", "ownership")).id == assess(principles=("ownership",)).id


def test_lines_count_in_the_file_and_offsets_in_the_text():
    weak = WEAKER[GapCode.MISSING_SITUATION]["ward"].text
    here, below = (assess(weak, first_line=line).gaps[0].evidence[0] for line in (1, 9))

    assert (below.line, below.column, below.start, below.end) == (here.line + 8, here.column, here.start, here.end)


def test_an_assessment_says_what_made_it():
    made = assess().provenance
    rubric = CATALOG.rubric("leadership-principles")

    assert (made.engine, made.model, made.prompt, made.usage, made.cost_usd) == (Engine.RULES, None, None, None, None)
    assert (made.rubric, made.version, made.attempts, made.dropped_quotes) == (rubric.ref, __version__, 0, 0)


def test_the_target_is_the_rubric_s_where_the_story_names_none():
    assert (assess().target.role, assess().target.level) == ("sdm", "L6")
    assert (assess(role="sre", level="L5").target.role, assess(role="sre", level="L5").target.level) == ("sre", "L5")


def test_words_are_counted_and_timed_at_speaking_pace():
    found = assess(" ".join(["I was asked to look into the late orders."] * 14)).story

    assert (found.words, found.spoken_seconds) == (126, 54)


def test_the_summary_tells_strength_principle_and_gaps():
    whole, weak = assess(), assess(WEAKER[GapCode.MISSING_SITUATION]["ward"].text)

    assert whole.summary.startswith("Strength 5 of 5 (raises the bar). Strongest evidence for ")
    assert whole.summary.endswith("No gap found.")
    assert weak.summary.endswith("1 gap: missing-situation.")


@unhurried
@given(arbitrary_texts, st.sampled_from(["", TEXT]))
def test_any_text_is_assessed_declined_with_a_reason_or_refused(text: str, before: str):
    try:
        found = assess(before + text)
    except InvalidInput:
        assert "\x00" in text
        return
    assert (found.strength is None) is (found.status is Status.NOT_ASSESSED) is (found.reason is not None)
    for item in (*found.gaps, *found.principles):
        assert all((before + text)[e.start : e.end] == e.quote for e in item.evidence)


async def test_without_a_model_auto_uses_the_rules():
    assert (await RULES.assess(story(), engine="auto")).provenance.engine is Engine.RULES


async def ask(server: ModelServer, *stories: Story, engine: EngineChoice = "auto") -> list[Assessment]:
    judge = open_test_judge(server.url)
    try:
        assessor = Assessor(CATALOG, judge=judge, max_story_chars=5_000)
        return [await assessor.assess(item, engine=engine) for item in stories]
    finally:
        await judge.aclose()


@pytest.mark.parametrize("engine", ["auto", "llm"])
async def test_a_model_is_asked_where_one_is_configured_and_says_so(model_server: ModelServer, engine):
    model_server.script(do.answer(do.findings(gaps=[{"quote": "two patients", "reason": "r", "code": "hedging"}])))
    (found,) = await ask(model_server, story(), engine=engine)

    assert (found.provenance.engine, found.provenance.attempts) == (Engine.LLM, 1)
    assert found.provenance.prompt is not None
    assert [(gap.code, gap.source, gap.severity) for gap in found.gaps] == [("hedging", "model", "note")]
    assert found.strength == assess().strength
    assert found.id != assess().id


async def test_the_rules_engine_never_asks_the_model(model_server: ModelServer):
    (found,) = await ask(model_server, story(), engine="rules")

    assert model_server.requests == []
    assert found == assess()


async def test_a_story_that_can_t_be_judged_costs_no_call(model_server: ModelServer):
    (found,) = await ask(model_server, story("I fixed it."))

    assert model_server.requests == []
    assert (found.status, found.provenance.engine) == (Status.NOT_ASSESSED, Engine.RULES)


async def test_a_declared_principle_is_asked_for(model_server: ModelServer):
    await ask(model_server, story(principles=("frugality",)))

    assert "frugality" in model_server.requests[0].prompt


async def test_a_failure_of_the_model_yields_no_score(model_server: ModelServer):
    model_server.script(do.status(401))
    with pytest.raises(CoachError):
        await ask(model_server, story())


def test_a_declined_story_has_a_reason_and_no_score():
    found = RULES.decline(story(role="x", level="y", principles=("z",)), "The model did not answer.")

    assert (found.status, found.strength, found.reason) == (Status.NOT_ASSESSED, None, "The model did not answer.")
    assert (found.gaps, found.principles) == ((), ())
