"""The table that ``dakit evaluate`` ends with: how a model does on other data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from dakit.reporting.aligned_table import print_aligned, print_line
from dakit.reporting.result_table import (
    WARNING_STYLE,
    interval_note,
    metric_rows,
    print_stamps,
    set_notes,
)
from dakit.runs.results import Score


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
    print_aligned(console, ["", *sets], list(metric_rows(sets)))
    for side, used in score.normalized_as.items():
        print_line(console, f"The {side} was normalised as the {used} of the run")
    for note in (*set_notes(score.metrics, data.class_names), *interval_note(score.evaluation)):
        print_line(console, note)
    for note in data.notes:
        print_line(console, f"Note: {note}")
