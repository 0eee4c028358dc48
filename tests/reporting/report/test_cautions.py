"""Every warning comes when it must, and only then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dakit.reporting.report.baseline import Baseline
from dakit.reporting.report.cautions import cautions
from dakit.reporting.report.facts import ReportFacts
from dakit.runs.records import EpochRow
from dakit.runs.results import Adaptation
from tests.run_files import changed, made, with_target

MakeFacts = Callable[..., ReportFacts]


def with_accuracy(facts: ReportFacts, **intervals: tuple[float, float]) -> ReportFacts:
    metrics = {
        f"{role}_test": {
            "n": 60,
            "accuracy": sum(interval) / 2,
            "intervals": {"accuracy": list(interval), "balanced_accuracy": list(interval)},
        }
        for role, interval in intervals.items()
    }
    return replace(facts, results=changed(facts.results, metrics=metrics))


@pytest.fixture
def calm(make_facts: MakeFacts) -> ReportFacts:
    """A run that only lacks other seeds."""
    return with_accuracy(make_facts(), source=(0.7, 0.8), target=(0.85, 0.9))


def without_target_labels(facts: ReportFacts) -> ReportFacts:
    return replace(facts, results=with_target(facts.results, None))


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
    data = changed(calm.results.data, **change).model_dump()
    assert word in said(replace(calm, results=changed(calm.results, data=data)))


def test_of_an_oracle(calm: ReportFacts) -> None:
    selection = changed(calm.results.selection, used_target_labels=True).model_dump()
    assert "Oracle" in said(replace(calm, results=changed(calm.results, selection=selection)))


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
        changed(row, diagnostics={"dann.domain_accuracy": told if row.epoch == 2 else 0.7})
        for row in calm.history
    ]
    warnings = said(replace(calm, history=rows))
    assert word in warnings
    assert ("discriminator of dann" in warnings) == bool(word)


@pytest.mark.parametrize(("distance", "word"), [(1.4, "it has collapsed, since"), (0.1, "not")])
def test_a_collapse_is_told_from_alignment(calm: ReportFacts, distance: float, word: str) -> None:
    rows = [changed(row, diagnostics={"dann.domain_accuracy": 0.5}) for row in calm.history]
    space = calm.latent["after"]
    after = replace(space, numbers={**space.numbers, "proxy_a_distance": distance})
    warnings = said(replace(calm, history=rows, latent={"after": after}))
    assert word in warnings
    assert f"proxy A-distance of {distance:.2f}" in warnings
    assert ("it has not collapsed" in warnings) == (word == "not")


@pytest.mark.parametrize(
    ("shares", "nil"),
    [
        ([0.0, 0.0, 0.0], True),
        ([None, 1e-9, 0.0], True),
        ([0.0, 0.0, 0.2], False),
        ([0.5, 0.5, 0.5], False),
    ],
)
def test_of_a_term_without_gradient(
    calm: ReportFacts, shares: list[float | None], nil: bool
) -> None:
    rows = [
        changed(row, gradient_shares={"cross_entropy": 0.5, "dann": share})
        for row, share in zip(calm.history, shares, strict=True)
    ]
    warnings = said(replace(calm, history=rows))
    assert ("The gradient of dann is nil: in none of 3 epochs" in warnings) == nil
    assert "cross_entropy is nil" not in warnings


def test_a_log_without_shares_says_nothing_of_them(calm: ReportFacts) -> None:
    rows = [
        made(EpochRow, {k: v for k, v in row.document.items() if k != "gradient_shares"})
        for row in calm.history
    ]
    assert "is nil" not in said(replace(calm, history=rows))


@pytest.mark.parametrize(
    ("ours", "theirs", "word"),
    [(0.2, 2.0, "Negative transfer: "), (1.0, 1.02, "No gain is shown"), (2.0, 0.2, "")],
)
def test_of_negative_transfer(
    calm: ReportFacts, beside: Callable[..., Baseline], ours: float, theirs: float, word: str
) -> None:
    adapting = replace(calm, adaptation=Adaptation(terms=["mmd"]))
    assert "was not looked for" in said(adapting)
    warnings = said(replace(adapting, baseline=beside(ours, theirs)))
    assert "was not looked for" not in warnings
    assert word in warnings
    assert ("plain (9876543210)" in warnings) == bool(word)


def test_negative_transfer_is_looked_for_in_the_source_too(
    calm: ReportFacts, beside: Callable[..., Baseline]
) -> None:
    """A method that costs the source and gives the target something."""
    harm, gain = beside(0.2, 2.0).differences["source"], beside(2.0, 0.2).differences["target"]
    both = replace(beside(1.0, 1.0), differences={"source": harm, "target": gain})
    (line,) = [x for x in cautions(replace(calm, baseline=both)) if "ransfer" in x]
    assert line.startswith("Negative transfer: source accuracy is 0.")
    assert "below that of plain (9876543210)" in line
    gained = {"source": gain, "target": gain}
    assert "ransfer" not in said(replace(calm, baseline=replace(both, differences=gained)))


@pytest.mark.parametrize(
    ("distance", "adapts", "told"),
    [(1.9, True, True), (1.9, False, False), (0.6, True, False), (None, True, False)],
)
def test_domains_that_lie_apart_after_adaptation(
    calm: ReportFacts, distance: float | None, adapts: bool, told: bool
) -> None:
    space = calm.latent["after"]
    after = replace(space, numbers={**space.numbers, "proxy_a_distance": distance})
    adaptation = Adaptation(terms=["mmd"] if adapts else [])
    warnings = said(replace(calm, adaptation=adaptation, latent={"after": after}))
    assert ("A-distance of the features is 1.90 (0 alike, 2 apart)" in warnings) == told
    assert ("tells the domains errs in 2.5% of the images" in warnings) == told


def test_no_baseline_is_asked_for_where_the_target_has_no_labels(calm: ReportFacts) -> None:
    adapting = replace(without_target_labels(calm), adaptation=Adaptation(terms=["mmd"]))
    warnings = said(adapting)
    assert "The target has no labels" in warnings
    assert "--baseline" not in warnings


@pytest.mark.parametrize("part", ["train", "test"])
def test_of_a_class_without_images(calm: ReportFacts, part: str) -> None:
    counts = {"target": {**calm.counts["target"], part: [12, 0]}}
    warnings = said(replace(calm, counts=counts))
    assert f"A class is missing: no {part} image in the target is of merger." in warnings


def test_of_a_class_that_is_never_predicted(calm: ReportFacts) -> None:
    target = calm.sets["target"]
    blind = replace(target, probabilities=np.tile([0.9, 0.1], (len(target), 1)))
    warnings = said(replace(calm, sets={**calm.sets, "target": blind}))
    assert "Never predicted in the target test set: merger." in warnings


def test_of_a_target_without_labels(calm: ReportFacts) -> None:
    assert "The target has no labels" in said(without_target_labels(calm))


def test_epochs_that_tie_with_the_one_that_was_kept_are_counted(calm: ReportFacts) -> None:
    def with_scores(*scores: float) -> ReportFacts:
        plain = {"learning_rate": 0.1, "losses": {}, "weights": {}}
        rows = [
            made(EpochRow, {**plain, "epoch": n, "scores": {"source_accuracy": score}})
            for n, score in enumerate(scores, 1)
        ]
        selection = {
            "validator": "source_accuracy",
            "epoch": 2,
            "score": 0.9,
            "used_target_labels": False,
        }
        return replace(calm, history=rows, results=changed(calm.results, selection=selection))

    assert "2 of 4 epochs have the best score" in said(with_scores(0.8, 0.9, 0.7, 0.9))
    assert "have the best score" not in said(with_scores(0.8, 0.9, 0.7, 0.6))
