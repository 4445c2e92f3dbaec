"""What an evaluation measures, how it reads its files, and how two are told apart."""

import asyncio
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalog import Catalog
from app.coach import evaluate_metrics as metrics
from app.coach.assess import Assessor
from app.coach.evaluate import Evaluator, evaluate_predictions
from app.coach.evaluate_changes import attach, find_changes, load_evaluation
from app.coach.evaluate_dataset import Case, Dataset, Label, Prediction, Said, load_dataset, load_predictions, thin_out
from app.coach.evaluate_floors import Floors, hold, load_floors
from app.coach.evaluate_metrics import Pair
from app.domain import Evidence, GapCode, Story
from app.errors import InvalidInput

METRIC, VAGUE, HEDGE, LESSON = (
    GapCode.MISSING_METRIC,
    GapCode.VAGUE_RESULT,
    GapCode.HEDGING,
    GapCode.NO_LEARNING,
)
RUBRIC = Catalog().rubric("leadership-principles")
PAIRS = st.lists(st.builds(Pair, st.integers(1, 5), st.integers(1, 5)), min_size=2, max_size=30)


def dataset_of(*labels, text="It went well. I guess we were fine."):
    return Dataset("made", tuple(Case(Story(id=label.id, text=text), label) for label in labels))


def label_of(name="one", **fields):
    return Label.model_validate({"id": name, "gaps": (), "strength": 3, "principles": ("ownership",), **fields})


def said_of(gaps=(), strength=3, principles=("ownership",), **fields):
    return Said(gaps=gaps, strength=strength, principles=principles, **fields)


def evaluate(label, said):
    return evaluate_predictions(dataset_of(label), {label.id: said})


def figures_of(evaluation, code):
    return next(figures for figures in evaluation.codes if figures.code is code)


def test_kappa_is_that_of_a_worked_example():
    pairs = [Pair(1, 1), Pair(2, 2), Pair(3, 4), Pair(4, 4), Pair(5, 3)]
    # Observed squared distance 0 + 0 + 1 + 0 + 4; by chance, all labels against all that was said, 85 / 5.
    assert metrics.weighted_kappa(pairs) == pytest.approx(1 - 5 / (85 / 5))


def test_spearman_averages_ties():
    pairs = [Pair(1, 1), Pair(2, 2), Pair(2, 3), Pair(4, 3)]
    # Ranks 1, 2.5, 2.5, 4 and 1, 2, 3.5, 3.5.
    assert metrics.spearman(pairs) == pytest.approx(3.75 / 4.5)


def test_what_never_varies_has_neither_kappa_nor_rank_correlation():
    assert metrics.weighted_kappa([Pair(3, 3)] * 4) is None
    assert metrics.spearman([Pair(3, 2), Pair(3, 4)]) is None
    assert metrics.weighted_kappa([]) is metrics.spearman([]) is metrics.f1(0, 0, 0) is None


@given(PAIRS)
def test_agreement_is_perfect_with_oneself_and_the_same_from_both_sides(pairs):
    turned = [Pair(pair.said, pair.label) for pair in pairs]
    for measure in (metrics.weighted_kappa, metrics.spearman):
        one, other = measure(pairs), measure(turned)
        assert (one is None) == (other is None)
        if one is not None and other is not None:
            assert math.isclose(one, other, abs_tol=1e-9)
            assert -1 - 1e-9 <= one <= 1 + 1e-9
    same = metrics.weighted_kappa([Pair(pair.label, pair.label) for pair in pairs])
    assert same in {None, 1}


def test_an_interval_holds_its_figure_and_is_the_same_again():
    flags = [True] * 30 + [False] * 10
    first = metrics.bootstrap(flags, {"share": metrics.share})
    assert first == metrics.bootstrap(flags, {"share": metrics.share})
    assert 0.5 < first["share"].low < 0.75 < first["share"].high < 0.95


