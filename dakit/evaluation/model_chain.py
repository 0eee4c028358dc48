"""The whole way from raw images to probabilities as one module without dakit's own machinery."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor, nn

from dakit.data.normalization import Normalization
from dakit.network import Network


@final
class ModelChain(nn.Module):
    """Raw inputs ``(B, *input_shape)`` to logits and probabilities, both ``(B, C)`` float32.

    The inputs are of the type that the normalisation needs: float32, float64 where their offset
    is so large that float32 would blur them, or int64 for whole numbers.

    The formula of :class:`~dakit.data.normalization.Normalization`, written out of place, then
    the network, then softmax: what can be traced and exported.
    """

    softening: Tensor
    scale: Tensor
    shift: Tensor

    def __init__(
        self, normalization: Normalization, network: Network, input_shape: tuple[int, ...]
    ) -> None:
        super().__init__()
        self.network = network
        self._stretch = normalization.stretch
        column = (-1, *[1] * (len(input_shape) - 1))
        for name in ("softening", "scale", "shift"):
            values = torch.tensor(getattr(normalization, name), dtype=normalization.dtype)
            self.register_buffer(name, values.view(column))

    def forward(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Return ``(logits, probabilities)``."""
        if self._stretch == "asinh":
            inputs = _asinh(inputs / self.softening)
        elif self._stretch == "log":
            inputs = torch.sign(inputs) * torch.log1p(torch.abs(inputs / self.softening))
        if self._stretch != "whole":
            inputs = (inputs * self.scale + self.shift).float()
        logits = self.network(inputs)[1]
        return logits, logits.softmax(dim=1)

    def raw(self, normalised: Tensor) -> Tensor:
        """Return the inputs that the normalisation would bring to ``normalised``.

        Whole ones are 0 or 1, which every table of tokens has.
        """
        if self._stretch == "whole":
            return (normalised > 0).long()
        stretched = (normalised - self.shift) / self.scale
        if self._stretch == "asinh":
            return torch.sinh(stretched) * self.softening
        if self._stretch == "log":
            return torch.sign(stretched) * torch.expm1(stretched.abs()) * self.softening
        return stretched


def _asinh(x: Tensor) -> Tensor:
    if x.dtype == torch.float32:
        return torch.asinh(x)
    # ONNX runtimes have no asinh of float64; what is left of its digits near 0 is enough here
    size = x.abs()
    return torch.sign(x) * torch.log(size + torch.sqrt(size * size + 1))
