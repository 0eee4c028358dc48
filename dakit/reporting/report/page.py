"""The page of one run; what stands on it where is in ``templates/report.html``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from dakit.reporting.page import Figures, filled, without_matplotlib
from dakit.reporting.report.cautions import cautions
from dakit.reporting.report.facts import ReportFacts
from dakit.reporting.report.what_was_run import what_was_run
from dakit.reporting.result_table import lower_is_better, set_notes, size_rows, titles
from dakit.reporting.scored_set import ScoredSet, count_rows, size_words
from dakit.runs.results import FurtherMetric, MetricSet, cell

NO_MATPLOTLIB = without_matplotlib("dakit report")
FEW_CLASSES = 4
TITLES = {"precision": "precision (purity)", "recall": "recall (completeness)"}


def render_page(facts: ReportFacts, figures: Figures | None) -> str:
    """Return the report as one HTML page; ``figures`` is None where they cannot be drawn."""
    tests = {f"{role}_test": facts.results.test(role) for role in facts.results.sides}
    sets, mark = list(tests.values()), " (mock)" if facts.mock else ""
    return filled(
        "report.html",
        figures,
        no_matplotlib=NO_MATPLOTLIB,
        facts=facts,
        warnings=cautions(facts),
        what_was_run=what_was_run(facts),
        count_rows=count_rows,
        columns=["metric", *(role + mark for role in facts.results.sides)],
        intervals=_intervals(facts),
        metric_rows=[*_metric_rows(sets, facts.results.further), *size_rows(sets)],
        lower_is_better=lower_is_better(facts.results.further),
        notes=set_notes(tests, facts.class_names),
        without_width=any(_has_no_width(metrics) for metrics in sets if metrics),
        known=[scored for scored in facts.sets.values() if scored.labels is not None],
        size_words=size_words,
        confusion_rows=confusion_rows,
        class_fractions=class_fractions,
    )


def _metric_rows(
    sets: Sequence[MetricSet | None], further: Sequence[FurtherMetric]
) -> Iterator[list[str]]:
    for name, title in titles(further).items():
        yield [TITLES.get(name, title), *(cell(metrics, name) for metrics in sets)]


def _has_no_width(metrics: MetricSet) -> bool:
    pairs = map(metrics.interval, metrics.intervals)
    return any(pair is not None and pair[0] == pair[1] for pair in pairs)


def confusion_rows(scored: ScoredSet, class_names: Sequence[str]) -> Iterator[list[str]]:
    """Yield a row for each true class: counts and, for few classes, their share."""
    matrix = scored.confusion()
    assert matrix is not None  # asked for labelled sets only
    for name, counts in zip(class_names, matrix, strict=True):
        yield [name, *(f"{n:,}{_share(n, counts)}" for n in counts)]


def _share(count: int, counts: NDArray[np.int64]) -> str:
    return f" ({count / max(1, counts.sum()):.0%})" if len(counts) <= FEW_CLASSES else ""


def class_fractions(
    scored: ScoredSet, class_names: Sequence[str]
) -> Iterator[tuple[str, list[str]]]:
    """Yield for each class its true and predicted share and its mean probability."""
    assert scored.labels is not None  # asked for labelled sets only
    true, predicted = (
        np.bincount(values, minlength=len(class_names)) / max(1, len(scored))
        for values in (scored.labels, scored.predicted)
    )
    means = scored.probabilities.mean(axis=0)
    for name, *numbers in zip(class_names, true, predicted, means, strict=True):
        yield name, [f"{number:.3f}" for number in numbers]


def _intervals(facts: ReportFacts) -> str:
    evaluation = facts.results.evaluation
    if evaluation is None or not evaluation.bootstrap:
        return "no intervals: the spec asks for no bootstrap"
    source, target = evaluation.units
    return (
        f"{evaluation.confidence:.0%}, {evaluation.bootstrap:,} bootstrap resamples of whole "
        f"{source} in the source, {target} in the target"
    )
