"""Make the weights in app/analysis/model: sentence signs, gap formulas and the principle ranking.

Run it with `make train`. It writes the weights or, with `--leave-one-out`, evals/leave-one-out.jsonl: what weights
that never saw a writer say of the stories of that writer.
"""

import argparse
import hashlib
import json
import math
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from corpora import (
    EVALS,
    HERE,
    Label,
    LabelledStory,
    load_authored,
    load_labelled,
    load_principle_texts,
    load_sentences,
)
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from app.analysis.facts import gather_facts, select_told
from app.analysis.features import PLACE_MARKS
from app.analysis.gaps import Formula, find_gaps
from app.analysis.measures import measure_story
from app.analysis.neighbours import BLOCKS, STEPS, surround
from app.analysis.principles import QUESTION_WEIGHT, name_terms
from app.analysis.sections import OUTPUTS, Reading, Role, Sign, make_reading, name_story, observe_sentences, smooth
from app.analysis.weights import write_weights
from app.catalog import Catalog
from app.coach.settle import cap_level
from app.domain import GapCode
from app.rubric import Rubric

MODEL = EVALS.parent / "app" / "analysis" / "model"
ROLES, SIGNS = len(Role), len(Sign)
_GRAM_SCALE = {"w": 0.5, "b": 0.4, "t": 0.3}
_RARE = 3
_RIDGE = 1.5
_WORD_SCALE = 1.0
_LONE_WEIGHT = 0.5
_READ_WEIGHT = 2.0
READ_WRITERS = "am"
"""First letters of the writers whose stories were labelled by independent readers (evals/dev, evals/messy)."""
_SECOND_WEIGHT = 0.4
_NEIGHBOUR_RIDGE = 40.0
_NEIGHBOUR_UNIT = 3.0
_NEIGHBOUR_SHARE = 0.5
"""How far to go from a sentence's own probabilities to those that its neighbours suggest."""
_BANK_WEIGHT = 2.0
_SIGNAL_WEIGHT = 0.3
FORMULAS: dict[GapCode, tuple[str, ...]] = {
    GapCode.MISSING_SITUATION: ("max setting", "words situation"),
    GapCode.MISSING_TASK: (
        "max responsibility",
        "no responsibility",
        "max part action",
        "share none",
        "no decision",
        "last situation",
    ),
    GapCode.BLOATED_SETUP: ("words situation", "share situation", "own"),
    GapCode.WEAK_OWNERSHIP: ("own share", "own"),
    GapCode.THIN_ACTION: (
        "max generic",
        "sum concrete",
        "no concrete",
        "max decision",
        "sum decision",
        "last learning",
        "share none",
        "own share",
        "sentences",
    ),
    GapCode.MISSING_RESULT: (
        "any outcome",
        "any outcome end",
        "share result",
        "sizes end",
        "decision end",
        "no vague",
        "pair end",
        "no mechanism",
        "sum learning",
        "2nd platitude",
    ),
    GapCode.MISSING_METRIC: ("sizes end", "max number", "max vague end", "max part result", "sum baseline"),
    GapCode.NO_BASELINE: ("pair end", "size end", "sum baseline", "max number", "any outcome end"),
    GapCode.VAGUE_RESULT: ("max number", "max vague", "max specific", "2nd number", "size end"),
    GapCode.NO_LEARNING: (
        "words learning",
        "sum mechanism",
        "max mechanism",
        "max learning",
        "sum learning",
        "max platitude",
        "2nd platitude",
        "own",
    ),
    GapCode.HEDGING: ("sum hedge", "hedges"),
    GapCode.BLAMES_OTHERS: ("max blame", "2nd blame", "contempt", "sentences"),
}


class Row(NamedTuple):
    """One sentence as the model sees it."""

    writer: str
    names: list[str]
    tokens: list[str]
    label: Label | None
    weight: float


class SentenceModel(NamedTuple):
    """Weights of features and of word meanings, one column an output."""

    names: list[str]
    features: np.ndarray
    words: np.ndarray
    bias: np.ndarray


