import json
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn import metrics as sklearn

from dakit.evaluation import intervals
from dakit.evaluation.metrics import MANY, ScoredRows, metric_set
from dakit.runs.results import METRICS


def sample(classes, rows=400, seed=0):
    """Labels, and probabilities that know something of them."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, classes, rows)
    logits = random.normal(size=(rows, classes)) + 1.2 * np.eye(classes)[labels]
    return labels, np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)


def points(labels, probabilities, **options):
    found = metric_set(labels, probabilities, bootstrap=0, **options)
    return {name: found.value(name) for name in METRICS}


def by_sklearn(labels, probabilities):
    classes = probabilities.shape[1]
    predicted = probabilities.argmax(axis=1)
    average = {"average": "binary"} if classes == 2 else {"average": "macro", "zero_division": 0}
    if classes == 2:
        brier = sklearn.brier_score_loss(labels, probabilities[:, 1])
        auc = sklearn.roc_auc_score(labels, probabilities[:, 1])
    else:
        brier = ((probabilities - np.eye(classes)[labels]) ** 2).sum(axis=1).mean()
        auc = sklearn.roc_auc_score(labels, probabilities, multi_class="ovr")
    return {
        "accuracy": sklearn.accuracy_score(labels, predicted),
        "balanced_accuracy": sklearn.balanced_accuracy_score(labels, predicted),
        "precision": sklearn.precision_score(labels, predicted, **average),
        "recall": sklearn.recall_score(labels, predicted, **average),
        "f1": sklearn.f1_score(labels, predicted, **average),
        "brier": brier,
        "auc": auc,
    }


@pytest.mark.parametrize("classes", [2, 3, 7])
def test_point_values_are_those_of_scikit_learn(classes):
    labels, probabilities = sample(classes)
    found = points(labels, probabilities)
    for name, expected in by_sklearn(labels, probabilities).items():
        assert found[name] == pytest.approx(expected, abs=1e-12), name


def test_the_published_confusion_counts_give_the_published_numbers():
    """DeepMerge II, simulation to real without adaptation, target: TN, FP, FN, TP."""
    counts = [(0, 0, 111), (0, 1, 479), (1, 0, 125), (1, 1, 485)]
    labels = np.concatenate([np.full(n, truth) for truth, _, n in counts])
    predicted = np.concatenate([np.full(n, answer) for _, answer, n in counts])
    found = points(labels, np.eye(2)[predicted])
    assert found["accuracy"] == pytest.approx(0.4967, abs=5e-5)
    assert found["precision"] == pytest.approx(0.503, abs=5e-4)
    assert found["recall"] == pytest.approx(0.795, abs=5e-4)
    assert found["f1"] == pytest.approx(0.62, abs=5e-3)


def test_the_binary_brier_score_is_half_the_sum_over_both_classes():
    labels, probabilities = sample(2)
    both = ((probabilities - np.eye(2)[labels]) ** 2).sum(axis=1).mean()
    assert points(labels, probabilities)["brier"] == pytest.approx(both / 2, abs=1e-12)


def test_a_perfect_and_sure_model():
    labels = np.array([0, 1, 1, 0])
    best = dict.fromkeys(METRICS, 1.0) | {"brier": 0.0, "ece": 0.0}
    assert points(labels, np.eye(2)[labels]) == best


@pytest.mark.parametrize("classes", [2, 4])
def test_the_interval_is_that_of_resampling_and_computing_anew(classes):
    labels, probabilities = sample(classes, rows=60)
    groups = np.random.default_rng(9).integers(0, 20, 60)
    found = metric_set(labels, probabilities, groups=groups, bootstrap=300, seed=3)
    drawn = [points(labels[r], probabilities[r]) for r in _resampled_rows(groups, 300, seed=3)]
    for name in METRICS:
        values = [values[name] for values in drawn if values[name] is not None]
        np.testing.assert_allclose(
            found.intervals[name], np.quantile(values, [0.025, 0.975]), atol=1e-12
        )


def _resampled_rows(groups, resamples, seed):
    """The rows of each resample, from the same draws as the metric set's."""
    from dakit.evaluation.intervals import bootstrap_intervals

    weights = []

    def remember(w):
        weights.append(w)
        return {"n": w.sum(axis=1)}

    bootstrap_intervals(
        remember, len(groups), groups=groups, resamples=resamples, confidence=0.95, seed=seed
    )
    return [np.repeat(np.arange(len(groups)), w.astype(int)) for w in np.concatenate(weights)]


