"""Source hypothesis transfer (Liang et al. 2020)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

from torch import Tensor

from dakit.builtin.regularizers.information_maximization import InformationMaximizationSpec
from dakit.builtin.regularizers.information_maximization_loss import InformationMaximization
from dakit.builtin.regularizers.pseudo_labels import PseudoLabelsSpec
from dakit.builtin.regularizers.pseudo_labels_loss import PseudoLabels
from dakit.builtin.transfer.shot import SHOTSpec
from dakit.contracts import Batch, BuildContext, EpochView, LossTerm, Need


@final
class SHOT(LossTerm):
    """Information maximisation and pseudo-labels of target logits ``(B', C)``; see ``SHOTSpec``."""

    needs: frozenset[Need] = frozenset({"indices"})
    uses_source = False

    def __init__(self, spec: SHOTSpec, context: BuildContext) -> None:
        super().__init__()
        self._weight = spec.labels
        of_information = InformationMaximizationSpec(diversity=spec.diversity)
        self.information = InformationMaximization(of_information, context)
        self.pseudo = PseudoLabels(PseudoLabelsSpec(), context)

    def on_epoch_start(self, view: EpochView) -> None:
        """Give every target row its pseudo-label for the epoch."""
        self.pseudo.on_epoch_start(view)

    def forward(self, batch: Batch) -> Tensor:
        """Return both losses, weighted; 0 with a graph without target rows."""
        loss: Tensor = self.information(batch) + self._weight * self.pseudo(batch)
        return loss

    def diagnostics(self) -> Mapping[str, Tensor]:
        """Return ``labelled``, the share of target rows that have a label."""
        return self.pseudo.diagnostics()
