"""Which epoch is kept: validators score both validation parts after every epoch."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import cast, final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dakit.components import ValidatorSpec
from dakit.contracts import BuildContext, Domain, ValidationView, Validator
from dakit.data.batches import evaluation_batches
from dakit.data.normalization import Normalization
from dakit.data.prepare import PreparedData
from dakit.errors import RunError
from dakit.network import Network
from dakit.plugins.faults import built, number
from dakit.spec.run import RunSpec
from dakit.training.objective import unique_name


@final
@dataclass(frozen=True)
class Selection:
    """Which epoch was kept, by what, and how long training went on."""

    validator: str
    epoch: int
    """The epoch whose weights were kept; the first one is 1."""
    score: float
    used_target_labels: bool
    epochs_run: int
    stopped_early: bool


@final
class Judge:
    """Scores a network by the validator that selects and those that only monitor.

    Target labels are handed out only to a validator whose spec says ``uses_target_labels``. As
    in the published code the network is scored once an epoch; there before the epoch's first
    step, here after its last.
    """

    def __init__(self, spec: RunSpec, data: PreparedData, network: Network, device: torch.device):
        self._data = data
        self._device = device
        self._batch_size = spec.evaluation.batch_size
        self._specs: dict[str, ValidatorSpec] = {}
        for validator in (spec.training.selection, *spec.training.monitor):
            self._specs[unique_name(validator.name, self._specs)] = validator
        self.selection = next(iter(self._specs))
        context = _context(spec.seed, data, network)
        self._validators: dict[str, Validator] = {
            name: built(validator, context, Validator) for name, validator in self._specs.items()
        }

    @property
    def uses_target_labels(self) -> bool:
        """Whether the epoch is chosen by target labels."""
        return self._specs[self.selection].uses_target_labels

    @torch.no_grad()
    def view(self, network: Network) -> ValidationView:
        """Return the outputs of ``network``, in evaluation mode, on both validation parts."""
        network.eval()
        pair, split, normalization = self._data.pair, self._data.split, self._data.normalization
        source = self._outputs(network, pair.source, split.source.validation, normalization.source)
        rows = split.target.validation
        with network.for_domain("target"):
            target = self._outputs(network, pair.target, rows, normalization.target)
        labels = self._labels(pair.source, split.source.validation)
        return ValidationView(*source, labels, *target)

    @torch.no_grad()
    def scores(self, view: ValidationView, epoch: int) -> dict[str, float]:
        """Return each validator's score of ``view``; the selecting one comes first.

        Raises RunError naming the validator whose score is NaN.
        """
        scores = {}
        for name, validator in self._validators.items():
            score = number(validator(self._seen_by(name, view)), validator, "__call__")
            if math.isnan(score):
                raise RunError(f"the validator '{name}' returned NaN after epoch {epoch}")
            scores[name] = score
        return scores

    def _seen_by(self, name: str, view: ValidationView) -> ValidationView:
        if not self._specs[name].uses_target_labels:
            return view
        target = self._data.pair.target
        rows = self._data.split.target.validation
        return replace(view, target_labels=self._labels(target, rows))

    def _outputs(
        self, network: Network, domain: Domain, rows: NDArray[np.int64], scaling: Normalization
    ) -> tuple[Tensor, Tensor]:
        batches = evaluation_batches(domain, rows, scaling, self._batch_size, self._device)
        features, logits = zip(*map(network, batches), strict=True)
        return torch.cat(features), torch.cat(logits)

    def _labels(self, domain: Domain, rows: NDArray[np.int64]) -> Tensor:
        labels = cast("NDArray[np.int64]", domain.labels)
        return torch.as_tensor(labels[rows], dtype=torch.int64, device=self._device)


def _context(seed: int, data: PreparedData, network: Network) -> BuildContext:
    return BuildContext(
        seed=seed,
        input_shape=data.pair.source.input_shape,
        feature_dim=network.backbone.feature_dim,
        num_classes=data.pair.num_classes,
    )
