"""The evaluation of a trained network on every part of both domains.

Here, after training, target labels are read for the first time, where the data have any.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import final

import numpy as np
import torch
from numpy.typing import NDArray

from dakit.contracts import PARTS, SIDES, Domain, Side
from dakit.data.batches import reader_of
from dakit.data.prepare import PreparedData
from dakit.evaluation.metrics import metric_set
from dakit.evaluation.predict import probabilities_of
from dakit.evaluation.predictions_table import DomainPredictions, predictions_csv
from dakit.files.writing import write_text
from dakit.network import Network
from dakit.runs.results import MetricSet
from dakit.spec.run import RunSpec
from dakit.spec.training import EvaluationSpec


@final
@dataclass(frozen=True)
class Evaluation:
    """Metric sets by name (``source_test``, ``target_test``, ...) and all predictions.

    A set is None where its domain has no labels.
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
    metrics = {
        f"{role}_{part}": _measure(predictions, part, spec.evaluation, spec.seed)
        for role, predictions in predicted.items()
        for part in PARTS
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
    predictions: DomainPredictions, part: str, spec: EvaluationSpec, seed: int
) -> MetricSet | None:
    domain, rows = predictions.domain, predictions.rows(part)
    if domain.labels is None:
        return None
    return measured(domain, rows, predictions.probabilities[rows], spec, seed)


def measured(
    domain: Domain,
    rows: NDArray[np.int64],
    probabilities: NDArray[np.float32],
    spec: EvaluationSpec,
    seed: int,
) -> MetricSet:
    """Return the metrics of some rows of a labelled domain, whose probabilities are ``(R, C)``."""
    assert domain.labels is not None  # unlabelled domains are not scored
    return metric_set(
        domain.labels[rows],
        probabilities,
        groups=None if domain.groups is None else domain.groups[rows],
        bootstrap=spec.bootstrap,
        confidence=spec.confidence,
        ece_bins=spec.ece_bins,
        seed=seed,
    )
