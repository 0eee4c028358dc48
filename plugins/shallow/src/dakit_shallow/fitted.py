"""Terms that are fitted to all training rows at the end of an epoch, and predict."""

from __future__ import annotations

from abc import ABC, abstractmethod

from torch import Tensor

from dakit.contracts import Batch, BuildContext, EpochView, LossTerm
from dakit_shallow.mapping import ComponentsSpec, MappingSpec
from dakit_shallow.rules import Labels, LinearRule, NearestRule, Projected, Rows, Rule


class FittedTerm(LossTerm, ABC):
    """Abstract base of terms without a loss, whose ``rule`` is found in one go.

    What it is fitted to are features of both training parts and labels of the source: labels of
    the target are not there to be seen.
    """

    has_loss = False
    rule: Rule
    """What predicts; of this term's parameters and buffers."""

    @abstractmethod
    def fit(self, source: Rows, labels: Labels, target: Rows) -> None:
        """Find the rule from source rows ``(n, D)``, their labels and target rows ``(m, D)``."""

    def forward(self, batch: Batch) -> Tensor:
        """Never called, as there is no loss."""
        raise NotImplementedError(f"{type(self).__name__} has no loss")

    def predictor(self) -> Rule:
        """Return the rule, features ``(B, D)`` to logits ``(B, C)``."""
        return self.rule

    def on_epoch_end(self, view: EpochView) -> None:
        """Fit the rule to the features as they are now."""
        source = rows_of(view.source.features)
        labels: Labels = view.source.labels.cpu().numpy()
        self.fit(source, labels, rows_of(view.target.features) if self.uses_target else source[:0])


class MappedTerm(FittedTerm, ABC):
    """Abstract base of methods that bring the features together, then fit a classifier."""

    def __init__(self, spec: MappingSpec, context: BuildContext) -> None:
        super().__init__()
        self.rule = classifier(spec, context, context.feature_dim)


class ProjectedTerm(FittedTerm, ABC):
    """Abstract base of methods whose classifier sees ``(x - centre) projection``.

    ``components`` is the width of the projection: that of the spec, or ``most`` that there can be.
    """

    rule: Projected

    def __init__(self, spec: ComponentsSpec, context: BuildContext, most: int) -> None:
        super().__init__()
        width = context.feature_dim
        self.components = max(1, min(spec.components, width, most))
        rule = classifier(spec, context, self.components)
        self.rule = Projected(width, rule, self.components, unit=spec.unit_length)


def classifier(spec: MappingSpec, context: BuildContext, width: int) -> Rule:
    """Return the classifier that ``spec`` names, for rows ``(B, width)``."""
    if spec.classifier == "logistic":
        return LinearRule(width, context.num_classes, spec.inverse_regularization)
    return NearestRule(width, context.num_classes, context.source_size)


def rows_of(features: Tensor) -> Rows:
    """Return features ``(n, D)`` as float64 on the host."""
    rows: Rows = features.detach().cpu().double().numpy()
    return rows
