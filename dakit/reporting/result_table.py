"""The table that closes a run: source and target test metrics and what one must know of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from dakit.evaluation.paired_difference import Difference
from dakit.reporting.aligned_table import print_aligned, print_line

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
    console: Console, document: Mapping[str, Any], folder: Path, cautions: Iterable[str] = ()
) -> None:
    """Print the contents of ``results.json``, ``cautions``, and where the run folder is."""
    print_line(console, f"{document['name']} ({document['run_id']})", "bold")
    for warning in _warnings(document):
        print_line(console, warning, WARNING_STYLE)
    print_line(console, f"Data: {data_line(document['data'])}")
    print_line(console, selection_line(document))
    sets = {"source test": "source_test", "target test": "target_test"}
    chosen = {title: document["metrics"].get(key) for title, key in sets.items()}
    mark = " (MOCK)" if is_mock(document["data"]) else ""
    header = ["", *(title + mark for title in chosen)]
    print_aligned(console, header, list(metric_rows(chosen)))
    for caution in cautions:
        print_line(console, caution, WARNING_STYLE)
    for note in _notes(document):
        print_line(console, note)
    print_line(console, f"Run folder: {folder}")


def is_mock(data: Mapping[str, Any]) -> bool:
    """Whether the numbers come from mock data."""
    return bool(data["origin"] == "mock")


def data_line(data: Mapping[str, Any]) -> str:
    """Return what the data are, in one line."""
    description = data.get("description", "")
    return f"{data['origin']}: {description}" if description else str(data["origin"])


def selection_line(document: Mapping[str, Any]) -> str:
    """Return which epoch was kept, out of how many, and by what."""
    selection, training = document["selection"], document.get("training", {})
    score = selection.get("score")
    of = f" of {training['epochs_run']}" if "epochs_run" in training else ""
    stopped = ", stopped early" if training.get("stopped_early") else ""
    by = selection["validator"] + ("" if score is None else f" = {score:.4g}")
    return f"Epoch {selection['epoch']}{of}{stopped}, chosen by {by}"


def cell(metrics: Mapping[str, Any] | None, name: str) -> str:
    """Return a metric with its interval: ``0.871 [0.850, 0.890]``; ``-`` where undefined."""
    value = None if metrics is None else metrics.get(name)
    if metrics is None or value is None:
        return "-"
    interval = metrics.get("intervals", {}).get(name)
    if interval is None or None in interval:  # undefined in the resamples
        return f"{value:.3f}"
    return f"{value:.3f} [{interval[0]:.3f}, {interval[1]:.3f}]"


def difference_text(difference: Difference | None) -> str:
    """Return ``+0.123 [+0.050, +0.190]``."""
    if difference is None:
        return "-"
    if difference.low is None or difference.high is None:
        return f"{difference.value:+.3f}"
    return f"{difference.value:+.3f} [{difference.low:+.3f}, {difference.high:+.3f}]"


def metric_rows(sets: Mapping[str, Mapping[str, Any] | None]) -> Iterator[list[str]]:
    """Yield a row for each metric, and for the numbers of images and, where known, objects."""
    for name, title in ROWS.items():
        yield [title, *(cell(metrics, name) for metrics in sets.values())]
    yield from size_rows(sets.values())


def size_rows(sets: Collection[Mapping[str, Any] | None]) -> Iterator[list[str]]:
    """Yield how many images the metrics come from, and how many objects, where any are known."""
    for name, title in {"n": "images", "objects": "objects"}.items():
        counts = [None if metrics is None else metrics.get(name) for metrics in sets]
        if name == "n" or any(counts):
            yield [title, *("-" if count is None else f"{count:,}" for count in counts)]


def _warnings(document: Mapping[str, Any]) -> Iterator[str]:
    if is_mock(document["data"]):
        yield MOCK_WARNING
    if document["selection"]["used_target_labels"]:
        yield ORACLE_WARNING


def _notes(document: Mapping[str, Any]) -> Iterator[str]:
    yield from interval_note(document.get("evaluation"))
    yield from set_notes(document["metrics"], document["data"].get("class_names", ()))
    if document["metrics"].get("target_test") is None:
        yield "The target has no labels: nothing can be said about it."
    yield from document["data"].get("leakage", {}).get("lines", ())
    yield from (f"Note: {note}" for note in document["data"].get("notes", ()))


def set_notes(
    sets: Mapping[str, Mapping[str, Any] | None], class_names: Sequence[str]
) -> Iterator[str]:
    """Yield what is not known of test parts and whole domains: classes, intervals; and why."""
    for key, metrics in sets.items():
        if metrics is not None and key.endswith(("_test", "_all")):
            yield from _class_note(key.replace("_", " "), metrics, class_names)
            if metrics.get("no_intervals"):
                yield f"No interval in {key.replace('_', ' ')}: {metrics['no_intervals']}."


def _class_note(name: str, metrics: Mapping[str, Any], class_names: Sequence[str]) -> Iterator[str]:
    counts = metrics.get("support", ())
    if not any(counts):
        return
    missing = [n for n, count in zip(class_names, counts, strict=True) if not count]
    if missing:
        means = "means over the classes count it, as 0, only where it is predicted"
        pair = "what compares the two classes is not defined"
        yield (
            f"No image of {', '.join(missing)} in {name}: nothing is known of "
            f"it there; {means if len(class_names) > 2 else pair}."
        )


def interval_note(evaluation: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield what the intervals are, where there are any."""
    if not evaluation or not evaluation["bootstrap"]:
        return
    units = evaluation["bootstrap_unit"]
    names = {"row": "images", "group": "objects"}
    yield (
        f"Intervals: {evaluation['confidence']:.0%} from {evaluation['bootstrap']} bootstrap "
        f"resamples of whole {names[units['source']]} (source), {names[units['target']]} (target)"
    )