class Meanings(NamedTuple):
    """Static vectors of English words (see embed.py)."""

    words: list[str]
    index: dict[str, int]
    vectors: np.ndarray


def load_meanings() -> Meanings:
    """Return the word vectors, one a row."""
    table = np.load(HERE / "embeddings.npz")
    words = [str(word) for word in table["words"]]
    vectors = table["vectors"].astype(np.float64) / 127 * _WORD_SCALE
    return Meanings(words, {word: number for number, word in enumerate(words)}, vectors)


def gather_rows(stories: list[LabelledStory]) -> tuple[list[Row], dict[str, list[int]]]:
    """Return all rows and, for each story, the numbers of its rows in order."""
    rows: list[Row] = []
    places: dict[str, list[int]] = {}
    for story in stories:
        observed = observe_sentences(story.sentences)
        told = [(number, item) for number, item in enumerate(observed) if not item.is_label]
        named = name_story([item for _, item in told])
        places[story.id] = list(range(len(rows), len(rows) + len(told)))
        for (number, _), (names, tokens) in zip(told, named, strict=True):
            weight = _READ_WEIGHT if story.writer[0] in READ_WRITERS else 1.0
            rows.append(Row(story.writer, names, tokens, story.labels.get(number), weight))
    for sentence, label in load_sentences():
        (item,) = observe_sentences((sentence,))
        if item.is_label:
            continue
        ((names, tokens),) = name_story([item])
        # A lone sentence has no place in a story.
        rows.append(Row("lone", [n for n in names if n[0] not in PLACE_MARKS], tokens, label, _LONE_WEIGHT))
    return rows, places


def design(rows: list[Row], names: list[str], meanings: Meanings) -> tuple[sp.csr_matrix, np.ndarray]:
    """Return the sparse feature matrix and the dense meaning matrix."""
    index = {name: number for number, name in enumerate(names)}
    columns: list[int] = []
    values: list[float] = []
    ends = [0]
    dense = np.zeros((len(rows), meanings.vectors.shape[1]))
    for number, row in enumerate(rows):
        known = [name for name in row.names if name in index]
        columns.extend(index[name] for name in known)
        values.extend(_GRAM_SCALE.get(name[0], 1.0) for name in known)
        ends.append(len(columns))
        found = [meanings.index[token] for token in sorted(set(row.tokens)) if token in meanings.index]
        if found:
            dense[number] = meanings.vectors[found].sum(0) / len(found) ** 0.5
    return sp.csr_matrix((values, columns, ends), shape=(len(rows), len(names))), dense


def fit_sentences(rows: list[Row], meanings: Meanings) -> SentenceModel:
    """Fit roles (softmax) and signs (logistic) together, with a ridge on every weight."""
    rows = [row for row in rows if row.label is not None]
    seen = Counter(name for row in rows for name in row.names)
    names = sorted(name for name, count in seen.items() if count >= _RARE)
    sparse, dense = design(rows, names, meanings)
    targets, weight = _targets(rows)
    return SentenceModel(names, *_minimise(sparse, dense, targets, weight, ridge=_RIDGE))


def _minimise(
    sparse: sp.csr_matrix,
    dense: np.ndarray,
    targets: np.ndarray,
    weight: np.ndarray,
    *,
    ridge: float,
    offset: np.ndarray | float = 0.0,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    many, width, outputs = sparse.shape[1], dense.shape[1], targets.shape[1]
    turned = sparse.T.tocsr()

    def unpack(flat: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        cut = many * outputs
        return (
            flat[:cut].reshape(many, outputs),
            flat[cut : cut + width * outputs].reshape(width, outputs),
            flat[cut + width * outputs :],
        )

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        features, words, bias = unpack(flat)
        scores = sparse @ features + dense @ words + bias + offset
        likely = predict(scores)
        gradient = weight * (likely - targets)
        logs = np.logaddexp(0, scores[:, ROLES:]) - targets[:, ROLES:] * scores[:, ROLES:]
        total = float((weight * logs).sum() - (weight * targets[:, :ROLES] * np.log(likely[:, :ROLES] + 1e-12)).sum())
        total += 0.5 * ridge * float((features**2).sum() + (words**2).sum())
        parts = (turned @ gradient + ridge * features, dense.T @ gradient + ridge * words, gradient.sum(0))
        return total, np.concatenate([part.ravel() for part in parts])

    start = np.zeros((many + width + 1) * outputs)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 80, "maxcor": 8})
    return unpack(found.x)


