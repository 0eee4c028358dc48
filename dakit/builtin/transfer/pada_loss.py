"""Partial domain adaptation: class weights from the whole target (Cao et al. 2018)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

import torch
from torch import Tensor

from dakit.builtin.numerics import at_least_float32
from dakit.builtin.transfer.dann_loss import DANN
from dakit.builtin.transfer.pada import PADASpec
from dakit.contracts import Batch, BuildContext, EpochView, LossTerm


@final
class PADA(LossTerm):
    """DANN whose source rows, there and in the task, count by their class; see ``PADASpec``."""

    weighs_source = True
    honours_weights = True
    class_weights: Tensor

    def __init__(self, spec: PADASpec, context: BuildContext) -> None:
        super().__init__()
        self.adversary = DANN(spec, context)
        self.register_buffer("class_weights", torch.ones(context.num_classes))

    def on_epoch_start(self, view: EpochView) -> None:
        """Weigh the classes by the mean prediction over all target rows."""
        shares = at_least_float32(view.target.logits).softmax(dim=1).mean(dim=0)
        self.class_weights.copy_(shares / shares.max())

    def source_weights(self, batch: Batch) -> Tensor:
        """Return the weight of each source row's class."""
        return self.class_weights[batch.source.labels]

    def forward(self, batch: Batch) -> Tensor:
        """Return the domain loss, weighed by ``batch.source.weights``."""
        loss: Tensor = self.adversary(batch)
        return loss

    def lr_multiplier(self, parameter_name: str) -> float:
        """Return the factor on the learning rate of the discriminator."""
        return self.adversary.lr_multiplier(parameter_name)

    def diagnostics(self) -> Mapping[str, Tensor]:
        """Return the discriminator's, and ``least_weight``, that of the rarest class."""
        return {**self.adversary.diagnostics(), "least_weight": self.class_weights.min()}
