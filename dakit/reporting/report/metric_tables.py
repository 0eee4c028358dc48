"""Section 2: metrics with intervals, confusion matrices, class fractions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from dakit.contracts import SIDES
from dakit.reporting.page.markup import paragraph, table
from dakit.reporting.report.baseline import baseline_tables
from dakit.reporting.report.facts import ReportFacts
from dakit.reporting.result_table import ROWS, set_notes, size_rows
from dakit.reporting.scored_set import ScoredSet, size_words
from dakit.runs.results import MetricSet, cell

FEW_CLASSES = 4
TITLES = {**ROWS, "precision": "precision (purity)", "recall": "recall (completeness)"}


def metric_tables(facts: ReportFacts) -> str:
    """Return all tables of numbers of both test sets."""
    known = [scored for scored in facts.sets.values() if scored.labels is not None]
    confusions = "".join(confusion_table(scored, facts.class_names) for scored in known)
    unknown = [scored.role for scored in facts.sets.values() if scored.labels is None]
    silence = "".join(paragraph(f"The {role} has no labels: no metrics.") for role in unknown)
    return (
        metrics_table(facts)
        + silence
        + (baseline_tables(facts.baseline, facts.results, facts.sets) if facts.baseline else "")
        + f'<div class="columns">{confusions}</div>'
        + fractions_table(known, facts.class_names)
    )


CALIBRATION = (
    "Chance alone makes the ECE larger than it is, by some hundredths on a few hundred images, and "
    "its interval leans upwards too: compare the ECE of runs on the same images only."
)


NO_WIDTH = (
    "An interval without width is no certainty: none of the n images spoke against the value, so "
    "no resample could. The true rate may be off by some 3 / n (rule of three)."
)


def metrics_table(facts: ReportFacts) -> str:
    """Return the metrics of both test sets with their intervals."""
    sets = [facts.results.test(role) for role in SIDES]
    mark = " (mock)" if facts.mock else ""
    header = ["metric", *(f"{role}{mark}" for role in SIDES)]
    rows = [[title, *(cell(metrics, name) for metrics in sets)] for name, title in TITLES.items()]
    rows += size_rows(sets)
    shown = table(f"Test sets, value and interval ({_intervals(facts)})", header, rows)
    without_width = any(_has_no_width(metrics) for metrics in sets if metrics)
    tests = {f"{role}_test": found for role, found in zip(SIDES, sets, strict=True)}
    unknown = set_notes(tests, facts.class_names)
    notes = [*unknown, CALIBRATION, *([NO_WIDTH] if without_width else [])]
    return shown + "".join(paragraph(note, "notes") for note in notes)


def _has_no_width(metrics: MetricSet) -> bool:
    pairs = map(metrics.interval, metrics.intervals)
    return any(pair is not None and pair[0] == pair[1] for pair in pairs)


def confusion_table(scored: ScoredSet, class_names: Sequence[str]) -> str:
    """Return the confusion matrix of one test set: counts and, for few classes, their share."""
    matrix = scored.confusion()
    assert matrix is not None  # asked for labelled sets only
    header = ["true ↓ predicted →", *class_names]
    rows = [
        [name, *(f"{n:,}{_share(n, counts)}" for n in counts)]
        for name, counts in zip(class_names, matrix, strict=True)
    ]
    return table(f"Confusion, {scored.role} test, {size_words([scored])}", header, rows)


def _share(count: int, counts: NDArray[np.int64]) -> str:
    return f" ({count / max(1, counts.sum()):.0%})" if len(counts) <= FEW_CLASSES else ""


def fractions_table(sets: Sequence[ScoredSet], class_names: Sequence[str]) -> str:
    """Return the share of images predicted to be of each class against the true share."""
    header = ["domain and class", "true", "predicted", "mean probability"]
    rows = [row for scored in sets for row in _fractions(scored, class_names)]
    return table("Class fractions of the test sets", header, rows)


def _fractions(scored: ScoredSet, class_names: Sequence[str]) -> Iterator[list[str]]:
    assert scored.labels is not None
    classes, count = len(class_names), max(1, len(scored))
    true, predicted = (
        np.bincount(values, minlength=classes) / count
        for values in (scored.labels, scored.predicted)
    )
    means = scored.probabilities.mean(axis=0)
    for index, name in enumerate(class_names):
        numbers = (true[index], predicted[index], means[index])
        yield [f"{scored.role}: {name}", *(f"{number:.3f}" for number in numbers)]


def _intervals(facts: ReportFacts) -> str:
    evaluation = facts.results.evaluation
    if evaluation is None or not evaluation.bootstrap:
        return "no intervals: the spec asks for no bootstrap"
    source, target = evaluation.units
    return (
        f"{evaluation.confidence:.0%}, {evaluation.bootstrap:,} bootstrap resamples of whole "
        f"{source} in the source, {target} in the target"
    )
