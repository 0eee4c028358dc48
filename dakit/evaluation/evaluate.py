"""The evaluation of a trained network on every part of both domains.

Here, after training, target labels are read for the first time, where the data have any.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import numpy as np
import torch

from dakit.contracts import Domain, DomainSplit
from dakit.data.normalization import Normalization
from dakit.data.prepare import PreparedData
from dakit.evaluation.metrics import metric_set
from dakit.evaluation.predict import predict
from dakit.evaluation.predictions_table import PARTS, DomainPredictions, predictions_csv
from dakit.files.writing import write_text
from dakit.network import Network, Role
from dakit.spec.run import RunSpec
from dakit.spec.training import EvaluationSpec


@final
@dataclass(frozen=True)
class Evaluation:
    """Metric sets by name (``source_test``, ``target_test``, ...) and all predictions.

    A set is None where its domain has no labels.
    """

    metrics: dict[str, dict[str, Any] | None]
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
    pair, split, normalization, settings = (
        data.pair,
        data.split,
        data.normalization,
        spec.evaluation,
    )
    source = _predict_all(
        "source", pair.source, split.source, normalization.source, settings, network, device
    )
    target = _predict_all(
        "target", pair.target, split.target, normalization.target, settings, network, device
    )
    metrics = {
        f"{predictions.role}_{part}": _measure(predictions, part, spec.evaluation, spec.seed)
        for predictions in (source, target)
        for part in PARTS
    }
    return Evaluation(metrics, source, target, data.pair.class_names)


def _predict_all(
    role: Role,
    domain: Domain,
    split: DomainSplit,
    normalization: Normalization,
    spec: EvaluationSpec,
    network: Network,
    device: torch.device,
) -> DomainPredictions:
    rows = np.arange(len(domain))
    with network.for_domain(role):
        predictions = predict(
            network, domain, rows, normalization, batch_size=spec.batch_size, device=device
        )
    return DomainPredictions(domain, role, split, predictions.probabilities)


def _measure(
    predictions: DomainPredictions, part: str, spec: EvaluationSpec, seed: int
) -> dict[str, Any] | None:
    domain, rows = predictions.domain, predictions.rows(part)
    if domain.labels is None:
        return None
    return metric_set(
        domain.labels[rows],
        predictions.probabilities[rows],
        groups=None if domain.groups is None else domain.groups[rows],
        bootstrap=spec.bootstrap,
        confidence=spec.confidence,
        ece_bins=spec.ece_bins,
        seed=seed,
    )
