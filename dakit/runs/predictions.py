"""``predictions.csv`` of a finished run, read back whole or not at all."""

from __future__ import annotations

import csv
import hashlib
import io
import math
from collections.abc import Iterator, Sequence

import numpy as np

from dakit.contracts import PARTS, SIDES
from dakit.errors import InputError
from dakit.runs.folder import RunFolder
from dakit.runs.records import WAY_OUT
from dakit.runs.spreadsheet import from_text

COLUMNS = ("id", "domain", "split", "group", "label", "predicted")
TEXTS = ("id", "group", "label", "predicted")
TOLERANCE = 1e-3
"""Of the sum of a row's probabilities; they were computed and written as float32."""


def read_predictions(
    folder: RunFolder, class_names: Sequence[str], sha256: str | None = None
) -> list[dict[str, str]]:
    """Return the rows of ``predictions.csv``.

    Other rows would give other numbers than those of the run, and no sign of it.

    Raises:
        InputError: it is missing or is not what the run wrote: a column is not there, a row is cut
            off or has values that cannot be (a probability outside [0, 1], a sum that is not 1, a
            predicted class that is not the most probable one), the rows are not those of
            ``split.npz``, or the file is not the one whose ``sha256`` the results keep (older ones
            keep none).
    """
    path = folder.predictions
    try:
        data = path.read_bytes()
        table = csv.DictReader(io.StringIO(data.decode(), newline=""))
        columns, rows = table.fieldnames or (), list(table)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{path} cannot be read: {reason}. {WAY_OUT}") from error
    for row in rows:
        for name in TEXTS:
            if (text := row.get(name)) and text[0] == "'":
                row[name] = from_text(text)
    wanted = (*COLUMNS, *(f"p_{name}" for name in class_names))
    missing = [name for name in wanted if name not in columns]
    if missing:
        raise InputError(f"{path} has no column {', '.join(map(repr, missing))}. {WAY_OUT}")
    problem = next(_wrong_rows(rows, class_names), None) or next(_other_rows(folder, rows), None)
    if not problem and sha256 not in (None, hashlib.sha256(data).hexdigest()):
        problem = "it was changed after the run: its checksum is not the one in results.json"
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
        elif (values := _probabilities([row[name] for name in columns])) is None:
            yield f"the probabilities of row {number} are not numbers in [0, 1] with the sum 1"
        elif row["predicted"] != (likely := class_names[_largest(values)]):
            yield f"row {number} says {row['predicted']!r} where {likely!r} is the most probable"


def _probabilities(texts: Sequence[str]) -> list[float] | None:
    try:
        values = [float(text) for text in texts]
    except ValueError:
        return None
    if any(map(math.isnan, values)):  # a network may say so
        return values
    fit = all(-TOLERANCE <= value <= 1 + TOLERANCE for value in values)
    return values if fit and abs(sum(values) - 1) <= TOLERANCE else None


def _largest(values: list[float]) -> int:
    # numpy's argmax, which takes a NaN for the largest, is slow on three values of each row
    known = not any(map(math.isnan, values))
    return values.index(max(values)) if known else int(np.argmax(values))


def _other_rows(folder: RunFolder, rows: Sequence[dict[str, str]]) -> Iterator[str]:
    """Yield each part of a domain whose rows are not those that the run stored."""
    from dakit.data.splits import load_split  # imports torch

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
