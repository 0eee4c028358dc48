"""What is seen of the network between two epochs: its outputs on training and validation parts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from dakit.contracts import (
    SIDES,
    EpochView,
    PartView,
    Side,
    SourceSide,
    TargetSide,
    ValidationView,
    View,
)
from dakit.data.batches import reader_of
from dakit.data.prepare import PreparedData
from dakit.evaluation.predict import evaluation_mode, outputs
from dakit.network import Network

Part = Literal["train", "validation"]


@final
@dataclass(frozen=True)
class Views:
    """Makes the views of any epoch, of the network as it is then; it is left as it was."""

    data: PreparedData
    network: Network
    batch_size: int
    device: torch.device
    with_source: bool = True
    """Whether a term uses the source; else those of the epoch hooks have no row of it."""
    model: Network | None = None
    """What validators judge, where a term predicts in place of the head of ``network``."""

    def epoch(self, epoch: int, progress: float) -> EpochView:
        """Return what loss terms see at the start or the end of ``epoch``: the training parts.

        The network runs only over those that a term asks for.
        """
        return EpochView(
            epoch,
            progress,
            partial(self._source, "train"),
            partial(self._target, "train"),
            lambda: PartView(self._source("validation"), self._target("validation")),
        )

    def validation(self, epoch: int = 1, needs: frozenset[str] = frozenset()) -> ValidationView:
        """Return what validators see after ``epoch``: the validation parts, and what they need."""
        source, target = (
            self._outputs(role, self._rows(role, "validation"), self.judged) for role in SIDES
        )
        last = self.network.head[-1]
        assert isinstance(last, nn.Linear)  # every head ends in one logit a class
        more: dict[str, Any] = {}
        for role in SIDES:
            if "train_features" in needs:
                rows = self._rows(role, "train")
                more[f"{role}_train_features"] = self._outputs(role, rows).features
            if "inputs" in needs:
                more[f"{role}_inputs"] = self._inputs(role, "validation")
        if "network" in needs:
            more["network"] = self._target_outputs
        return ValidationView(
            source.features,
            source.logits,
            self.labels("source", "validation"),
            target.features,
            target.logits,
            epoch=epoch,
            classifier=last.weight.detach(),
            **more,
        )

    def labels(self, role: Side, part: Part) -> Tensor:
        """Return the class indices ``(N,)`` of a part that has them."""
        return self._tensor(getattr(self.data.pair, role).labels[self._rows(role, part)])

    def _source(self, part: Part) -> SourceSide:
        source, rows = self.data.pair.source, self._rows("source", part)
        rows = rows if self.with_source else rows[:0]
        assert source.labels is not None  # checked when the data were prepared
        view = self._outputs("source", rows)
        return SourceSide(
            view.features,
            view.logits,
            self._tensor(source.labels[rows]),
            self._indices(part, len(rows)),
            domains=None if source.domains is None else self._tensor(source.domains[rows]),
        )

    def _target(self, part: Part) -> TargetSide:
        view = self._outputs("target", self._rows("target", part))
        return TargetSide(view.features, view.logits, self._indices(part, len(view.logits)))

    def _outputs(self, role: Side, rows: NDArray[np.int64], network: Network | None = None) -> View:
        read = reader_of(self.data, role, self.device)
        asked = network or self.network
        return outputs(asked, read, rows, role=role, batch_size=self.batch_size)

    def _inputs(self, role: Side, part: Part) -> Tensor:
        read, rows = reader_of(self.data, role, self.device), self._rows(role, part)
        return torch.cat(list(read.batches(rows, self.batch_size))) if len(rows) else read(rows)

    @property
    def judged(self) -> Network:
        """The network as it predicts."""
        return self.model or self.network

    @torch.no_grad()
    def _target_outputs(self, inputs: Tensor) -> View:
        with evaluation_mode(self.judged), self.judged.for_domain("target"):
            seen = [self.judged(some) for some in torch.split(inputs, self.batch_size)]
        return View(*(torch.cat(parts) for parts in zip(*seen, strict=True)))

    def _rows(self, role: Side, part: Part) -> NDArray[np.int64]:
        rows: NDArray[np.int64] = getattr(getattr(self.data.split, role), part)
        return rows

    def _tensor(self, values: NDArray[np.int64]) -> Tensor:
        return torch.from_numpy(values.astype(np.int64)).to(self.device)

    def _indices(self, part: Part, count: int) -> Tensor | None:
        return torch.arange(count, device=self.device) if part == "train" else None