def predict(scores: np.ndarray) -> np.ndarray:
    """Return probabilities: softmax over roles, logistic over signs."""
    powers = np.exp(scores[:, :ROLES] - scores[:, :ROLES].max(1, keepdims=True))
    return np.hstack([powers / powers.sum(1, keepdims=True), 1 / (1 + np.exp(-scores[:, ROLES:]))])


def apply(model: SentenceModel, rows: list[Row], meanings: Meanings) -> np.ndarray:
    """Return the model's probabilities for rows."""
    sparse, dense = design(rows, model.names, meanings)
    return predict(sparse @ model.features + dense @ model.words + model.bias)


class NeighbourModel(NamedTuple):
    """What each block of a sentence's surroundings changes in its scores, in steps of `neighbours.STEPS`."""

    rows: np.ndarray
    bias: np.ndarray

    def reweigh(self, likely: np.ndarray) -> np.ndarray:
        """Return the probabilities of a story's sentences in the light of one another."""
        if not len(likely):
            return likely
        return predict(_scores(likely) + _surroundings(likely) @ self.rows + self.bias)


def fit_neighbours(
    stories: list[LabelledStory], likely: dict[str, np.ndarray], rows: list[Row], places: dict[str, list[int]]
) -> NeighbourModel:
    """Fit how the sentences around change a sentence's scores.

    Args:
        stories: The stories to learn from.
        likely: What models that never saw a story's writer say of its sentences.
        rows: All sentences, with their labels.
        places: The rows of each story.
    """
    kept = [(s.id, n, place) for s in stories for n, place in enumerate(places[s.id]) if rows[place].label is not None]
    around = {s.id: _surroundings(likely[s.id]) for s in stories if len(likely[s.id])}
    scores = {s.id: _scores(likely[s.id]) for s in stories if len(likely[s.id])}
    dense = np.array([around[name][number] for name, number, _ in kept]) / (STEPS * _NEIGHBOUR_UNIT)
    offset = np.array([scores[name][number] for name, number, _ in kept])
    targets, weight = _targets([rows[place] for _, _, place in kept])
    empty = sp.csr_matrix((len(kept), 0))
    _, found, bias = _minimise(empty, dense, targets, weight, ridge=_NEIGHBOUR_RIDGE, offset=offset)
    return NeighbourModel(found * _NEIGHBOUR_SHARE / (STEPS * _NEIGHBOUR_UNIT), bias * _NEIGHBOUR_SHARE)


def _surroundings(likely: np.ndarray) -> np.ndarray:
    return np.array(surround([tuple(row) for row in likely.tolist()]), dtype=np.float64)


def _scores(likely: np.ndarray) -> np.ndarray:
    clipped = np.clip(likely, 1e-3, 1 - 1e-3)
    return np.hstack([np.log(clipped[:, :ROLES]), np.log(clipped[:, ROLES:] / (1 - clipped[:, ROLES:]))])


def _targets(rows: list[Row]) -> tuple[np.ndarray, np.ndarray]:
    """Return what readers said of labelled rows, and how much each of them counts."""
    targets = np.zeros((len(rows), ROLES + SIGNS))
    for number, row in enumerate(rows):
        assert row.label is not None  # noqa: S101 - the callers filter
        targets[number, row.label.part] = 1
        for sign in row.label.signs:
            targets[number, ROLES + sign] = 1
    return targets, np.array([[row.weight] for row in rows])


