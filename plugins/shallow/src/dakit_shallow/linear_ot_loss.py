"""Optimal transport between Gaussians (Flamary et al. 2019)."""

from __future__ import annotations

from typing import final

import ot

from dakit.contracts import BuildContext
from dakit_shallow.fitted import MappedTerm
from dakit_shallow.linear_ot import LinearOT
from dakit_shallow.rules import Labels, Rows


@final
class LinearOTMethod(MappedTerm):
    """A classifier of source rows that are transported to the target; see ``LinearOT``."""

    def __init__(self, spec: LinearOT, context: BuildContext) -> None:
        super().__init__(spec, context)
        self._regularization = spec.regularization

    def fit(self, source: Rows, labels: Labels, target: Rows) -> None:
        """Fit the classifier to the transported rows."""
        matrix, shift = ot.gaussian.empirical_bures_wasserstein_mapping(
            source, target, reg=self._regularization
        )
        self.rule.fit(source @ matrix + shift, labels)
