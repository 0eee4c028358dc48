"""What adaptation did, in a sentence."""

from __future__ import annotations

from collections.abc import Iterator

from dakit.evaluation.paired_difference import Difference
from dakit.reporting.compare.facts import METRICS, ExperimentFacts
from dakit.reporting.compare.tables import spread_text
from dakit.reporting.result_table import difference_text

TOLD = (("target", "accuracy"), ("target", "auc"), ("source", "accuracy"))


def verdicts(facts: ExperimentFacts) -> Iterator[str]:
    """Yield for each method what it gained and lost beside the baseline."""
    if facts.baseline is None:
        return
    for method in facts.others:
        found = [(*what, facts.differences.get((method.label, *what))) for what in TOLD]
        told = [
            f"{role} {METRICS[metric]} {_change(facts, method.label, role, metric)}, "
            f"{difference_text(difference)}, {_meaning(difference)}"
            for role, metric, difference in found
            if difference is not None
        ]
        if told:
            yield f"{method.label} beside {facts.baseline.label}: {'; '.join(told)}."


def _change(facts: ExperimentFacts, label: str, role: str, metric: str) -> str:
    assert facts.baseline is not None
    names = (facts.baseline.label, label)
    return " → ".join(spread_text(facts.spreads[name, role, metric]) for name in names)


def _meaning(difference: Difference) -> str:
    if difference.above_zero:
        return "a gain"
    if difference.below_zero:
        return "a loss"
    return "within chance" if difference.low is not None else "without an interval"
