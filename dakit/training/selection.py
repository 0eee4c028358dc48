"""Which epoch is kept: validators score both validation parts after every epoch."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import final

import torch

from dakit.components import ValidatorSpec
from dakit.contracts import BuildContext, ValidationView, Validator
from dakit.data.prepare import PreparedData
from dakit.errors import RunError
from dakit.network import Network
from dakit.plugins.faults import built, number
from dakit.spec.run import RunSpec
from dakit.training.objective import unique_name
from dakit.training.views import Views


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

    def __init__(self, spec: RunSpec, views: Views) -> None:
        self._views = views
        self._specs: dict[str, ValidatorSpec] = {}
        for validator in (spec.training.selection, *spec.training.monitor):
            self._specs[unique_name(validator.name, self._specs)] = validator
        self.selection = next(iter(self._specs))
        context = _context(spec.seed, views.data, views.network)
        self._validators: dict[str, Validator] = {
            name: built(validator, context, Validator) for name, validator in self._specs.items()
        }

    @property
    def uses_target_labels(self) -> bool:
        """Whether the epoch is chosen by target labels."""
        return self._specs[self.selection].uses_target_labels

    @property
    def needs(self) -> frozenset[str]:
        """What the validators need beyond the outputs on the validation parts."""
        return needed_by(self._specs.values())

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
        spec = self._specs[name]
        seen = view.limited_to(spec.needs)
        if not spec.uses_target_labels:
            return seen
        return replace(seen, target_labels=self._views.labels("target", "validation"))


def needed_by(validators: Iterable[ValidatorSpec]) -> frozenset[str]:
    """Return what ``validators`` need beyond the outputs on the validation parts."""
    return frozenset(need for validator in validators for need in validator.needs)


def _context(seed: int, data: PreparedData, network: Network) -> BuildContext:
    return BuildContext(
        seed=seed,
        input_shape=data.pair.source.input_shape,
        feature_dim=network.backbone.feature_dim,
        num_classes=data.pair.num_classes,
    )
