"""A foreign image model as a backbone of dakit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import torch
from torch import Tensor, nn

from dakit import InputError, did_you_mean
from dakit.contracts import Backbone, BuildContext

IMAGE_DIMENSIONS = 3


@final
class ImageModel(Backbone):
    """Features ``(B, D)`` of images ``(B, C, H, W)`` by a model that returns just them.

    Raises:
        InputError: the model does not take images of ``input_shape`` or gives something else than
            ``feature_dim`` numbers for each.
    """

    def __init__(
        self, model: nn.Module, feature_dim: int, input_shape: Sequence[int], name: str
    ) -> None:
        super().__init__()
        self.model = model
        self.feature_dim = feature_dim
        self._try_out(tuple(input_shape), name)

    def forward(self, inputs: Tensor) -> Tensor:
        """Return the features ``(B, feature_dim)``."""
        features: Tensor = self.model(inputs)
        return features

    def _try_out(self, input_shape: tuple[int, ...], name: str) -> None:
        shown = " x ".join(map(str, input_shape))
        modes = {module: module.training for module in self.modules()}
        self.eval()
        try:
            with torch.no_grad():
                features = self.model(torch.zeros(1, *input_shape))
        except (RuntimeError, ValueError, AssertionError) as error:
            line = str(error).strip().partition("\n")[0]
            raise InputError(f"model {name!r} does not take images of {shown}: {line}") from error
        finally:
            for module, training in modes.items():
                module.training = training
        if not isinstance(features, Tensor) or features.shape != (1, self.feature_dim):
            found = tuple(features.shape) if isinstance(features, Tensor) else type(features)
            raise InputError(
                f"model {name!r} gives {found} for one image, not {self.feature_dim} features"
            )


def channels_of(context: BuildContext, component: str) -> int:
    """Return C of the inputs.

    Raises:
        InputError: the inputs are not images.
    """
    shape = context.input_shape
    if len(shape) != IMAGE_DIMENSIONS:
        raise InputError(
            f"the backbone {component!r} takes images (channels, height, width), "
            f"these inputs have the shape {shape}"
        )
    return shape[0]


def unknown_model(name: str, available: Sequence[str], library: str) -> InputError:
    """Return the error for a model that the library does not have, with the nearest names."""
    near = did_you_mean(name, available, most=3) or "; see its list of models"
    return InputError(f"{library} has no model {name!r}{near}")
