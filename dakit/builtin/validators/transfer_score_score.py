"""Transfer Score."""

from __future__ import annotations

import math
from typing import final

import torch
from torch import Tensor
from torch.nn import functional

from dakit.builtin.numerics import finite_or
from dakit.builtin.validators.information_maximization_score import mutual_information
from dakit.builtin.validators.transfer_score import TransferScoreSpec
from dakit.contracts import BuildContext, ValidationView, derived_seed

FEWEST, MOST = 20, 200
"""Rows for a Hopkins statistic, and points that it draws."""


@final
class TransferScore:
    """Uniform classifier, clustered target features, sure and diverse predictions."""

    def __init__(self, spec: TransferScoreSpec, context: BuildContext) -> None:
        self._seed = derived_seed(context.seed, "hopkins statistic")

    def __call__(self, view: ValidationView) -> float:
        """Return ``-U + H + |M| / log C``; what is not defined of it counts as 0."""
        assert view.classifier is not None  # every view has one
        classes = view.target_logits.shape[1]
        sure = mutual_information(view.target_logits) / math.log(classes)
        clustered = hopkins(view.target_features.double(), self._seed)
        uneven = unevenness(view.classifier.double())
        return sum(finite_or(part, 0.0) for part in (-uneven, clustered, sure))


def unevenness(weights: Tensor) -> float:
    """Return the mean squared deviation of the angles between the rows of ``weights (C, D)``.

    It is from ``acos(-1 / (C - 1))``, the angle where all are as far apart as they can be.
    """
    directions, classes = functional.normalize(weights, dim=1), len(weights)
    angles = torch.acos((directions @ directions.T).clamp(-1, 1))
    pairs = ~torch.eye(classes, dtype=torch.bool, device=weights.device)
    return (angles[pairs] - math.acos(-1 / (classes - 1))).square().mean().item()


def hopkins(rows: Tensor, seed: int) -> float:
    """Return the Hopkins statistic of ``rows (M, D)``: 1/2 for uniform ones, 1 for clusters.

    0 below 20 rows, or where all are the same.
    """
    if len(rows) < FEWEST or not rows.isfinite().all():
        return 0.0
    generator, count = torch.Generator().manual_seed(seed), min(len(rows), MOST)
    uniform = torch.rand(count, rows.shape[1], generator=generator, dtype=rows.dtype)
    low, high = rows.aminmax(dim=0)
    points = low + (high - low) * uniform.to(rows.device)
    chosen = torch.randperm(len(rows), generator=generator)[:count].to(rows.device)
    between = torch.cdist(rows[chosen], rows)
    between[torch.arange(count, device=rows.device), chosen] = torch.inf  # no row is its own
    of_rows = between.amin(dim=1).sum().item()
    of_points = torch.cdist(points, rows).amin(dim=1).sum().item()
    total = of_points + of_rows
    return of_points / total if total > 0 else 0.0
