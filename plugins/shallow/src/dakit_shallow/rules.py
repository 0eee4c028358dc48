"""Classifiers that are arrays: fitted at once, saved with a model, applied by torch."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import final

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn
from torch.nn import functional

Rows = NDArray[np.float64]
Labels = NDArray[np.int64]

ABSENT = -1e4
"""The logit of a class that no fitted row has."""


class Rule(nn.Module, ABC):
    """Abstract base of rules from rows ``(B, K)`` to logits ``(B, C)``."""

    @abstractmethod
    def fit(self, rows: Rows, labels: Labels, weights: Rows | None = None) -> None:
        """Learn from ``rows (n, K)`` of class ``labels (n,)``, which count by ``weights (n,)``."""

    @abstractmethod
    def forward(self, rows: Tensor) -> Tensor:
        """Return the logits ``(B, C)`` of ``rows (B, K)``."""


@final
class LinearRule(Rule):
    """Multinomial logistic regression; ``inverse_regularization`` is scikit-learn's C."""

    weight: Tensor
    bias: Tensor

    def __init__(self, width: int, classes: int, inverse_regularization: float) -> None:
        super().__init__()
        self.register_buffer("weight", torch.zeros(width, classes))
        self.register_buffer("bias", torch.zeros(classes))
        self._inverse_regularization = inverse_regularization

    def fit(self, rows: Rows, labels: Labels, weights: Rows | None = None) -> None:
        """Learn from ``rows (n, K)`` of class ``labels (n,)``, which count by ``weights (n,)``."""
        present = np.unique(labels)
        weight, bias = np.zeros((rows.shape[1], len(present))), np.zeros(len(present))
        if len(present) > 1:
            found = LogisticRegression(C=self._inverse_regularization, max_iter=1000)
            found.fit(rows, labels, sample_weight=weights)
            # of two classes scikit-learn has the logit of the second alone
            weight[:, -len(found.coef_) :] = found.coef_.T
            bias[-len(found.coef_) :] = found.intercept_
        self.weight.zero_()
        self.bias.fill_(ABSENT)
        columns = torch.from_numpy(present).to(self.bias.device)
        self.weight[:, columns] = torch.from_numpy(weight).to(self.weight)
        self.bias[columns] = torch.from_numpy(bias).to(self.bias)

    def forward(self, rows: Tensor) -> Tensor:
        """Return the logits ``(B, C)`` of ``rows (B, K)``."""
        return rows.to(self.weight.dtype) @ self.weight + self.bias


@final
class NearestRule(Rule):
    """The class of the nearest of ``size`` rows; see the spec ``NearestNeighbour``."""

    rows: Tensor
    labels: Tensor
    scale: Tensor

    def __init__(self, width: int, classes: int, size: int) -> None:
        super().__init__()
        self.register_buffer("rows", torch.zeros(size, width))
        self.register_buffer("labels", torch.zeros(size, dtype=torch.int64))
        self.register_buffer("scale", torch.ones(()))
        self._classes = classes

    def fit(self, rows: Rows, labels: Labels, weights: Rows | None = None) -> None:
        """Keep ``rows (size, K)`` and their ``labels (size,)``; weights do not matter."""
        spread = np.square(rows - rows.mean(axis=0)).sum(axis=1).mean()
        self.rows.copy_(torch.from_numpy(rows))
        self.labels.copy_(torch.from_numpy(labels))
        self.scale.fill_(max(float(spread) / 10, float(np.finfo(np.float32).tiny)))

    def forward(self, rows: Tensor) -> Tensor:
        """Return the logits ``(B, C)`` of ``rows (B, K)``."""
        rows = rows.to(self.rows.dtype)
        squares = rows.square().sum(dim=1, keepdim=True) + self.rows.square().sum(dim=1)
        distances = (squares - 2 * rows @ self.rows.T).clamp(min=0) / self.scale
        of_others = (
            self.labels != torch.arange(self._classes, device=rows.device)[:, None]
        ).unbind()
        nearest = [distances.masked_fill(others, -ABSENT).amin(dim=1) for others in of_others]
        return -torch.stack(nearest, dim=1)


@final
class Projected(Rule):
    """A rule on ``(x - centre) projection``, of length 1 where ``unit``."""

    centre: Tensor
    projection: Tensor

    def __init__(self, width: int, rule: Rule, components: int, *, unit: bool) -> None:
        super().__init__()
        self.register_buffer("centre", torch.zeros(width))
        self.register_buffer("projection", torch.zeros(width, components))
        self.rule = rule
        self._unit = unit

    def look_from(self, centre: Rows, projection: Rows) -> None:
        """Set ``centre (D,)`` and ``projection (D, K)``."""
        self.centre.copy_(torch.from_numpy(centre))
        self.projection.copy_(torch.from_numpy(projection))

    def fit(self, rows: Rows, labels: Labels, weights: Rows | None = None) -> None:
        """Let the rule learn from ``rows (n, K)`` that are projected already."""
        lengths = np.linalg.norm(rows, axis=1, keepdims=True).clip(min=np.finfo(np.float32).tiny)
        self.rule.fit(rows / lengths if self._unit else rows, labels, weights)

    def forward(self, rows: Tensor) -> Tensor:
        """Return the logits ``(B, C)`` of features ``(B, D)``."""
        seen = (rows.to(self.centre.dtype) - self.centre) @ self.projection
        logits: Tensor = self.rule(functional.normalize(seen) if self._unit else seen)
        return logits
