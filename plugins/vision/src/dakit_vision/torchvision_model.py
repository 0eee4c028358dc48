"""Backbones from torchvision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import nn
from torchvision import models

from dakit import InputError
from dakit.contracts import BuildContext
from dakit_vision.image_model import ImageModel, channels_of, unknown_model
from dakit_vision.layers import last_linear, replace, with_channels
from dakit_vision.torchvision import TorchvisionModel
from dakit_vision.weights import load_weights

RGB = 3


def build_torchvision(spec: TorchvisionModel, context: BuildContext) -> ImageModel:
    """Return the torchvision model of ``spec`` without its last layer."""
    name, channels = spec.model, channels_of(context, "torchvision")
    model = _create(name, spec.options)
    classifier = last_linear(model)
    if classifier is None:
        raise InputError(f"model {name!r} has no fully connected last layer to take features from")
    layer, linear = classifier
    replace(model, layer, nn.Identity())
    pretrained = load_weights(model, spec, context, classifier=layer)
    if channels != RGB:
        with_channels(model, channels, keep_weights=pretrained)
    return ImageModel(model, linear.in_features, context.input_shape, name)


def _create(name: str, options: Mapping[str, Any]) -> nn.Module:
    available = models.list_models(module=models)
    if name not in available:
        raise unknown_model(name, available, "torchvision")
    try:
        model: nn.Module = models.get_model(name, weights=None, **options)
    except (TypeError, ValueError) as error:
        raise InputError(f"model {name!r} of torchvision refuses its options: {error}") from error
    return model
