"""``predictions.csv`` of a finished run, read back whole or not at all."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Sequence

import numpy as np

from dakit.errors import InputError
from dakit.runs.folder import RunFolder
from dakit.runs.records import WAY_OUT

COLUMNS = ("id", "domain", "split", "group", "label", "predicted")
SIDES = ("source", "target")
TOLERANCE = 1e-3
"""Of the sum of a row's probabilities; they were computed and written as float32."""


def read_predictions(folder: RunFolder, class_names: Sequence[str]) -> list[dict[str, str]]:
    """Return the rows of ``predictions.csv``.

    Raises InputError where it is missing or is not what the run wrote: a column is not there, a
    row is cut off or has values that cannot be, or the rows are not those of ``split.npz``. A part
    of the rows would give other numbers than those of the run, and no sign of it.
    """
    path = folder.predictions
    try:
        with path.open(encoding="utf-8", newline="") as file:
            table = csv.DictReader(file)
            columns, rows = table.fieldnames or (), list(table)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{path} cannot be read: {reason}. {WAY_OUT}") from error
    wanted = (*COLUMNS, *(f"p_{name}" for name in class_names))
    missing = [name for name in wanted if name not in columns]
    if missing:
        raise InputError(f"{path} has no column {', '.join(map(repr, missing))}. {WAY_OUT}")
    problem = next(_wrong_rows(rows, class_names), None) or next(_other_rows(folder, rows), None)
    if problem:
        raise InputError(f"{path} is damaged: {problem}. {WAY_OUT}")
    return rows


def _wrong_rows(rows: Sequence[dict[str, str]], class_names: Sequence[str]) -> Iterator[str]:
    names = {*class_names, ""}
    columns = [f"p_{name}" for name in class_names]
    for number, row in enumerate(rows, start=1):
        if None in row or None in row.values():
            yield f"row {number} has not as many cells as the header"
        elif not {row["label"], row["predicted"]} <= names:
            yield f"row {number} has a class that the run does not know"
        elif not _are_probabilities([row[name] for name in columns]):
            yield f"the probabilities of row {number} are not numbers with the sum 1"


def _are_probabilities(texts: Sequence[str]) -> bool:
    try:
        total = sum(map(float, texts))
    except ValueError:
        return False
    return math.isnan(total) or abs(total - 1) <= TOLERANCE  # NaN: a network may say so


def _other_rows(folder: RunFolder, rows: Sequence[dict[str, str]]) -> Iterator[str]:
    """Yield each part of a domain whose rows are not those that the run stored."""
    from dakit.data.splits import PARTS, load_split  # imports torch

    split = load_split(folder.split)
    for side in SIDES:
        parts = np.array([row["split"] for row in rows if row["domain"] == side], dtype=np.str_)
        for part in PARTS:
            found, stored = np.flatnonzero(parts == part), getattr(getattr(split, side), part)
            if len(found) != len(stored):
                yield (
                    f"it holds {len(found)} rows of the {side}'s {part} part, "
                    f"{folder.split.name} {len(stored)}"
                )
            elif not np.array_equal(found, np.sort(stored)):
                yield f"the {side}'s {part} rows are not those of {folder.split.name}"
