"""The network: a backbone and a head, from inputs to features and logits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from itertools import pairwise
from numbers import Integral
from typing import Any, final

from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from dakit.contracts import Backbone, BuildContext, LogitPredictor, Side
from dakit.errors import InputError, RunError
from dakit.plugins.faults import built, described, returned
from dakit.spec.run import HeadSpec, ModelSpec


@final
class Head(nn.Sequential):
    """Fully connected layers with ReLU between them: features ``(B, D)`` -> logits ``(B, C)``.

    With dropout each layer's inputs are dropped (Srivastava et al. 2014, section 4); weights have
    the same names with and without, so that a run with it may start from one without.
    """

    def __init__(self, spec: HeadSpec, feature_dim: int, num_classes: int) -> None:
        super().__init__()
        widths = (feature_dim, *spec.hidden, num_classes)
        for number, (below, above) in enumerate(pairwise(widths)):
            if number:
                self.add_module(str(2 * number - 1), nn.ReLU())
            if spec.dropout:
                self.add_module(f"dropout{2 * number}", nn.Dropout(spec.dropout))
            self.add_module(str(2 * number), nn.Linear(below, above))
        self._multiplier = spec.lr_multiplier
        self.num_classes = num_classes

    def lr_multiplier(self, parameter_name: str) -> float:
        """Return the factor on the learning rate of the head."""
        return self._multiplier


@final
class DomainBatchNorm(nn.Module):
    """A BatchNorm layer of its own for each domain (DSBN, Chang et al. 2019, section 3.2).

    Both begin as copies of the layer they replace: weights, biases and running averages. Seen
    from outside it is the layer of the current domain, for networks that look into their layers.
    """

    def __init__(self, layer: _BatchNorm) -> None:
        super().__init__()
        self.source = layer
        self.target = deepcopy(layer)
        self.role: Side = "source"

    def forward(self, inputs: Tensor) -> Tensor:
        """Return ``inputs`` normalised by the layer of the domain they are said to be from."""
        outputs: Tensor = (self.source if self.role == "source" else self.target)(inputs)
        return outputs

    def __getattr__(self, name: str) -> Any:
        """Return what this has, else what the layer of the current domain has of that name."""
        own = self.__dict__.get("_modules", {})
        if name in own or self.__dict__.get("role") not in own:
            return super().__getattr__(name)
        return getattr(own[self.role], name)

    @property
    def training(self) -> bool:
        """Whether the layer of the current domain is in training mode: those are switched."""
        layer = self.__dict__.get("_modules", {}).get(self.__dict__.get("role"))
        return layer is not None and bool(layer.training)

    @training.setter
    def training(self, mode: bool) -> None:
        """Leave the mode to the layers, which ``train`` reaches by themselves."""


@final
class Network(nn.Module):
    """Backbone and head; returns features ``(B, D)`` and logits ``(B, C)``.

    With a ``predictor`` the logits are its own: of the features, or of the head's logits where it
    is a :class:`~dakit.contracts.LogitPredictor`.

    After :meth:`split_batch_norm`, inputs of the target belong under ``for_domain("target")``.
    """

    def __init__(self, backbone: Backbone, head: Head, predictor: nn.Module | None = None) -> None:
        super().__init__()
        self.backbone = backbone
        self.head = head
        self.predictor = predictor

    def forward(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Return ``(features, logits)`` of ``inputs`` ``(B, *input_shape)``."""
        features = self.backbone(inputs)
        if not isinstance(features, Tensor):
            returned(features, Tensor, self.backbone, "forward")
        if features.ndim != 2 or features.shape[1] != self.backbone.feature_dim:
            raise RunError(
                f"{described(self.backbone)} returned features of shape {tuple(features.shape)}; "
                f"with its feature_dim {self.backbone.feature_dim} they must be "
                f"({len(inputs)}, {self.backbone.feature_dim})"
            )
        if self.predictor is None:
            return features, self.head(features)
        return features, self._predicted(self.predictor, features)

    def _predicted(self, predictor: nn.Module, features: Tensor) -> Tensor:
        from_logits = isinstance(predictor, LogitPredictor)
        logits = predictor(self.head(features) if from_logits else features)
        if not isinstance(logits, Tensor):
            return returned(logits, Tensor, predictor, "forward")
        if logits.ndim != 2 or logits.shape[1] != self.num_classes:
            raise RunError(
                f"{described(predictor)}, which predicts, returned logits of shape "
                f"{tuple(logits.shape)}; they must be ({len(features)}, {self.num_classes})"
            )
        return logits

    @property
    def num_classes(self) -> int:
        """The number of logits."""
        return self.head.num_classes

    @property
    def domain_layers(self) -> list[DomainBatchNorm]:
        """The layers that differ from domain to domain."""
        return [layer for layer in self.modules() if isinstance(layer, DomainBatchNorm)]

    def split_batch_norm(self) -> None:
        """Give each domain BatchNorm layers of its own. Raises InputError without any."""
        _split_batch_norm(self)
        if not self.domain_layers:
            raise InputError(
                "training.batch_norm 'domain' needs a network with BatchNorm, and this one has "
                "none; take another backbone (or its option batch_norm), or leave batch_norm out"
            )

    @contextmanager
    def for_domain(self, role: Side) -> Iterator[None]:
        """Take the inputs to be of ``role`` for a while; without split layers nothing changes."""
        layers = self.domain_layers
        before = [layer.role for layer in layers]
        for layer in layers:
            layer.role = role
        try:
            yield
        finally:
            for layer, role_before in zip(layers, before, strict=True):
                layer.role = role_before


def build_network(
    spec: ModelSpec, context: BuildContext, *, domain_batch_norm: bool = False
) -> Network:
    """Build the network of ``spec`` for inputs of ``context.input_shape``.

    Raises InputError where ``domain_batch_norm`` is asked of a network without BatchNorm.
    """
    backbone = built(spec.backbone, context, Backbone)
    width = getattr(backbone, "feature_dim", None)
    if not isinstance(width, Integral) or width < 1:
        raise RunError(
            f"{described(backbone)} has the feature_dim {width!r}; it must be the number of "
            "features that its forward returns"
        )
    network = Network(backbone, Head(spec.head, int(width), context.num_classes))
    if domain_batch_norm:
        network.split_batch_norm()
    return network


def _split_batch_norm(module: nn.Module) -> None:
    for name, child in module.named_children():
        if isinstance(child, _BatchNorm):
            setattr(module, name, DomainBatchNorm(child))
        else:
            _split_batch_norm(child)
