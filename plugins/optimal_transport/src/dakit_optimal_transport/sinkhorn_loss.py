"""The Sinkhorn divergence (Feydy et al. 2019), with the dynamic blur of SIDDA."""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

import torch
from geomloss import SamplesLoss
from torch import Tensor

from dakit.contracts import Batch, BuildContext, LossTerm
from dakit_optimal_transport.dynamic_weights import DynamicWeights
from dakit_optimal_transport.samples import at_least_float32, centred, zero_with_graph
from dakit_optimal_transport.sinkhorn import Sinkhorn


@final
class SinkhornLoss(LossTerm):
    """Sinkhorn divergence of source features ``(n, D)`` and target ``(m, D)``; see ``Sinkhorn``.

    It is 0 where a domain has no rows.
    """

    def __init__(self, spec: Sinkhorn, context: BuildContext) -> None:
        super().__init__()
        self.weights = DynamicWeights() if spec.dynamic_weights else None
        self.weighs_source = spec.dynamic_weights
        self._blur_fraction = spec.blur_fraction if spec.blur == "dynamic" else 0.0
        self._least_blur = spec.least_blur
        self._scaling = spec.scaling
        self._latest_blur = torch.tensor(spec.least_blur)

    def forward(self, batch: Batch) -> Tensor:
        """Return the divergence, with dynamic weights in their form."""
        divergence = self._between(batch)
        return divergence if self.weights is None else self.weights(divergence, batch.source)

    def source_weights(self, batch: Batch) -> Tensor:
        """Return the weight of the task, the same for every source row."""
        ones = super().source_weights(batch)
        return ones if self.weights is None else ones * self.weights.of_task()

    def _between(self, batch: Batch) -> Tensor:
        source = at_least_float32(batch.source.features)
        target = at_least_float32(batch.target.features)
        if min(len(source), len(target)) == 0:
            return zero_with_graph(source, target)
        with torch.autocast(source.device.type, enabled=False):
            return self._divergence(*centred(source, target))

    def diagnostics(self) -> Mapping[str, Tensor]:
        """Return the blur of the latest step, in units of the features, and what was learned."""
        learned = {} if self.weights is None else self.weights.values()
        return {"blur": self._latest_blur, **learned}

    def _divergence(self, source: Tensor, target: Tensor) -> Tensor:
        farthest = float(torch.cdist(source.detach(), target.detach()).max())
        blur = max(self._least_blur, self._blur_fraction * farthest)
        self._latest_blur = torch.tensor(blur)
        # the annealing starts at the diameter; collapsed samples have none to take a logarithm of
        rows = torch.cat([source, target]).detach()
        diameter = max(float((rows.amax(dim=0) - rows.amin(dim=0)).norm()), blur)
        loss = SamplesLoss(
            "sinkhorn",
            p=2,
            blur=blur,
            scaling=self._scaling,
            diameter=diameter,
            backend="tensorized",
        )
        # geomloss leaves gradients switched on, whatever they were before
        with torch.set_grad_enabled(torch.is_grad_enabled()):
            value: Tensor = loss(source, target)
        return value