def read_story(story: LabelledStory, likely: np.ndarray) -> tuple[Reading, ...]:
    """Return a story's readings with given probabilities for the sentences that are no labels."""
    observed = observe_sentences(story.sentences)
    smoothed = iter(smooth([tuple(row[:ROLES]) for row in likely.tolist()]))
    signs = iter([tuple(row[ROLES:]) for row in likely.tolist()])
    label_roles = (0.0,) * (ROLES - 1) + (1.0,)
    readings: list[Reading] = []
    for item in observed:
        roles = label_roles if item.is_label else next(smoothed)
        shown = (0.0,) * SIGNS if item.is_label else next(signs)
        readings.append(make_reading(item.sentence, item.said, roles, shown))
    return tuple(readings)


def fit_formulas(measures: list[dict[str, float]], gaps: list[frozenset[str]]) -> dict[GapCode, Formula]:
    """Fit one small logistic formula a gap code, with the threshold that balances misses and false alarms."""
    formulas: dict[GapCode, Formula] = {}
    for code, names in FORMULAS.items():
        table = np.array([[row[name] for name in names] for row in measures])
        truth = np.array([code in row for row in gaps])
        mean, spread = table.mean(0), table.std(0) + 1e-9
        model = LogisticRegression(C=0.3, max_iter=2000, class_weight="balanced").fit((table - mean) / spread, truth)
        likely = model.predict_proba((table - mean) / spread)[:, 1]
        weights = model.coef_[0] / spread
        intercept = float(model.intercept_[0] - (weights * mean).sum())
        pairs = tuple((name, round(float(weight), 6)) for name, weight in zip(names, weights, strict=True))
        formulas[code] = Formula(pairs, round(intercept, 6), round(_threshold(likely, truth), 4))
    return formulas


def _threshold(likely: np.ndarray, truth: np.ndarray) -> float:
    grid = np.unique(np.quantile(likely, np.linspace(0.4, 0.995, 80)))
    scores = np.array([2 * ((likely > t) & truth).sum() / max(1, (likely > t).sum() + truth.sum()) for t in grid])
    smoothed = np.convolve(np.pad(scores, 3, mode="edge"), np.ones(7) / 7, "valid")
    return float(grid[int(smoothed.argmax())])


class PrincipleModel(NamedTuple):
    """Weights of words and word pairs, one column a principle."""

    names: list[str]
    rows: np.ndarray
    outputs: list[str]
    bias: np.ndarray


def principle_row(text: str) -> dict[str, float]:
    """Return the weight of each term of a text, as the engine computes it at run time."""
    counts = Counter(name_terms(text))
    norm = math.sqrt(sum((1 + math.log(n)) ** 2 for n in counts.values())) or 1.0
    return {term: (1 + math.log(n)) / norm for term, n in counts.items()}


def fit_principles(texts: Iterable[tuple[str, tuple[str, ...]]], rubric: Rubric) -> PrincipleModel:
    """Fit a linear ranking of stories over all principles."""
    signals = [(s.text, (p.id,), 0.5) for p in rubric.principles for s in p.positive_signals]
    return _fit_ranking([*((text, principles, 1.0) for text, principles in texts), *signals], least=_RARE)


def fit_questions(stories: Iterable[LabelledStory], rubric: Rubric) -> PrincipleModel:
    """Fit a linear ranking of interview questions over all principles: those of the bank, and those stories answer."""
    bank = [(q.text, q.principles, _BANK_WEIGHT) for q in rubric.questions]
    asked = [(s.question, s.principles, 1.0) for s in stories if s.question]
    signals = [(s.text, (p.id,), _SIGNAL_WEIGHT) for p in rubric.principles for s in p.positive_signals]
    return _fit_ranking([*bank, *asked, *signals], least=2)


