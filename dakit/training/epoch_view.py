"""What loss terms see between two epochs: the network's outputs on both training parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dakit.contracts import EpochView, SourceSide, TargetSide, View
from dakit.data.batches import reader_of
from dakit.data.prepare import PreparedData
from dakit.evaluation.predict import outputs
from dakit.network import Network, Role


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
        rows, source = self.data.split.source.train, self.data.pair.source
        assert source.labels is not None  # checked when the data were prepared
        view = self._outputs("source", rows)
        return SourceSide(
            view.features,
            view.logits,
            self._tensor(source.labels[rows]),
            self._indices(rows),
            domains=None if source.domains is None else self._tensor(source.domains[rows]),
        )

    def _target(self) -> TargetSide:
        rows = self.data.split.target.train
        view = self._outputs("target", rows)
        return TargetSide(view.features, view.logits, self._indices(rows))

    def _tensor(self, values: NDArray[np.int64]) -> Tensor:
        return torch.from_numpy(values.astype(np.int64)).to(self.device)

    def _indices(self, rows: NDArray[np.int64]) -> Tensor:
        return torch.arange(len(rows), device=self.device)

    def _outputs(self, role: Role, rows: NDArray[np.int64]) -> View:
        read = reader_of(self.data, role, self.device)
        return outputs(self.network, read, rows, role=role, batch_size=self.batch_size)
