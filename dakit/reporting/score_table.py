"""The table that ``dakit evaluate`` ends with: how a model does on other data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from dakit.reporting.aligned_table import print_aligned, print_line
from dakit.reporting.result_table import (
    MOCK_WARNING,
    ORACLE_WARNING,
    WARNING_STYLE,
    data_line,
    interval_note,
    is_mock,
    metric_rows,
    set_notes,
)


def print_score(console: Console, document: Mapping[str, Any]) -> None:
    """Print what :func:`dakit.workflows.evaluate.score` found."""
    print_line(console, f"{document['name']} ({document['run_id']})", "bold")
    trained, data = document["trained_on"], document["data"]
    if is_mock(trained) or is_mock(data):
        print_line(console, MOCK_WARNING, WARNING_STYLE)
    if document["selection"].get("used_target_labels"):
        print_line(console, ORACLE_WARNING, WARNING_STYLE)
    for caution in document["cautions"]:
        print_line(console, caution, WARNING_STYLE)
    print_line(console, f"Trained on: {data_line(trained)}")
    print_line(console, f"Scored on: {data_line(data)}")
    titles = {f"{side}_{document['part']}": side for side in document["normalized_as"]}
    mark = " (MOCK)" if is_mock(data) else ""
    chosen = {
        f"{side} {document['part']}{mark}": document["metrics"][k] for k, side in titles.items()
    }
    print_aligned(console, ["", *chosen], list(metric_rows(chosen)))
    for side, used in document["normalized_as"].items():
        print_line(console, f"The {side} was normalised as the {used} of the run")
    for note in set_notes(document["metrics"], data["class_names"]):
        print_line(console, note)
    for note in interval_note(document["evaluation"]):
        print_line(console, note)
    for note in data["notes"]:
        print_line(console, f"Note: {note}")
