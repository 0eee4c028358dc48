"""The sentence that says what adaptation did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from dakit.evaluation.paired_difference import Difference
from dakit.reporting.compare.compared_run import ComparedRun
from dakit.reporting.compare.facts import ComparisonFacts
from dakit.reporting.compare.tables import verdicts

MakeRun = Callable[..., ComparedRun]
MakeFacts = Callable[..., ComparisonFacts]


@pytest.mark.parametrize(
    ("difference", "words"),
    [
        (Difference(0.1, 0.02, 0.2), "+0.100 [+0.020, +0.200], a gain"),
        (Difference(-0.1, -0.2, -0.02), "-0.100 [-0.200, -0.020], a loss"),
        (Difference(0.1, -0.02, 0.2), "+0.100 [-0.020, +0.200], within chance"),
        (Difference(0.1, None, None), "+0.100, without an interval"),
    ],
)
def test_gain_loss_and_chance_are_told_apart(
    make_run: MakeRun, make_facts: MakeFacts, difference: Difference, words: str
) -> None:
    (facts,) = make_facts((make_run(), make_run("mmd", separation=2.0))).experiments
    facts = replace(facts, differences={("MMD", "target", "accuracy"): difference})
    before, after = (facts.spreads[m, "target", "accuracy"].mean for m in ("noDA", "MMD"))
    change = f"target accuracy {before:.3f} → {after:.3f}"
    assert list(verdicts(facts)) == [f"MMD beside noDA: {change}, {words}."]


def test_target_and_source_are_told(make_run: MakeRun, make_facts: MakeFacts) -> None:
    (facts,) = make_facts((make_run(), make_run("mmd", separation=2.0))).experiments
    (sentence,) = verdicts(facts)
    parts = [part.split()[:2] for part in sentence.partition(": ")[2].split("; ")]
    assert parts == [["target", "accuracy"], ["target", "ROC"], ["source", "accuracy"]]


def test_without_a_baseline_nothing_is_said(make_run: MakeRun, make_facts: MakeFacts) -> None:
    runs = (make_run("mmd"), make_run("dann", separation=2.0))
    (facts,) = make_facts(runs, baseline=False).experiments
    assert list(verdicts(facts)) == []
