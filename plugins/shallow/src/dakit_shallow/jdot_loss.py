"""Joint distribution optimal transport (Courty et al. 2017)."""

from __future__ import annotations

from typing import final

import numpy as np
import ot
import torch
from scipy.special import log_softmax

from dakit.contracts import BuildContext
from dakit_shallow.fitted import FittedTerm, rows_of
from dakit_shallow.jdot import JDOT
from dakit_shallow.rules import Labels, LinearRule, Rows

ENOUGH = 10_000_000
"""Steps of the network simplex; it needs some thousand."""


@final
class JDOTMethod(FittedTerm):
    """A classifier of target rows whose labels are transported to them; see ``JDOT``."""

    def __init__(self, spec: JDOT, context: BuildContext) -> None:
        super().__init__()
        self._spec = spec
        strength = spec.inverse_regularization
        self.rule = LinearRule(context.feature_dim, context.num_classes, strength)

    def fit(self, source: Rows, labels: Labels, target: Rows) -> None:
        """Find coupling and classifier in turns."""
        distances = ot.dist(source, target)
        mean = distances.mean()
        costs = distances = self._spec.alpha * distances / (mean if mean > 0 else 1.0)
        given = torch.from_numpy(target).to(next(self.buffers()).device)
        for _ in range(self._spec.turns):
            rows, classes, weights = transported(costs, labels)
            self.rule.fit(target[rows], classes, weights)
            logits = rows_of(self.rule(given))
            costs = distances - log_softmax(logits, axis=1)[:, labels].T


def transported(costs: Rows, labels: Labels) -> tuple[Labels, Labels, Rows]:
    """Return target rows, the classes that come to them, and their shares, by ``costs (n, m)``.

    The shares of a target row have the sum 1.
    """
    n, m = costs.shape
    plan = ot.emd(ot.unif(n), ot.unif(m), costs, numItermax=ENOUGH)
    shares = np.zeros((m, int(labels.max()) + 1))
    np.add.at(shares.T, labels, m * plan)
    rows, classes = np.nonzero(shares > 1e-9)
    return rows, classes, shares[rows, classes]