def wilson(right, of, confidence=0.95):
    interval = binomtest(right, of).proportion_ci(confidence, method="wilson")
    return pytest.approx([interval.low, interval.high], abs=1e-12)


@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.99])
@pytest.mark.parametrize("views", [1, 4])
def test_three_of_three_are_no_certainty(views, confidence):
    """Three images (or three objects of four images) are called positive, all of them rightly."""
    labels = np.repeat([0, 0, 1, 1, 1, 1], views)
    second = np.repeat([0.1, 0.2, 0.3, 0.8, 0.9, 0.7], views)
    found = metric_set(
        labels,
        np.stack([1 - second, second], axis=1),
        groups=np.repeat(np.arange(6), views) if views > 1 else None,
        confidence=confidence,
    )
    assert (found.n, found.objects) == (6 * views, 6 if views > 1 else None)
    assert found.precision == 1
    assert found.intervals["precision"] == wilson(3, 3, confidence)
    low, high = found.intervals["auc"]
    assert low < found.auc == 1 == high


@pytest.mark.parametrize("bootstrap", [0, 50])
@pytest.mark.parametrize(
    ("rows", "groups", "why"),
    [
        (1, None, "it is a single image, so nothing"),
        (1, [7], "it is a single image, so nothing"),
        (6, [7] * 6, "its 6 images show a single object, so nothing"),
        (6, [7, 7, 7, 7, 7, 8], None),
        (2, None, None),
        (0, None, None),
    ],
)
def test_a_set_of_a_single_object_says_why_it_has_no_interval(rows, groups, why, bootstrap):
    labels = np.arange(rows) % 2
    found = metric_set(
        labels,
        np.full((rows, 2), 0.5),
        groups=None if groups is None else np.array(groups),
        bootstrap=bootstrap,
    )
    assert (found.no_intervals or "").startswith(why or "")
    assert (found.no_intervals is None) == (why is None)
    if why:
        assert found.accuracy is not None
        assert set(found.intervals.values()) == {None}


