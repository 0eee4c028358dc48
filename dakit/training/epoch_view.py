"""What loss terms see between two epochs: the network's outputs on both training parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dakit.contracts import Domain, EpochView, SourceSide, TargetSide, View
from dakit.data.batches import evaluation_batches
from dakit.data.normalization import Normalization
from dakit.data.prepare import PreparedData
from dakit.evaluation.predict import evaluation_mode
from dakit.network import Network


@final
@dataclass(frozen=True)
class EpochViews:
    """Makes the view of any epoch; the network runs only over the parts that a term asks for."""

    data: PreparedData
    network: Network
    batch_size: int
    device: torch.device

    def view(self, epoch: int, progress: float) -> EpochView:
        """Return the view at the start or the end of ``epoch``, as the network is then."""
        return EpochView(epoch, progress, self._source, self._target)

    def _source(self) -> SourceSide:
        data, rows = self.data, self.data.split.source.train
        labels, domains = data.pair.source.labels, data.pair.source.domains
        assert labels is not None  # checked when the data were prepared
        view = self._outputs(data.pair.source, rows, data.normalization.source)
        return SourceSide(
            view.features,
            view.logits,
            self._tensor(labels[rows]),
            self._indices(rows),
            domains=None if domains is None else self._tensor(domains[rows]),
        )

    def _target(self) -> TargetSide:
        data, rows = self.data, self.data.split.target.train
        with self.network.for_domain("target"):
            view = self._outputs(data.pair.target, rows, data.normalization.target)
        return TargetSide(view.features, view.logits, self._indices(rows))

    def _tensor(self, values: NDArray[np.int64]) -> Tensor:
        return torch.from_numpy(values.astype(np.int64)).to(self.device)

    def _indices(self, rows: NDArray[np.int64]) -> Tensor:
        return torch.arange(len(rows), device=self.device)

    @torch.no_grad()
    def _outputs(self, domain: Domain, rows: NDArray[np.int64], scaling: Normalization) -> View:
        batches = evaluation_batches(domain, rows, scaling, self.batch_size, self.device)
        with evaluation_mode(self.network):
            features, logits = zip(*map(self.network, batches), strict=True)
        return View(torch.cat(features), torch.cat(logits))
