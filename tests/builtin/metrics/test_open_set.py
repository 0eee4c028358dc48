"""OS, OS* and the H-score, of any classes that the source lacks."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import recall_score

import dakit
from dakit.builtin.metrics import SPECS
from dakit.contracts import BuildContext
from dakit.errors import InputError
from dakit.testing import checks_for
from dakit.training.reporter import SilentReporter
from dakit.workflows.evaluate import score

BY_NAME = {spec.model_fields["name"].default: spec for spec in SPECS}


def measured(name: str, counts: tuple[int, ...], labels: Any, predicted: Any) -> float:
    metric = BY_NAME[name]().build(
        BuildContext(seed=0, num_classes=len(counts), class_counts=counts)
    )
    return float(metric(np.asarray(labels), np.eye(len(counts))[np.asarray(predicted)]))


def by_scikit_learn(counts, labels, predicted) -> dict[str, float]:
    """With all classes that the source lacks as one, by recalls of the rest."""
    last = len(counts)
    merged = [np.array([c if counts[c] else last for c in of]) for of in (labels, predicted)]
    known = [c for c in range(last) if counts[c] and c in labels]
    recalls = {
        c: recall_score(*merged, labels=[c], average=None)[0]
        for c in (*known, *([last] if last in merged[0] else []))
    }
    star = np.mean([recalls[c] for c in known]) if known else np.nan
    unknown = recalls.get(last, np.nan)
    both = star + unknown
    return {
        "os": np.mean([*(recalls[c] for c in known), unknown]),
        "os_star": star,
        "h_score": 2 * star * unknown / both if both != 0 else 0.0,
    }


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=30),
    st.sampled_from([(5, 5, 5, 0), (5, 0, 5, 0), (0, 5, 5, 5)]),
)
def test_they_are_those_of_scikit_learns_recalls(pairs, counts):
    labels, predicted = map(list, zip(*pairs, strict=True))
    for name, wanted in by_scikit_learn(counts, labels, predicted).items():
        assert measured(name, counts, labels, predicted) == pytest.approx(wanted, nan_ok=True), name


def test_a_model_that_finds_no_unknown_has_no_h_score():
    labels, blind = [0, 0, 1, 1, 2, 2], [0, 0, 1, 1, 0, 1]
    found = {name: measured(name, (3, 3, 0), labels, blind) for name in BY_NAME}
    assert found == {"os": pytest.approx(2 / 3), "os_star": 1.0, "h_score": 0.0}


@checks_for(*SPECS)
def test_they_pass_the_kit(check):
    check()


@pytest.fixture
def open_set(tmp_path):
    """Two known classes in both domains, and far from both of them a third in the target alone."""
    random = np.random.default_rng(0)
    centres = np.array([[3.0, 0.0], [0.0, 3.0], [-6.0, -6.0]])
    data: dict[str, Any] = {"name": "arrays", "class_names": ["a", "b", "unknown"]}
    for side, classes in (("source", 2), ("target", 3)):
        labels = np.arange(180) % classes
        inputs = centres[labels] + random.normal(size=(180, 2))
        np.savez(tmp_path / f"{side}.npz", inputs=inputs.astype(np.float32), labels=labels)
        path = str(tmp_path / f"{side}.npz")
        data[side] = {"inputs": path, "inputs_key": "inputs", "labels_key": "labels"}
    return {
        "schema_version": 1,
        "name": "open",
        "data": {**data, "normalize": {"statistics": "source"}},
        "model": {"backbone": {"name": "mlp", "hidden": [16]}},
        "objective": {"transfer": "osbp"},
        "training": {"epochs": 15, "batch_size": 32, "selection": "last"},
        "optimizer": {"lr": 0.01},
        "evaluation": {"bootstrap": 20, "metrics": ["os", "os_star", "h_score"]},
    }


def test_a_run_finds_the_unknown_and_says_so(open_set, tmp_path):
    runs = {}
    for name, transfer in (("osbp", "osbp"), ("none", None)):
        training = {**open_set["training"], "epochs": 15 if transfer else 1}
        spec = {**open_set, "objective": {"transfer": transfer}, "training": training}
        runs[name] = dakit.run(spec, out=tmp_path / name, reporter=SilentReporter())
    metrics = {name: run.metrics["target_test"] for name, run in runs.items()}
    assert metrics["none"]["h_score"] == 0
    assert metrics["osbp"]["h_score"] > 0.5
    low, high = metrics["osbp"]["intervals"]["h_score"]
    assert low <= metrics["osbp"]["h_score"] <= high
    assert runs["osbp"].metrics["source_test"]["h_score"] is None
    rows = [row for row in runs["osbp"].predictions if row["domain"] == "target"]
    test = [row for row in rows if row["split"] == "test"]
    unknown = [row for row in test if row["label"] == "unknown"]
    found = np.mean([row["predicted"] == "unknown" for row in unknown])
    shares = [
        np.mean([row["predicted"] == c for row in test if row["label"] == c]) for c in ("a", "b")
    ]
    assert metrics["osbp"]["os"] == pytest.approx(np.mean([*shares, found]))
    assert metrics["osbp"]["os_star"] == pytest.approx(np.mean(shares))
    (tmp_path / "data.json").write_text(json.dumps(open_set["data"]))
    again = score(runs["osbp"], tmp_path / "data.json", part="test", domain="target")
    assert again["metrics"]["target_test"]["h_score"] == pytest.approx(metrics["osbp"]["h_score"])


def test_a_source_with_every_class_has_no_unknown(tmp_path):
    spec = {
        "schema_version": 1,
        "name": "closed",
        "data": {"name": "digits_shift"},
        "model": {"backbone": {"name": "mlp", "hidden": [8]}},
        "objective": {"transfer": "osbp"},
    }
    with pytest.raises(InputError, match=r"'osbp' needs a class that the source lacks.*'unknown'"):
        dakit.run(spec, out=tmp_path, reporter=SilentReporter())
