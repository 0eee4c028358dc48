"""The evaluation of a trained network on every part of both domains.

Here, after training, target labels are read for the first time, where the data have any.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, final

import numpy as np
import torch
from numpy.typing import NDArray

from dakit.contracts import PARTS, SIDES, Domain, DomainSplit, Side
from dakit.data.batches import reader_of
from dakit.data.prepare import PreparedData
from dakit.evaluation.further import Measures, measures
from dakit.evaluation.metrics import metric_set
from dakit.evaluation.predict import probabilities_of
from dakit.files.writing import write_text
from dakit.network import Network
from dakit.runs.predictions import COLUMNS
from dakit.runs.results import MetricSet
from dakit.runs.spreadsheet import csv_lines
from dakit.spec.run import RunSpec
from dakit.spec.training import EvaluationSpec


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


@final
@dataclass(frozen=True)
class Evaluation:
    """Metric sets by name (``source_test``, ``target_test``, ...) and all predictions.

    A set is None where its domain has no labels; a source that is not there has no sets.
    """

    metrics: dict[str, MetricSet | None]
    source: DomainPredictions
    target: DomainPredictions
    class_names: tuple[str, ...]

    def write_predictions(self, path: Path) -> str:
        """Write ``predictions.csv`` and return its SHA-256; see :func:`predictions_csv`.

        Raises RunError.
        """
        text = predictions_csv((self.source, self.target), self.class_names)
        write_text(path, text)
        return hashlib.sha256(text.encode()).hexdigest()


def evaluate(
    spec: RunSpec, data: PreparedData, network: Network, device: torch.device
) -> Evaluation:
    """Predict every row of both domains and measure each part whose labels are known.

    Raises RunError where a file that the data are mapped from has changed since training began.
    """
    data.files.check()
    network.to(device)
    predicted = {
        role: _predict_all(role, data, network, spec.evaluation.batch_size, device)
        for role in SIDES
    }
    asked = measures(spec.evaluation.metrics, spec.seed, data.pair.num_classes, data.class_counts)
    metrics = {
        f"{role}_{part}": _measure(predictions, part, spec.evaluation, spec.seed, asked)
        for role, predictions in predicted.items()
        for part in PARTS
        if len(predictions.domain)
    }
    return Evaluation(metrics, predicted["source"], predicted["target"], data.pair.class_names)


def _predict_all(
    role: Side, data: PreparedData, network: Network, batch_size: int, device: torch.device
) -> DomainPredictions:
    domain: Domain = getattr(data.pair, role)
    read, rows = reader_of(data, role, device), np.arange(len(domain))
    probabilities = probabilities_of(network, read, rows, role=role, batch_size=batch_size)
    return DomainPredictions(domain, role, getattr(data.split, role), probabilities)


def _measure(
    predictions: DomainPredictions, part: str, spec: EvaluationSpec, seed: int, asked: Measures
) -> MetricSet | None:
    domain, rows = predictions.domain, predictions.rows(part)
    if domain.labels is None:
        return None
    return measured(domain, rows, predictions.probabilities[rows], spec, seed, asked)


def measured(
    domain: Domain,
    rows: NDArray[np.int64],
    probabilities: NDArray[np.float32],
    spec: EvaluationSpec,
    seed: int,
    asked: Measures,
) -> MetricSet:
    """Return the metrics of some rows of a labelled domain, whose probabilities are ``(R, C)``.

    ``asked`` are those of ``evaluation.metrics``.
    """
    assert domain.labels is not None  # unlabelled domains are not scored
    return metric_set(
        domain.labels[rows],
        probabilities,
        groups=None if domain.groups is None else domain.groups[rows],
        bootstrap=spec.bootstrap,
        confidence=spec.confidence,
        ece_bins=spec.ece_bins,
        seed=seed,
        further=asked,
    )
