"""Every warning comes when it must, and only then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dakit.reporting.report.cautions import cautions
from dakit.reporting.report.facts import ReportFacts

MakeFacts = Callable[..., ReportFacts]


def with_accuracy(facts: ReportFacts, **intervals: tuple[float, float]) -> ReportFacts:
    metrics = {
        f"{role}_test": {
            "accuracy": sum(interval) / 2,
            "intervals": {"accuracy": list(interval), "balanced_accuracy": list(interval)},
        }
        for role, interval in intervals.items()
    }
    return replace(facts, results={**facts.results, "metrics": metrics})


@pytest.fixture
def calm(make_facts: MakeFacts) -> ReportFacts:
    """A run that only lacks other seeds."""
    return with_accuracy(make_facts(), source=(0.7, 0.8), target=(0.85, 0.9))


def said(facts: ReportFacts) -> str:
    return "\n".join(cautions(facts))


def test_a_calm_run_is_told_of_its_one_seed_only(calm: ReportFacts) -> None:
    (only,) = cautions(calm)
    assert only.startswith("One seed only (7)")


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"origin": "mock"}, "Mock data"),
        ({"leakage": {"lines": ["LEAKAGE: target: 3 of 9 objects"]}}, "LEAKAGE: target: 3 of 9"),
        ({"leakage": {"lines": ["source: leakage is not known: no groups"]}}, "Possible leakage"),
    ],
)
def test_of_the_data(calm: ReportFacts, change: dict[str, Any], word: str) -> None:
    assert word not in said(calm)
    data = {**calm.results["data"], **change}
    assert word in said(replace(calm, results={**calm.results, "data": data}))


def test_of_an_oracle(calm: ReportFacts) -> None:
    selection = {**calm.results["selection"], "used_target_labels": True}
    assert "Oracle" in said(replace(calm, results={**calm.results, "selection": selection}))


@pytest.mark.parametrize(
    ("source", "target", "word"),
    [
        ((0.8, 0.9), (0.6, 0.7), "A gap is left: target accuracy is 0.200 below"),
        ((0.8, 0.9), (0.75, 0.85), "+0.050, uncertain by about 0.071"),
        ((0.8, 0.9), (0.4, 0.6), "no better than guessing"),
    ],
)
def test_of_the_gap(
    calm: ReportFacts, source: tuple[float, float], target: tuple[float, float], word: str
) -> None:
    assert word not in said(calm)
    assert word in said(with_accuracy(calm, source=source, target=target))


@pytest.mark.parametrize(
    ("told", "word"),
    [(0.49, "collapsed"), (0.515, "collapsed"), (0.99, "not aligned"), (0.6, ""), (0.97, "")],
)
def test_of_the_discriminator(calm: ReportFacts, told: float, word: str) -> None:
    rows = [
        {**row, "diagnostics": {"dann.domain_accuracy": told if row["epoch"] == 2 else 0.7}}
        for row in calm.history
    ]
    warnings = said(replace(calm, history=rows))
    assert word in warnings
    assert ("discriminator of dann" in warnings) == bool(word)


def test_of_a_class_that_is_never_predicted(calm: ReportFacts) -> None:
    target = calm.sets["target"]
    blind = replace(target, probabilities=np.tile([0.9, 0.1], (len(target), 1)))
    warnings = said(replace(calm, sets={**calm.sets, "target": blind}))
    assert "Never predicted in the target test set: merger." in warnings


def test_of_a_target_without_labels(calm: ReportFacts) -> None:
    metrics = {**calm.results["metrics"], "target_test": None}
    warnings = said(replace(calm, results={**calm.results, "metrics": metrics}))
    assert "The target has no labels" in warnings
