"""The tables that close a run and an evaluation: metrics and what one must know of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from dakit.errors import printable
from dakit.evaluation.paired_difference import Difference
from dakit.reporting.aligned_table import print_aligned, print_line
from dakit.runs.results import (
    EvaluationPart,
    FurtherMetric,
    Metrics,
    MetricSet,
    Results,
    Score,
    cell,
)

ROWS = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "precision": "precision",
    "recall": "recall",
    "f1": "F1",
    "auc": "ROC AUC",
    "brier": "Brier score",
    "ece": "calibration error",
}
"""Metrics and how they are called in tables."""

MOCK_WARNING = "MOCK DATA: made by a generator; these numbers say nothing about real objects."
ORACLE_WARNING = "ORACLE: chosen by target labels; without them nobody could have chosen it."

WARNING_STYLE = "bold black on yellow"


def print_result(
    console: Console, results: Results, folder: Path, cautions: Iterable[str] = ()
) -> None:
    """Print the contents of ``results.json``, ``cautions``, and where the run folder is."""
    print_line(console, results.title, "bold")
    print_stamps(console, mock=results.data.mock, oracle=results.selection.used_target_labels)
    print_line(console, f"Data: {results.data}")
    print_line(console, selection_line(results))
    mark = " (MOCK)" if results.data.mock else ""
    tests = {f"{role} test{mark}": results.test(role) for role in results.sides}
    print_aligned(console, ["", *tests], list(metric_rows(tests, results.further)))
    for caution in cautions:
        print_line(console, caution, WARNING_STYLE)
    for note in _notes(results):
        print_line(console, note)
    print_line(console, f"Run folder: {folder}")


def print_stamps(console: Console, *, mock: bool, oracle: bool) -> None:
    """Print what must stand above numbers from mock data, or of an epoch that labels chose."""
    for warning, holds in ((MOCK_WARNING, mock), (ORACLE_WARNING, oracle)):
        if holds:
            print_line(console, warning, WARNING_STYLE)


def selection_line(results: Results) -> str:
    """Return which epoch was kept, out of how many, and by what."""
    selection, training = results.selection, results.training
    of = "" if training is None else f" of {training.epochs_run}"
    stopped = ", stopped early" if training and training.stopped_early else ""
    by = selection.validator + ("" if selection.score is None else f" = {selection.score:.4g}")
    return f"Epoch {selection.epoch}{of}{stopped}, chosen by {by}"


def difference_text(difference: Difference | None) -> str:
    """Return ``+0.123 [+0.050, +0.190]``."""
    if difference is None:
        return "-"
    if difference.low is None or difference.high is None:
        return f"{difference.value:+.3f}"
    return f"{difference.value:+.3f} [{difference.low:+.3f}, {difference.high:+.3f}]"


def titles(further: Iterable[FurtherMetric]) -> dict[str, str]:
    """Return what each metric is called in tables, those of every run and ``further`` ones."""
    return {**ROWS, **{metric.name: printable(metric.title) for metric in further}}


def lower_is_better(further: Iterable[FurtherMetric]) -> str:
    """Return ``, kappa loss`` for those of the ``further`` metrics that are better when lower."""
    return "".join(f", {printable(m.title)}" for m in further if not m.higher_is_better)


def metric_rows(sets: Metrics, further: Iterable[FurtherMetric]) -> Iterator[list[str]]:
    """Yield a row for each metric, and for the numbers of images and, where known, objects."""
    for name, title in titles(further).items():
        yield [title, *(cell(metrics, name) for metrics in sets.values())]
    yield from size_rows(sets.values())


def size_rows(sets: Collection[MetricSet | None]) -> Iterator[list[str]]:
    """Yield how many images the metrics come from, and how many objects, where any are known."""
    images = [metrics and metrics.n for metrics in sets]
    objects = [metrics and metrics.objects for metrics in sets]
    for title, counts in {"images": images, "objects": objects}.items():
        if title == "images" or any(counts):
            yield [title, *("-" if count is None else f"{count:,}" for count in counts)]


def _notes(results: Results) -> Iterator[str]:
    yield from interval_note(results.evaluation)
    yield from set_notes(results.metrics, results.data.class_names)
    if results.test("target") is None:
        yield "The target has no labels: nothing can be said about it."
    yield from results.share_lines
    yield from results.data.leakage.lines
    yield from (f"Note: {note}" for note in results.data.notes)


def set_notes(sets: Metrics, class_names: Sequence[str]) -> Iterator[str]:
    """Yield what is not known of test parts and whole domains: classes, intervals; and why."""
    for key, metrics in sets.items():
        if metrics is not None and key.endswith(("_test", "_all")):
            yield from _class_note(key.replace("_", " "), metrics, class_names)
            if metrics.no_intervals:
                yield f"No interval in {key.replace('_', ' ')}: {metrics.no_intervals}."


def _class_note(name: str, metrics: MetricSet, class_names: Sequence[str]) -> Iterator[str]:
    if not any(metrics.support):
        return
    missing = [n for n, count in zip(class_names, metrics.support, strict=True) if not count]
    if missing:
        means = "means over the classes count it, as 0, only where it is predicted"
        pair = "what compares the two classes is not defined"
        yield (
            f"No image of {', '.join(missing)} in {name}: nothing is known of "
            f"it there; {means if len(class_names) > 2 else pair}."
        )


def interval_note(evaluation: EvaluationPart | None) -> Iterator[str]:
    """Yield what the intervals are, where there are any."""
    if evaluation is not None and evaluation.bootstrap:
        source, target = evaluation.units
        yield (
            f"Intervals: {evaluation.confidence:.0%} from {evaluation.bootstrap} bootstrap "
            f"resamples of whole {source} (source), {target} (target)"
        )


def print_score(console: Console, document: Mapping[str, Any]) -> None:
    """Print what :func:`dakit.workflows.evaluate.score` found."""
    score = Score.model_validate(document)
    data, part = score.data, score.part
    print_line(console, score.title, "bold")
    mock = score.trained_on.mock or data.mock
    print_stamps(console, mock=mock, oracle=score.selection.used_target_labels)
    for caution in score.cautions:
        print_line(console, caution, WARNING_STYLE)
    print_line(console, f"Trained on: {score.trained_on}")
    print_line(console, f"Scored on: {data}")
    mark = " (MOCK)" if data.mock else ""
    sets = {f"{side} {part}{mark}": score.metrics[f"{side}_{part}"] for side in score.normalized_as}
    print_aligned(console, ["", *sets], list(metric_rows(sets, score.evaluation.metrics)))
    for side, used in score.normalized_as.items():
        print_line(console, f"The {side} was normalised as the {used} of the run")
    for note in (*set_notes(score.metrics, data.class_names), *interval_note(score.evaluation)):
        print_line(console, note)
    for note in data.notes:
        print_line(console, f"Note: {note}")