def test_a_gap_that_one_reader_saw_is_neither_right_nor_wrong():
    label = label_of(gaps=(METRIC,), gap_votes={METRIC: 3, HEDGE: 1})
    evaluation = evaluate(label, said_of((METRIC, HEDGE, LESSON)))
    [result] = evaluation.results
    assert (result.missed, result.invented, result.contested) == ((), (LESSON,), (HEDGE,))
    hedging = figures_of(evaluation, HEDGE)
    assert (hedging.tp, hedging.fp, hedging.fn, hedging.contested, hedging.f1) == (0, 0, 0, 1, None)
    assert evaluation.scores.micro_precision == 0.5
    assert evaluation.scores.macro_f1 == 0.5  # of the metric 1, of the lesson 0, the rest is not there


def test_a_story_that_was_not_assessed_counts_as_missed_everywhere():
    labels = [label_of("one", gaps=(METRIC, VAGUE)), label_of("two", strength=5, gaps=(METRIC,))]
    said = {"one": said_of((METRIC, VAGUE)), "two": Said(reason="too short")}
    scores = evaluate_predictions(dataset_of(*labels), said).scores
    assert scores.assessed == scores.top_1 == scores.top_3 == scores.exact == scores.within_one == 0.5
    assert scores.micro_recall == pytest.approx(2 / 3)
    assert scores.qwk is not None
    assert scores.qwk < 0


def test_a_missing_prediction_is_not_dropped():
    evaluation = evaluate_predictions(dataset_of(label_of("one"), label_of("two")), {"one": said_of()})
    assert (evaluation.counts.stories, evaluation.counts.not_assessed) == (2, 1)
    assert evaluation.results[1].said.reason


def test_principles_are_held_to_the_first_label_and_to_the_set():
    label = label_of(principles=("dive-deep", "ownership"))
    scores = evaluate(label, said_of(principles=("ownership", "frugality", "dive-deep"))).scores
    assert (scores.top_1, scores.top_3) == (0, 1)
    assert scores.overlap == pytest.approx(1 / 3)


@pytest.mark.parametrize(("votes", "judged"), [({}, 0), ({"ownership": 6}, 1)])
def test_a_story_without_evidence_is_left_out_of_the_ranking_unless_readers_voted(votes, judged):
    evaluation = evaluate(label_of(strength=1, principle_votes=votes), said_of(principles=("frugality",)))
    assert evaluation.counts.principles == judged
    assert evaluation.scores.top_1 == (0 if judged else None)


def test_evidence_counts_where_a_quote_touches_a_labelled_one():
    text = "It went well. I guess we were fine."
    label = label_of(gaps=(VAGUE, HEDGE), evidence={VAGUE: ("It went well.",), HEDGE: ("I guess we were fine.",)})
    quote = Evidence(quote=text[:13], start=0, end=13, line=1, column=1)
    said = said_of((VAGUE, HEDGE), quotes={VAGUE: (quote,), HEDGE: (quote,)}, quoted=4, grounded=3)
    scores = evaluate(label, said).scores
    assert (scores.evidence, scores.grounded) == (0.5, 0.75)


def test_what_is_not_labelled_is_not_measured():
    scores = evaluate(Label(id="one", principles=("ownership",)), said_of((METRIC,))).scores
    assert scores.top_1 == 1
    assert (scores.macro_f1, scores.micro_f1, scores.exact, scores.qwk) == (None, None, None, None)


def test_the_rules_agree_with_themselves_and_quote_exactly():
    text = "In May I owned the billing job. I moved it to a queue because it timed out. It went well for all of us."
    evaluator = Evaluator(Assessor(Catalog(), judge=None, max_story_chars=10_000), engine="rules")
    dataset = dataset_of(label_of("one"), label_of("two"), text=text)
    evaluation = asyncio.run(evaluator.evaluate(dataset, repeat=3))
    assert evaluation is not None
    assert evaluation.scores.grounded == evaluation.scores.assessed == 1
    assert evaluation.retest is not None
    assert (evaluation.retest.strength, evaluation.retest.gaps, evaluation.retest.gaps_overlap) == (1, 1, 1)
    assert (evaluation.retest.levels, evaluation.retest.model_gaps_overlap) == (1, None)
    assert evaluation.effort is not None
    assert (evaluation.effort.usage, evaluation.effort.cost_usd) == (None, None)


