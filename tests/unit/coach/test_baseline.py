"""A baseline: what is known before is known again, what is gone is told."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalog import Catalog
from app.coach.assess import Assessor
from app.coach.baseline import Baseline, load_baseline
from app.coach.reading import parse_story
from app.coach.select import Selection
from app.domain import GapCode, Story
from app.errors import InvalidInput
from tests.unit.coach.test_suppress import WEAK

RULES = Assessor(Catalog(), judge=None, max_story_chars=40_000)
ALL = Selection()


def told(text=WEAK, path="stories/a.md", **fields):
    """Return a story with its assessment."""
    story = parse_story(text, str(path)).model_copy(update=fields)
    return RULES.assess_by_rules(story), story


def learn(folder, *stories, known=(), selection=ALL):
    """Return the entries of a baseline after a run that updates it."""
    baseline = Baseline("baseline.json", folder, known)
    for assessment, story in stories:
        baseline.record(assessment, story, selection)
    return entries(baseline)


def entries(baseline):
    path = Path(baseline._folder, "written.json")
    path.write_text(baseline.render(), encoding="utf-8")
    return load_baseline(path)._known


def open_codes(assessment):
    return [gap.code for gap in assessment.gaps if gap.suppressed is None]


@pytest.fixture
def stories(tmp_path):
    (tmp_path / "a.md").write_text(WEAK)
    (tmp_path / "b.md").write_text(WEAK)
    return tmp_path


def test_what_was_known_is_suppressed_and_says_where_it_is_known_from(stories):
    first = told(path=stories / "a.md")
    known = learn(stories, first)
    assert len(known) == len(first[0].gaps) > 2
    again = Baseline("baseline.json", stories, known)
    assessment = again.apply(*first)
    assert open_codes(assessment) == []
    assert {gap.suppressed and gap.suppressed.reason for gap in assessment.gaps} == {"known before, in baseline.json"}
    assert (assessment.strength, list(again.stale())) == (first[0].strength, [])


def test_edits_elsewhere_in_the_story_change_nothing(stories):
    known = learn(stories, told(path=stories / "a.md"))
    edited = "---\ntitle: Another\n---\n" + WEAK.replace("forty people in Berlin", "50 people in Prague, in March")
    assessment = Baseline("b", stories, known).apply(*told(edited, stories / "a.md"))
    assert open_codes(assessment) == []


def test_a_new_gap_is_not_known(stories):
    better = WEAK.replace("It went well and everyone was happy.", "It took 3 days and not 10, as of May.")
    known = learn(stories, told(better, stories / "a.md"))
    assessment = Baseline("b", stories, known).apply(*told(path=stories / "a.md"))
    assert {"missing-metric", "vague-result"} & set(open_codes(assessment))


def test_the_same_gap_of_another_story_is_not_known(stories):
    known = learn(stories, told(path=stories / "a.md"))
    other = Baseline("b", stories, known).apply(*told(path=stories / "b.md"))
    assert len(open_codes(other)) == len(other.gaps)


def test_a_story_with_an_id_is_known_under_another_name(stories):
    known = learn(stories, told(path=stories / "a.md", id="s1"))
    (stories / "a.md").unlink()
    baseline = Baseline("b", stories, known)
    assert open_codes(baseline.apply(*told(path=stories / "b.md", id="s1"))) == []
    assert list(baseline.stale()) == []
    assert {entry.path for entry in entries(baseline)} == {"b.md"}


def test_an_entry_counts_once_where_two_records_look_the_same(stories):
    record = told(path=stories / "a.md", first_char=None)
    known = learn(stories, record)
    baseline = Baseline("b", stories, known)
    assert open_codes(baseline.apply(*record)) == []
    assert open_codes(baseline.apply(*record)) == [gap.code for gap in record[0].gaps]
    assert len(learn(stories, record, record)) == 2 * len(known)


def test_paths_are_told_from_the_folder_of_the_baseline(stories, monkeypatch):
    known = learn(stories, told(path=stories / "a.md"))
    assert {entry.path for entry in known} == {"a.md"}
    monkeypatch.chdir(stories)
    for path in ("a.md", "./a.md", f"../{stories.name}/a.md"):
        assert open_codes(Baseline("b", stories, known).apply(*told(path=path))) == []


def test_what_is_gone_is_stale_and_is_not_kept(stories):
    known = learn(stories, told(path=stories / "a.md"), told(path=stories / "b.md"))
    (stories / "b.md").unlink()
    baseline = Baseline("b", stories, known)
    strong = told(Path("examples/stories/late-parcels.md").read_text(encoding="utf-8"), stories / "a.md")
    baseline.record(*strong, ALL)
    stale = list(baseline.stale())
    assert {entry.path for entry in stale} == {"a.md", "b.md"}
    left = entries(baseline)
    assert [entry.code for entry in left] == sorted(gap.code for gap in strong[0].gaps)
    assert not set(left) & set(stale)


def test_what_was_not_looked_at_is_kept_and_not_stale(stories):
    known = learn(stories, told(path=stories / "a.md"), told(path=stories / "b.md"))
    baseline = Baseline("b", stories, known)
    baseline.record(*told(path=stories / "a.md"), ALL)
    baseline.record(*told("I did it.", stories / "b.md"), ALL)
    assert list(baseline.stale()) == []
    assert entries(baseline) == known


def test_a_comment_goes_before_the_baseline_whose_entry_is_stale_then(stories):
    known = learn(stories, told(path=stories / "a.md"))
    code = known[0].code
    baseline = Baseline("b", stories, known)
    assessment = baseline.record(*told(f"{WEAK}<!-- coach: ignore {code}: so it is -->", stories / "a.md"), ALL)
    [gap] = [gap for gap in assessment.gaps if gap.code == code]
    assert gap.suppressed
    assert gap.suppressed.kind == "comment"
    assert [entry.code for entry in baseline.stale()] == [code]
    assert code not in {entry.code for entry in entries(baseline)}


def test_an_update_adds_what_is_selected_and_drops_nothing_else_that_is_there(stories):
    story = told(path=stories / "a.md")
    codes = [gap.code for gap in story[0].gaps]
    known = learn(stories, story, selection=Selection(select=(codes[0],)))
    assert [entry.code for entry in known] == codes[:1]
    both = learn(stories, story, known=known, selection=Selection(select=(codes[1],)))
    assert {entry.code for entry in both} == set(codes[:2])


def test_the_file_holds_no_text_and_a_gap_a_line_in_an_order_of_its_own(stories):
    one, other = told(path=stories / "a.md"), told("# A canary\n" + WEAK, path=stories / "b.md", first_char=None)
    texts = []
    for order in ([one, other], [other, one]):
        baseline = Baseline("b", stories)
        for story in order:
            baseline.record(*story, ALL)
        texts.append(baseline.render())
    assert texts[0] == texts[1]
    assert "canary" not in texts[0]
    assert texts[0].count("\n") == len(one[0].gaps) + len(other[0].gaps) + 5
    document = json.loads(texts[0])
    assert document["version"] == 1
    assert set(document["gaps"][0]) == {"path", "code", "story", "gap"}


def test_an_empty_baseline_is_a_baseline(stories):
    assert entries(Baseline("b", stories)) == []


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "b.json:1: the baseline "),
        ("{", "b.json:1: the baseline "),
        ("[]", "the baseline "),
        ('{"version": 2,\n "gaps": []}', "b.json:1: the baseline version: input should be 1"),
        ('{"version": 1,\n "gaps": [\n{"path": "a", "code": "hedgin", "story": "0", "gap": "0"}]}', "b.json:3: "),
        ('{"version": 1,\n "gaps": [],\n "more": 1}', "b.json:3: the baseline more: extra inputs"),
        ('{"version": 1, "gaps": [], "gaps": []}', "given twice"),
    ],
)
def test_a_broken_baseline_is_refused_with_its_line(tmp_path, text, complaint):
    path = tmp_path / "b.json"
    path.write_text(text)
    with pytest.raises(InvalidInput) as failure:
        load_baseline(path)
    assert complaint in failure.value.detail


def test_a_baseline_that_is_not_there_says_how_to_make_one(tmp_path):
    with pytest.raises(InvalidInput, match="--update-baseline makes one"):
        load_baseline(tmp_path / "none.json")


def test_bytes_that_are_no_text_are_refused(tmp_path):
    (tmp_path / "b.json").write_bytes(b"\xff")
    with pytest.raises(InvalidInput, match="is not UTF-8"):
        load_baseline(tmp_path / "b.json")


CODES = st.lists(st.sampled_from(list(GapCode)), max_size=4)


@given(st.lists(st.tuples(st.sampled_from(["a", "b", "c", "d"]), CODES), max_size=6))
def test_what_was_recorded_is_known_in_any_later_run(tmp_path_factory, runs):
    folder = tmp_path_factory.mktemp("any")
    template, _ = told()
    stories = [
        (
            template.model_copy(
                update={
                    "story": template.story.model_copy(update={"id": name}),
                    "gaps": tuple(template.gaps[0].model_copy(update={"code": code}) for code in codes),
                }
            ),
            Story(text=WEAK, id=name),
        )
        for name, codes in runs
    ]
    known = learn(folder, *stories)
    again = Baseline("b", folder, known)
    assert all(open_codes(again.apply(*story)) == [] for story in stories)
    assert list(again.stale()) == []
    assert learn(folder, *reversed(stories), known=known) == known
