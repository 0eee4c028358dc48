"""Metrics of plugins: values, intervals, differences, what is refused, and where they are shown."""

import json
from typing import Any, ClassVar, Literal

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

import dakit
from dakit import MetricSpec
from dakit.components import ComponentSpec
from dakit.errors import InputError, RunError
from dakit.evaluation.further import measures
from dakit.evaluation.metrics import metric_set
from dakit.evaluation.paired_difference import RunScores, paired_differences
from dakit.workflows.compare import compare
from tests.offered import offered


def kappa(labels: Any, probabilities: Any) -> float:
    if not len(labels):
        return np.nan
    classes = np.eye(probabilities.shape[1])
    true, predicted = classes[labels], classes[probabilities.argmax(1)]
    observed, expected = (true * predicted).sum(1).mean(), true.mean(0) @ predicted.mean(0)
    return float((observed - expected) / (1 - expected)) if expected < 1 else np.nan


class Kappa(MetricSpec):
    """Cohen's kappa."""

    title: ClassVar[str] = "Cohen's kappa"
    lowest: ClassVar[float] = -1.0
    name: Literal["kappa"] = "kappa"

    def build(self, context: Any) -> Any:
        return kappa


class Wrong(MetricSpec):
    """The share of accuracy that is missing, by another name."""

    title: ClassVar[str] = "error rate"
    higher_is_better: ClassVar[bool] = False
    name: Literal["wrong"] = "wrong"

    def build(self, context: Any) -> Any:
        return lambda y, p: float((p.argmax(1) != y).mean()) if len(y) else np.nan


class Accuracy(Kappa):
    """Takes a name that every result holds."""

    name: Literal["accuracy"] = "accuracy"  # type: ignore[assignment]


class Text(Kappa):
    """Returns a text."""

    name: Literal["text"] = "text"  # type: ignore[assignment]

    def build(self, context: Any) -> Any:
        return lambda y, p: "high"


OFFERED: tuple[type[ComponentSpec], ...] = (Kappa, Wrong, Accuracy, Text)


@pytest.fixture(scope="module", autouse=True)
def _offered():
    with offered(*OFFERED):
        yield


def scored(rows: int = 200, seed: int = 0) -> Any:
    random = np.random.default_rng(seed)
    return random.integers(0, 3, rows), random.dirichlet(np.ones(3), rows)


ASKED = measures([Kappa(), Wrong()], 0, 3)


@pytest.mark.parametrize("groups", [None, np.arange(200) // 4])
def test_its_interval_is_that_of_a_metric_that_says_the_same(groups):
    found = metric_set(*scored(), groups=groups, bootstrap=100, further=ASKED)
    labels, probabilities = scored()
    oracle = cohen_kappa_score(labels, probabilities.argmax(1))
    assert found.value("kappa") == pytest.approx(oracle)
    assert found.value("wrong") == pytest.approx(1 - found.accuracy)
    low, high = found.interval("accuracy")
    assert found.interval("wrong") == pytest.approx((1 - high, 1 - low))
    low, high = found.interval("kappa")
    assert low < found.value("kappa") < high


def test_of_many_rows_blocks_are_drawn_for_it_too(monkeypatch):
    monkeypatch.setattr("dakit.evaluation.metrics.MANY", 100)
    found = metric_set(*scored(), bootstrap=50, further=ASKED)
    low, high = found.interval("accuracy")
    assert found.interval("wrong") == pytest.approx((1 - high, 1 - low))


def test_where_all_resamples_agree_its_interval_ends_at_its_bounds():
    labels = np.arange(30) % 3
    found = metric_set(labels, np.eye(3)[(labels + 1) % 3], bootstrap=50, further=ASKED)
    assert found.value("wrong") == 1.0
    assert found.interval("wrong")[1] == 1.0
    assert found.interval("wrong")[0] == pytest.approx(1 - found.interval("accuracy")[1])


def test_what_is_undefined_is_null_and_the_sets_of_others_stay_as_they_were():
    empty = metric_set([], np.zeros((0, 2)), further=ASKED)
    assert (empty.value("kappa"), empty.interval("kappa")) == (None, None)
    plain = metric_set(*scored(), bootstrap=20).model_dump()
    both = metric_set(*scored(), bootstrap=20, further=ASKED).model_dump()
    del both["kappa"], both["wrong"], both["intervals"]["kappa"], both["intervals"]["wrong"]
    assert json.dumps(both) == json.dumps(plain)


def test_its_paired_difference_is_that_of_a_metric_that_says_the_same():
    runs = [RunScores(0, *scored(seed=seed), np.arange(200)) for seed in (1, 2)]
    runs[1] = RunScores(0, runs[0].labels, runs[1].probabilities, runs[0].units)
    found = paired_differences([runs[0]], [runs[1]], resamples=50, further=ASKED)
    accuracy, wrong = found["accuracy"], found["wrong"]
    assert (wrong.value, wrong.low) == pytest.approx((-accuracy.value, -accuracy.high))


@pytest.mark.parametrize("specs", [[Kappa(), Kappa()], [Accuracy()]])
def test_a_name_that_is_taken_is_refused(specs):
    with pytest.raises(InputError, match=r"evaluation\.metrics: '(kappa|accuracy)' is "):
        measures(specs, 0, 3)


def test_what_is_no_number_is_named():
    with pytest.raises(RunError, match="returned 'high'"):
        metric_set(*scored(), bootstrap=0, further=measures([Text()], 0, 3))


def test_runs_show_it_in_results_tables_report_and_comparison(tmp_path, monkeypatch):
    monkeypatch.setattr("dakit.workflows.report.figures_possible", lambda: False)
    spec = {
        "schema_version": 1,
        "name": "tiny",
        "data": "digits_shift",
        "model": {"backbone": {"name": "mlp", "hidden": [4]}},
        "objective": {},
        "training": {"epochs": 1},
        "evaluation": {"bootstrap": 10, "metrics": ["kappa", "wrong"]},
    }
    plain = {**spec, "evaluation": {"bootstrap": 10}}
    adapted = {**spec, "name": "adapted", "objective": {"transfer": "coral"}}
    runs = [dakit.run(each, out=tmp_path) for each in (spec, adapted)]
    test = runs[0].results["metrics"]["target_test"]
    assert test["wrong"] == pytest.approx(1 - test["accuracy"])
    assert len(test["intervals"]["kappa"]) == 2
    assert "wrong" in runs[0]._repr_html_()
    page = dakit.report(runs[1], baseline=runs[0]).path.read_text()
    assert page.count("Cohen&#39;s kappa") == 3  # metrics, and differences in both domains
    assert "ECE, error rate." in page
    tables = compare(runs, out=tmp_path / "comparison.html", latent=False).tables
    assert all("error rate" in table.header for table in tables[:4])
    assert "error rate" in (tmp_path / "comparison.html").read_text()
    with pytest.raises(InputError, match="is the name of what all results hold"):
        dakit.run({**plain, "evaluation": {"metrics": ["accuracy"]}}, out=tmp_path)