def test_what_a_model_sees_is_held_to_the_labels_by_itself_and_moves_no_figure():
    label = label_of(gaps=(METRIC, VAGUE), gap_votes={METRIC: 3, VAGUE: 2, HEDGE: 1})
    alone = evaluate(label, said_of((METRIC,)))
    both = evaluate(label, said_of((METRIC,), model_gaps=(VAGUE, HEDGE, LESSON)))
    assert (alone.model, both.scores) == (None, alone.scores)
    model = both.model
    assert model is not None
    assert (model.right, model.invented, model.missed) == (1, 1, 1)
    assert (model.precision, model.recall, model.f1) == (0.5, 0.5, 0.5)
    assert (model.notes, model.right_notes) == (3, 1)
    assert model.f1_with_notes == pytest.approx(4 / 5)


def test_a_model_that_did_not_answer_missed_every_gap():
    labels = [label_of("one", gaps=(METRIC,)), label_of("two", gaps=(METRIC, VAGUE))]
    said = {"one": said_of((METRIC,), model_gaps=(METRIC,)), "two": Said(reason="timeout")}
    model = evaluate_predictions(dataset_of(*labels), said).model
    assert model is not None
    assert (model.right, model.invented, model.missed) == (1, 0, 2)


@pytest.mark.parametrize(("limit", "kept"), [(1, "a"), (2, "ad"), (3, "ace"), (6, "abcdef"), (9, "abcdef")])
def test_a_thinned_dataset_keeps_stories_from_all_over(limit, kept):
    dataset = dataset_of(*[label_of(name) for name in "abcdef"])
    assert "".join(case.label.id for case in thin_out(dataset, limit).cases) == kept


