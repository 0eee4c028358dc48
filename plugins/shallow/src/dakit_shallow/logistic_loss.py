"""Logistic regression, fitted to the end."""

from __future__ import annotations

from typing import final

from dakit.contracts import BuildContext
from dakit_shallow.fitted import FittedTerm
from dakit_shallow.logistic import Logistic
from dakit_shallow.rules import Labels, LinearRule, Rows


@final
class LogisticTask(FittedTerm):
    """Logistic regression on source rows ``(n, D)``; see ``Logistic``."""

    uses_target = False

    def __init__(self, spec: Logistic, context: BuildContext) -> None:
        super().__init__()
        strength = spec.inverse_regularization
        self.rule = LinearRule(context.feature_dim, context.num_classes, strength)

    def fit(self, source: Rows, labels: Labels, target: Rows) -> None:
        """Fit the weights; the target does not matter."""
        self.rule.fit(source, labels)
