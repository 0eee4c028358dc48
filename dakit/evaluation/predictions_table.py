"""The rows of ``predictions.csv``: what the model says of every image of both domains."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from dakit.contracts import PARTS, Domain, DomainSplit
from dakit.runs.predictions import COLUMNS
from dakit.runs.spreadsheet import csv_lines


@final
@dataclass(frozen=True)
class DomainPredictions:
    """Probabilities ``(N, C)`` of all N rows of a domain, and its split."""

    domain: Domain
    role: str
    """``source`` or ``target``."""
    split: DomainSplit
    probabilities: NDArray[np.float32]

    def rows(self, part: str) -> NDArray[np.int64]:
        """Return the rows of ``part``: train, validation or test."""
        rows: NDArray[np.int64] = getattr(self.split, part)
        return rows

    def part_of_each_row(self) -> list[str]:
        """Return ``train``, ``validation``, ``test`` or nothing for each row."""
        parts = np.full(len(self.domain), "", dtype="U10")
        for part in PARTS:
            parts[self.rows(part)] = part
        names: list[str] = parts.tolist()
        return names


def predictions_csv(domains: Sequence[DomainPredictions], class_names: Sequence[str]) -> str:
    """Return the table as CSV: a row per image, in row order, source first.

    Columns: ``id``, ``domain`` (source or target), ``split``, ``group``, ``label`` and
    ``predicted`` (class names), and ``p_<class name>`` for each class, written so that the
    float32 value can be read back exactly. What is unknown is empty. A text that a spreadsheet
    would take for a formula has ``'`` before it.
    """
    header = [*COLUMNS, *(f"p_{c}" for c in class_names)]
    rows = (row for domain in domains for row in _rows(domain, class_names))
    return "".join(csv_lines(chain([header], rows)))


def _rows(predictions: DomainPredictions, class_names: Sequence[str]) -> Iterator[list[Any]]:
    domain = predictions.domain
    columns = zip(
        _column(domain.ids, len(domain)),
        predictions.part_of_each_row(),
        _column(domain.groups, len(domain)),
        _class_column(domain.labels, len(domain), class_names),
        _class_column(predictions.probabilities.argmax(axis=1), len(domain), class_names),
        predictions.probabilities,
        strict=True,
    )
    for identifier, part, group, label, predicted, probabilities in columns:
        # csv writes str of a float32, the shortest text that reads back as the same float32
        yield [identifier, predictions.role, part, group, label, predicted, *probabilities]


def _column(values: NDArray[Any] | None, rows: int) -> list[str]:
    return [""] * rows if values is None else [str(value) for value in values.tolist()]


def _class_column(
    classes: NDArray[np.int64] | None, rows: int, class_names: Sequence[str]
) -> list[str]:
    return [""] * rows if classes is None else [class_names[c] for c in classes.tolist()]