def write_dataset(folder, *labels, stories=("one",)):
    (folder / "stories").mkdir(parents=True)
    for name in stories:
        (folder / "stories" / f"{name}.md").write_text(f"---\nid: {name}\n---\nIt went well.\n", encoding="utf-8")
    lines = [label if isinstance(label, str) else json.dumps(label) for label in labels]
    (folder / "labels.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


GOOD = {"id": "one", "gaps": ["vague-result"], "strength": 2, "principles": ["ownership"]}


def test_a_folder_and_a_file_give_the_same_stories(tmp_path):
    folder = load_dataset(write_dataset(tmp_path / "a", GOOD), RUBRIC)
    path = tmp_path / "b.jsonl"
    path.write_text(json.dumps({**GOOD, "text": "It went well.\n"}), encoding="utf-8")
    file = load_dataset(path, RUBRIC)
    assert (folder.name, file.name) == ("a", "b")
    assert [case.label for case in folder.cases] == [case.label for case in file.cases]
    assert [case.story.text for case in folder.cases] == [case.story.text for case in file.cases]


@pytest.mark.parametrize(
    ("lines", "place", "reason"),
    [
        ([GOOD, "{"], "labels.jsonl:2", "not valid JSON"),
        (["", GOOD, GOOD], "labels.jsonl:3", "given twice"),
        ([{**GOOD, "id": "two"}], "labels.jsonl:1", "has no story"),
        ([{**GOOD, "strength": 6}], "labels.jsonl:1", "strength"),
        ([{**GOOD, "gaps": ["no-metric"]}], "labels.jsonl:1", "gaps.0"),
        ([{**GOOD, "gap": []}], "labels.jsonl:1", "gap: "),
        ([{**GOOD, "principles": ["grit"]}], "labels.jsonl:1", "grit is not in the rubric"),
        ([{**GOOD, "evidence": {"hedging": ["I guess"]}}], "labels.jsonl:1", "is not in the story"),
        ([{**GOOD, "gap_votes": {"vague-result": 1}}], "labels.jsonl:1", "one reader alone"),
        (['{"id": "one", "id": "two"}'], "labels.jsonl:1", "given twice"),
        (["3"], "labels.jsonl:1", ""),
        ([], "labels.jsonl:1", "no label"),
    ],
)
def test_a_broken_label_is_told_with_file_line_and_reason(tmp_path, lines, place, reason):
    stories = ("one",) if lines else ()
    with pytest.raises(InvalidInput) as caught:
        load_dataset(write_dataset(tmp_path, *lines, stories=stories), RUBRIC)
    assert f"{tmp_path / place}: " in caught.value.detail
    assert reason in caught.value.detail


def test_a_story_without_a_label_and_a_broken_story_are_told(tmp_path):
    with pytest.raises(InvalidInput, match=r"two\.md:1: has no label"):
        load_dataset(write_dataset(tmp_path / "a", GOOD, stories=("one", "two")), RUBRIC)
    folder = write_dataset(tmp_path / "b", GOOD)
    (folder / "stories" / "one.md").write_text("---\nid: one\nidd: x\n---\nText.\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"one\.md:3: "):
        load_dataset(folder, RUBRIC)
    with pytest.raises(InvalidInput, match="no such folder"):
        load_dataset(tmp_path / "c", RUBRIC)


def test_predictions_for_other_stories_are_passed_over_and_none_at_all_is_an_error(tmp_path):
    path = tmp_path / "said.jsonl"
    lines = [Prediction(id=name, gaps=(VAGUE,), strength=2).model_dump_json() for name in ("one", "other")]
    path.write_text("\n".join(lines), encoding="utf-8")
    assert list(load_predictions(path, dataset_of(label_of()))) == ["one"]
    with pytest.raises(InvalidInput, match="speaks of no story"):
        load_predictions(path, dataset_of(label_of("two")))


def test_a_floor_is_kept_at_the_figure_and_broken_where_there_is_none():
    evaluation = evaluate(label_of(gaps=(METRIC,)), said_of((METRIC,)))
    floors = Floors(macro_f1=1, qwk=0.1, codes={METRIC: 1, HEDGE: 0.5})
    kept = {held.name: held.is_kept for held in hold(evaluation, floors)}
    assert kept == {"macro_f1": True, "qwk": False, "missing-metric": True, "hedging": False}
    assert [str(held) for held in hold(evaluation, floors)][1] == "qwk is not measured, the floor is 0.1"


def test_an_unknown_floor_is_refused(tmp_path):
    path = tmp_path / "floors.json"
    path.write_text('{"macro": 0.5}', encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"floors\.json:1: macro: is not known$"):
        load_floors(path)


@pytest.mark.parametrize(
    ("floors", "name"), [('{"macro_f1": 90}', "macro_f1"), ('{"codes": {"hedging": 2}}', "hedging")]
)
def test_a_floor_that_no_figure_can_reach_is_refused(tmp_path, floors, name):
    path = tmp_path / "floors.json"
    path.write_text(floors)
    with pytest.raises(InvalidInput, match=rf"floors\.json:1: {name}: no figure can be above 1$"):
        load_floors(path)


def test_two_evaluations_are_told_apart_by_their_labels(tmp_path):
    label = label_of(gaps=(METRIC,), gap_votes={METRIC: 3, HEDGE: 1})
    before = evaluate(label, said_of((LESSON, VAGUE), strength=2))
    after = evaluate(label, said_of((METRIC, HEDGE, VAGUE), principles=("frugality",)))
    path = tmp_path / "before.json"
    path.write_text(attach(before, None).model_dump_json(), encoding="utf-8")
    changes = find_changes(load_evaluation(path), after)
    [change] = changes.stories
    assert (change.better, change.worse, change.open) == ((METRIC, LESSON), (), (HEDGE,))
    assert (change.strength, change.first) == ((2, 3), ("ownership", "frugality"))
    assert (changes.scores["top_1"].before, changes.scores["top_1"].after) == (1, 0)
    assert find_changes(after, after).stories == ()


def test_stories_of_one_evaluation_alone_are_named():
    both = [evaluate_predictions(dataset_of(label_of(name)), {name: said_of()}) for name in ("one", "two")]
    changes = find_changes(*both)
    assert (changes.added, changes.removed, changes.stories) == (("two",), ("one",), ())