@given(st.integers(2, 60), st.integers(2, 5), st.booleans(), st.integers(0, 2**32 - 1))
def test_no_interval_is_without_width(rows, classes, perfect, seed):
    """Whatever the rows: an interval holds its value, lies in the metric's range, has width."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, classes, rows)
    answers = labels if perfect else np.full(rows, random.integers(classes))
    found = metric_set(labels, np.eye(classes)[answers], bootstrap=20)
    for name, interval in found.intervals.items():
        if interval is not None:
            low, high = interval
            assert 0 <= low < high <= (2 if name == "brier" and classes > 2 else 1)
            assert not perfect or low <= found.value(name) <= high


@pytest.mark.parametrize("right", [True, False])
def test_all_right_or_all_wrong_is_wilsons_interval(right):
    labels = np.array([0, 1] * 10)
    found = metric_set(labels, np.eye(2)[labels if right else 1 - labels])
    expected = {"accuracy": 20, "recall": 10, "precision": 10}
    for name, of in expected.items():
        assert found.intervals[name] == wilson(of if right else 0, of)
    # the mean of two shares of 10: half widths in quadrature
    width = (1 - wilson(10, 10).expected[0]) / np.sqrt(2)
    low, high = found.intervals["balanced_accuracy"]
    assert high - low == pytest.approx(width)


@pytest.mark.parametrize("rate", [0.9, 0.97])
def test_few_rows_of_a_good_model_are_covered(rate):
    """20 objects: often all are right, where the bootstrap alone would promise certainty."""
    hits = 0
    for trial in range(200):
        labels = np.arange(20) % 2
        right = np.random.default_rng(trial).random(20) < rate
        found = metric_set(labels, np.eye(2)[np.where(right, labels, 1 - labels)], bootstrap=200)
        low, high = found.intervals["accuracy"]
        hits += low <= rate <= high
    assert hits >= 0.85 * 200


def test_a_better_covered_level_is_a_wider_interval():
    labels, probabilities = sample(2)
    narrow = metric_set(labels, probabilities, confidence=0.5).intervals
    wide = metric_set(labels, probabilities, confidence=0.99).intervals
    for name in METRICS:
        assert wide[name][0] < narrow[name][0] < narrow[name][1] < wide[name][1]


def test_with_one_class_what_compares_classes_is_undefined():
    found = metric_set([1, 1], [[0.2, 0.8], [0.6, 0.4]])
    undefined = {name for name in METRICS if found.value(name) is None}
    assert undefined == {"balanced_accuracy", "auc"}
    assert {name for name in METRICS if found.intervals[name] is None} == undefined


def test_without_positives_recall_is_undefined_and_without_positive_answers_precision():
    negatives = points([0, 0], [[0.8, 0.2], [0.3, 0.7]])
    assert (negatives["recall"], negatives["precision"], negatives["f1"]) == (None, 0.0, 0.0)
    silent = points([0, 1], [[0.8, 0.2], [0.7, 0.3]])
    assert (silent["recall"], silent["precision"], silent["f1"]) == (0.0, None, 0.0)


@given(
    truth=st.lists(st.integers(0, 5), min_size=1, max_size=30),
    seed=st.integers(0, 2**32 - 1),
    certain=st.booleans(),
)
def test_means_over_classes_are_scikit_learns_where_some_do_not_occur(truth, seed, certain):
    """scikit-learn averages over the classes that occur in the labels or in the predictions."""
    labels, random = np.array(truth), np.random.default_rng(seed)
    probabilities = random.dirichlet(np.ones(6) / 2, len(labels))
    if certain:
        probabilities = np.eye(6)[labels]
    predicted = probabilities.argmax(axis=1)
    found = points(labels, probabilities)
    macro = {"average": "macro", "zero_division": 0}
    for name in ("precision", "recall", "f1"):
        wanted = getattr(sklearn, f"{name}_score")(labels, predicted, **macro)
        assert found[name] == pytest.approx(wanted, abs=1e-12), name
    present = np.unique(labels)
    if len(present) > 1:
        areas = [sklearn.roc_auc_score(labels == c, probabilities[:, c]) for c in present]
        assert found["auc"] == pytest.approx(np.mean(areas), abs=1e-12)
        recalls = [np.mean(predicted[labels == c] == c) for c in present]
        assert found["balanced_accuracy"] == pytest.approx(np.mean(recalls), abs=1e-12)


def test_a_class_that_is_predicted_and_does_not_occur_lowers_the_mean():
    """Five classes occur, the sixth is predicted once: macro-F1 is over six, as scikit-learn's."""
    labels = np.array([0, 0, 0, 1, 2, 3, 4])
    predicted = np.array([0, 0, 5, 1, 2, 3, 4])
    assert points(labels, np.eye(6)[predicted])["f1"] == pytest.approx(4.8 / 6)


def test_the_rows_of_each_class_are_counted():
    found = metric_set([0, 2, 2], np.eye(4)[[0, 1, 2]], bootstrap=0)
    assert found.support == [1, 0, 2, 0]


def test_no_rows_are_no_numbers():
    found = metric_set([], np.zeros((0, 2)))
    assert found.n == 0
    assert all(found.value(name) is None and found.intervals[name] is None for name in METRICS)


