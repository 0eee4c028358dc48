"""A run beside one without adaptation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, brier_score_loss

from dakit.errors import InputError
from dakit.reporting.report.baseline import Baseline, check_baseline, compared
from dakit.reporting.report.facts import ReportFacts
from dakit.reporting.scored_set import ScoredSet
from dakit.runs.results import Adaptation

MakeFacts = Callable[..., ReportFacts]


def noisy(scored: ScoredSet, seed: int) -> ScoredSet:
    """The same images with other probabilities."""
    second = np.random.default_rng(seed).uniform(size=len(scored))
    return replace(scored, probabilities=np.stack([1 - second, second], axis=1))


def test_differences_are_those_of_the_metrics(make_facts: MakeFacts) -> None:
    facts = make_facts()
    others = {role: noisy(scored, 3) for role, scored in facts.sets.items()}
    found = compared(facts.results, facts.sets, facts.results, others).differences["target"]
    ours, theirs = facts.sets["target"], others["target"]
    for name, metric in (
        ("accuracy", lambda s: accuracy_score(s.labels, s.predicted)),
        ("brier", lambda s: brier_score_loss(s.labels, s.probabilities[:, 1])),
    ):
        difference = found[name]
        assert difference is not None
        assert difference.value == pytest.approx(metric(ours) - metric(theirs), abs=1e-12)
        assert difference.low < difference.value < difference.high


def test_pairing_makes_the_interval_narrow(make_facts: MakeFacts) -> None:
    """Two networks that err on the same images differ by nothing, as far as 60 images can tell."""
    facts = make_facts()
    same = compared(facts.results, facts.sets, facts.results, facts.sets)
    found = same.differences["target"]["accuracy"]
    assert found is not None
    alone = facts.results.test("target").interval("accuracy")
    assert found.low < found.value == 0 < found.high == -found.low
    assert found.high - found.low < 0.8 * (alone[1] - alone[0])


def test_whole_objects_are_drawn(make_facts: MakeFacts) -> None:
    """Every object stands in the test set four times, so there is a quarter of the evidence."""
    facts = make_facts()
    once = {role: noisy(scored, 3) for role, scored in facts.sets.items()}

    def four_times(sets: Any) -> dict[str, ScoredSet]:
        return {
            role: replace(
                s,
                ids=tuple(f"{i}-{view}" for view in range(4) for i in s.ids),
                groups=s.ids * 4,
                labels=np.tile(s.labels, 4),
                probabilities=np.tile(s.probabilities, (4, 1)),
            )
            for role, s in sets.items()
        }

    def width(ours: Any, theirs: Any) -> float:
        found = compared(facts.results, ours, facts.results, theirs).differences["target"]
        return found["accuracy"].high - found["accuracy"].low

    repeated = width(four_times(facts.sets), four_times(once))
    assert repeated == pytest.approx(width(facts.sets, once), rel=0.25)


def test_other_test_images_are_refused(make_facts: MakeFacts) -> None:
    facts = make_facts()
    other = {**facts.sets, "target": replace(facts.sets["target"], ids=("x",) * 60)}
    with pytest.raises(InputError, match="on other target images"):
        compared(facts.results, facts.sets, facts.results, other)


def test_other_data_and_adapted_runs_are_refused(make_facts: MakeFacts) -> None:
    results = make_facts(data={"fingerprint": "a"}).results
    check_baseline(results, results, Adaptation())
    with pytest.raises(InputError, match="it adapts with 'mmd'"):
        check_baseline(results, results, Adaptation(terms=["mmd"]))
    with pytest.raises(InputError, match="other data"):
        check_baseline(results, make_facts(data={"fingerprint": "b"}).results, Adaptation())


def test_a_target_without_labels_has_no_difference(make_facts: MakeFacts) -> None:
    facts = make_facts()
    sets = {**facts.sets, "target": replace(facts.sets["target"], labels=None)}
    found: Baseline = compared(facts.results, sets, facts.results, sets)
    assert set(found.differences) == {"source"}