def _fit_ranking(texts: list[tuple[str, tuple[str, ...], float]], *, least: int) -> PrincipleModel:
    rows: list[dict[str, float]] = []
    truth: list[str] = []
    weight: list[float] = []
    for text, principles, base in texts:
        row = principle_row(text)
        for place, principle in enumerate(principles[:2]):
            rows.append(row)
            truth.append(principle)
            weight.append(base if place == 0 else base * _SECOND_WEIGHT)
    seen = Counter(term for row in rows for term in row)
    names = sorted(term for term, count in seen.items() if count >= least)
    index = {name: number for number, name in enumerate(names)}
    rare = np.array([math.log(1 + len(rows) / seen[name]) for name in names])
    table = sp.lil_matrix((len(rows), len(names)))
    for number, row in enumerate(rows):
        for term, value in row.items():
            if term in index:
                table[number, index[term]] = value * rare[index[term]]
    model = LogisticRegression(C=2, max_iter=1000, class_weight="balanced")
    model.fit(table.tocsr(), truth, sample_weight=weight)
    return PrincipleModel(names, (model.coef_ * rare).T, [str(c) for c in model.classes_], model.intercept_)


def rank(model: PrincipleModel, asked: PrincipleModel, story: LabelledStory) -> list[str]:
    """Return the principles of a story, best fit first."""
    scores = _fit_of(model, story.text)
    if story.question:
        scores = scores + QUESTION_WEIGHT * _fit_of(asked, story.question)
    return [model.outputs[number] for number in np.argsort(-scores, kind="stable")]


def _fit_of(model: PrincipleModel, text: str) -> np.ndarray:
    index = {name: number for number, name in enumerate(model.names)}
    scores = model.bias.copy()
    for term, value in principle_row(text).items():
        if term in index:
            scores += value * model.rows[index[term]]
    return scores


def hold_out(
    stories: list[LabelledStory], rows: list[Row], places: dict[str, list[int]], meanings: Meanings
) -> dict[str, np.ndarray]:
    """Return what weights that never saw a story's writer say of each of its sentences by itself."""
    likely: dict[str, np.ndarray] = {}
    for writer in sorted({story.writer for story in stories}):
        model = fit_sentences([row for row in rows if row.writer != writer], meanings)
        for story in (s for s in stories if s.writer == writer):
            likely[story.id] = apply(model, [rows[place] for place in places[story.id]], meanings)
    return likely


def read_held_out(
    stories: list[LabelledStory], likely: dict[str, np.ndarray], rows: list[Row], places: dict[str, list[int]]
) -> dict[str, tuple[Reading, ...]]:
    """Return the readings of each story with neighbour weights that never saw its writer."""
    readings: dict[str, tuple[Reading, ...]] = {}
    for writer in sorted({story.writer for story in stories}):
        model = fit_neighbours([s for s in stories if s.writer != writer], likely, rows, places)
        for story in (s for s in stories if s.writer == writer):
            readings[story.id] = read_story(story, model.reweigh(likely[story.id]))
    return readings


def leave_one_out(stories: list[LabelledStory], rubric: Rubric, meanings: Meanings) -> list[dict[str, object]]:
    """Return what weights that never saw a writer say of that writer's stories."""
    rows, places = gather_rows(stories)
    writers = sorted({story.writer for story in stories})
    readings = read_held_out(stories, hold_out(stories, rows, places, meanings), rows, places)
    measures = {story.id: measure_story(select_told(readings[story.id])) for story in stories}
    texts = list(load_principle_texts())
    outcome: list[dict[str, object]] = []
    for writer in (w for w in writers if w[0] in READ_WRITERS):
        others = [story for story in stories if story.writer != writer]
        formulas = fit_formulas([measures[s.id] for s in others], [s.gaps for s in others])
        real = [(s.text, s.principles) for s in others if s.writer[0] in READ_WRITERS]
        ranking = fit_principles([*texts, *real], rubric)
        asked = fit_questions(others, rubric)
        for story in (s for s in stories if s.writer == writer):
            gaps = [sign.code for sign in find_gaps(gather_facts(readings[story.id]), formulas)]
            strength = cap_level(5, gaps, rubric)
            outcome.append(
                {"id": story.id, "gaps": gaps, "strength": strength, "principles": rank(ranking, asked, story)[:5]}
            )
    return outcome