@pytest.mark.parametrize("rows", [1, 2, 3, 5])
@pytest.mark.parametrize("classes", [2, 3])
def test_it_is_always_valid_json(rows, classes):
    labels, probabilities = sample(classes, rows=rows)
    json.dumps(metric_set(labels, probabilities, bootstrap=50).model_dump(), allow_nan=False)


def test_float32_probabilities_are_measured_in_double_precision():
    labels, probabilities = sample(2)
    single = probabilities.astype(np.float32)
    assert points(labels, single) == points(labels, single.astype(np.float64))


def test_a_thousand_resamples_of_three_thousand_rows_take_less_than_two_seconds():
    labels, probabilities = sample(2, rows=3000)
    groups = np.arange(3000) // 3
    started = time.process_time()
    metric_set(labels, probabilities, groups=groups, bootstrap=1000)
    assert time.process_time() - started < 2


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("views", [1, 3])
def test_summed_units_have_the_metrics_of_their_rows(classes, views):
    """Whatever the weights; the AUC to first order, whose error falls as 1 / N."""
    labels, probabilities = sample(classes, rows=3000)
    units = np.random.default_rng(5).permutation(3000) // views
    scored = ScoredRows(labels, probabilities, 15)
    drawn = np.random.default_rng(6).poisson(1, (20, 3000 // views)).astype(float)
    found, wanted = scored.of_units(units, 3000 // views)(drawn), scored.metrics(drawn[:, units])
    for name in METRICS:
        np.testing.assert_allclose(found[name], wanted[name], atol=1e-3 if name == "auc" else 1e-12)
    once = scored.of_units(units, 3000 // views)(np.ones((1, 3000 // views)))
    np.testing.assert_allclose(once["auc"], scored.metrics(np.ones((1, 3000)))["auc"], atol=1e-12)


@pytest.mark.parametrize("views", [1, 3])
def test_intervals_of_many_rows_are_those_of_drawing_each_row(views, monkeypatch):
    labels, probabilities = sample(3, rows=3000)
    groups = np.arange(3000) // views if views > 1 else None
    if views > 1:  # views of one object are alike
        labels, probabilities = labels[groups * views], probabilities[groups * views]
    each = metric_set(labels, probabilities, groups=groups, bootstrap=2000)
    monkeypatch.setattr("dakit.evaluation.metrics.MANY", 100)
    monkeypatch.setattr(intervals, "BLOCKS", 600)
    blocks = metric_set(labels, probabilities, groups=groups, bootstrap=2000)
    assert blocks != each
    assert blocks == metric_set(labels, probabilities, groups=groups, bootstrap=2000)
    for name in METRICS:
        assert blocks.value(name) == each.value(name)
        low, high = each.intervals[name]
        np.testing.assert_allclose(blocks.intervals[name], (low, high), atol=0.15 * (high - low))


def test_few_groups_of_many_rows_are_drawn_whole():
    units = intervals.pooled_units(MANY + 1, np.arange(MANY + 1) % 700, seed=0)
    assert np.array_equal(units, np.arange(MANY + 1) % 700)


def test_blocks_are_of_equal_numbers_and_keep_groups_whole():
    groups = np.arange(60_000) // 2
    units = intervals.pooled_units(60_000, groups, seed=0)
    assert np.ptp(np.bincount(units)) == 0
    assert len(np.unique(units)) == intervals.BLOCKS
    assert (units[::2] == units[1::2]).all()
    assert not np.array_equal(units, intervals.pooled_units(60_000, groups, seed=1))


def test_a_class_with_one_row_among_many_is_defined_where_it_is_drawn():
    labels = np.zeros(MANY + 10, np.int64)
    labels[7] = 1
    probabilities = np.random.default_rng(0).dirichlet([1, 1], len(labels))
    found = metric_set(labels, probabilities, bootstrap=50)
    assert found.intervals["auc"] is not None
    json.dumps(found.model_dump(), allow_nan=False)
