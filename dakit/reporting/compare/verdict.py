"""What adaptation did, in a sentence, and what its interval covers."""

from __future__ import annotations

from collections.abc import Iterator

from dakit.evaluation.paired_difference import Difference, resamples_seeds
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


def interval_words(facts: ExperimentFacts) -> str:
    """Return exactly what was resampled for the intervals of the differences."""
    if facts.baseline is None:
        return "No differences: there is no run without adaptation to compare with."
    grouped = all(s.groups for run in facts.experiment.runs for s in run.sets.values())
    with_seeds = [m.label for m in facts.others if _draws_seeds(facts, m.label)]
    seeds = (
        f"seeds, independently of them, for {', '.join(with_seeds)} (two seeds or more on both "
        "sides); few seeds understate the scatter between them"
        if with_seeds
        else "no seeds, as there are not two on both sides: the luck of training is not covered"
    )
    return (
        "A difference is the mean over the method's seeds minus that over the baseline's. Its "
        "interval is the percentile bootstrap with 1,000 resamples. Drawn with replacement: "
        f"{'objects' if grouped else 'objects where they are known, else images'} of all test "
        "sets together, a draw counting alike in both methods and in all seeds wherever the "
        f"same id occurs (paired); and {seeds}."
    )


def _draws_seeds(facts: ExperimentFacts, label: str) -> bool:
    (method,) = (m for m in facts.methods if m.label == label)
    return facts.baseline is not None and resamples_seeds(method.seeds, facts.baseline.seeds)