def write_model(stories: list[LabelledStory], rubric: Rubric, meanings: Meanings) -> None:
    """Write the shipped weights, made from everything."""
    rows, places = gather_rows(stories)
    likely = hold_out(stories, rows, places, meanings)
    held = read_held_out(stories, likely, rows, places)
    measures = [measure_story(select_told(held[story.id])) for story in stories]
    formulas = fit_formulas(measures, [story.gaps for story in stories])
    model = fit_sentences(rows, meanings)
    scales = np.array([[_GRAM_SCALE.get(name[0], 1.0)] for name in model.names])
    note = {"licence": "Apache-2.0", "made_by": "evals/training/train.py"}
    MODEL.mkdir(exist_ok=True)
    features = model.features * scales
    _write("sentences.bin", model.names, features, list(OUTPUTS), model.bias, note)
    _write("words.bin", meanings.words, meanings.vectors @ model.words, list(OUTPUTS), np.zeros(len(OUTPUTS)), note)
    around = fit_neighbours(stories, likely, rows, places)
    names = [f"{block} {output}" for block in BLOCKS for output in OUTPUTS]
    _write("neighbours.bin", names, around.rows, list(OUTPUTS), around.bias, note, every=True)
    real = [(s.text, s.principles) for s in stories if s.writer[0] in READ_WRITERS]
    ranking = fit_principles([*load_principle_texts(), *real], rubric)
    _write("principles.bin", ranking.names, ranking.rows, ranking.outputs, ranking.bias, note)
    asked = fit_questions(stories, rubric)
    _write("questions.bin", asked.names, asked.rows, asked.outputs, asked.bias, note)
    table = {
        str(code): {"weights": dict(f.weights), "intercept": f.intercept, "threshold": f.threshold}
        for code, f in formulas.items()
    }
    (MODEL / "gaps.json").write_text(json.dumps({**note, "formulas": table}, indent=2) + "\n", encoding="utf-8")
    digests = {
        p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(MODEL.glob("*")) if p.suffix != ".lock"
    }
    (MODEL / "digests.lock").write_text(json.dumps(digests, indent=2) + "\n", encoding="utf-8")


def _write(
    file: str,
    names: list[str],
    rows: np.ndarray,
    outputs: list[str],
    bias: np.ndarray,
    note: dict[str, str],
    *,
    every: bool = False,
) -> None:
    largest = np.abs(rows).max(0)
    kept = [number for number in range(len(names)) if every or (np.abs(rows[number]) > largest / 254).any()]
    raw = write_weights(
        [names[number] for number in kept],
        [rows[number].tolist() for number in kept],
        outputs=outputs,
        bias=[round(float(value), 6) for value in bias],
        note=note,
    )
    Path(MODEL / file).write_bytes(raw)
    print(f"{file}: {len(kept)} of {len(names)} rows, {len(raw) // 1024} KiB")


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leave-one-out", action="store_true", help="write evals/leave-one-out.jsonl instead")
    asked = parser.parse_args()
    rubric = Catalog().rubric("leadership-principles")
    meanings = load_meanings()
    sources: tuple[Callable[[], Iterable[LabelledStory]], ...] = (
        lambda: load_labelled("dev"),
        lambda: load_labelled("messy"),
        load_authored,
    )
    stories = [story for source in sources for story in source()]
    print(f"{len(stories)} stories by {len({s.writer for s in stories})} writers")
    if asked.leave_one_out:
        outcome = leave_one_out(stories, rubric, meanings)
        text = "".join(json.dumps(row) + "\n" for row in outcome)
        (EVALS / "leave-one-out.jsonl").write_text(text, encoding="utf-8")
    else:
        write_model(stories, rubric, meanings)


if __name__ == "__main__":
    main()
