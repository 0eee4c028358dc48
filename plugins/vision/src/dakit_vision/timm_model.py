"""Backbones from timm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import timm
from torch import nn

from dakit import InputError
from dakit.contracts import BuildContext
from dakit_vision.image_model import ImageModel, channels_of, unknown_model
from dakit_vision.layers import with_channels
from dakit_vision.timm import TimmModel
from dakit_vision.weights import load_weights

RGB = 3


def build_timm(spec: TimmModel, context: BuildContext) -> ImageModel:
    """Return the timm model of ``spec`` without its classifier."""
    name, channels = spec.model, channels_of(context, "timm")
    if spec.weights is None:
        model = _create(name, {**spec.options, "in_chans": channels})
    else:
        model = _create(name, spec.options)
        load_weights(model, spec, context, classifier=_classifier(model))
        if channels != RGB:
            with_channels(model, channels, keep_weights=True)
    return ImageModel(model, int(model.num_features), context.input_shape, name)


def _create(name: str, options: Mapping[str, Any]) -> Any:
    available = timm.list_models()
    if name.partition(".")[0] not in available:
        raise unknown_model(name, available, "timm")
    try:
        return timm.create_model(name, pretrained=False, num_classes=0, **options)
    except (TypeError, ValueError, AssertionError) as error:
        raise InputError(f"model {name!r} of timm refuses its options: {error}") from error


def _classifier(model: nn.Module) -> str:
    config: Mapping[str, Any] = getattr(model, "pretrained_cfg", {})
    layer = config.get("classifier", "fc")
    return layer if isinstance(layer, str) else layer[0]
