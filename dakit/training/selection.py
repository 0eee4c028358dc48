"""Which epoch is kept: validators score both validation parts after every epoch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import final

from dakit.components import ValidatorSpec
from dakit.contracts import BuildContext, ValidationView
from dakit.data.prepare import PreparedData
from dakit.network import Network
from dakit.selecting.scoring import Scorers
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
        self._scorers = Scorers(self._specs, _context(spec.seed, views.data, views.network))

    @property
    def uses_target_labels(self) -> bool:
        """Whether the epoch is chosen by target labels."""
        return self._specs[self.selection].uses_target_labels

    @property
    def needs(self) -> frozenset[str]:
        """What the validators need beyond the outputs on the validation parts."""
        return needed_by(self._specs.values())

    def scores(self, view: ValidationView) -> dict[str, float]:
        """Return each validator's score of ``view``; the selecting one comes first.

        Raises RunError naming the validator whose score is NaN.
        """
        labels = partial(self._views.labels, "target", "validation")
        return {name: self._scorers.score(name, view, labels) for name in self._specs}


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
