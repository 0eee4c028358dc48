"""Grad-CAM: which parts of an image speak for a class (Selvaraju et al. 2017)."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from dakit.errors import InputError
from dakit.evaluation.predict import evaluation_mode
from dakit.network import Network


def last_convolution(network: nn.Module) -> str | None:
    """Return the name of the last 2-D convolution of ``network``, None where it has none."""
    names = [name for name, module in network.named_modules() if isinstance(module, nn.Conv2d)]
    return names[-1] if names else None


@torch.enable_grad()
def grad_cam(
    network: Network, inputs: Tensor, classes: NDArray[np.int64], layer: str
) -> NDArray[np.float32]:
    """Return the maps ``(B, H, W)`` of normalised images ``(B, C, H, W)``, all >= 0.

    Row i is for class ``classes[i]``: ``ReLU(sum_k a_k A_k)`` over the feature maps ``A_k`` that
    ``layer`` gives, with ``a_k`` the mean over all positions of the gradient of the class's logit
    (eqs. 1 and 2), made as large as the image by bilinear interpolation. The network is in
    evaluation mode meanwhile.

    Raises InputError where the network has no such layer, or one without maps.
    """
    kept: list[Tensor] = []

    def keep(_: nn.Module, __: tuple[Tensor, ...], maps: Tensor) -> Tensor:
        kept.append(maps)
        return maps.clone()  # what follows may change it in place

    hook = _module(network, layer).register_forward_hook(keep)
    try:
        with evaluation_mode(network):
            logits = network(inputs.detach().requires_grad_())[1]
    finally:
        hook.remove()
    maps = _only_maps(kept, layer)
    chosen = logits.gather(1, torch.as_tensor(classes, device=logits.device)[:, None]).sum()
    (gradients,) = torch.autograd.grad(chosen, maps)
    weights = gradients.mean(dim=(2, 3), keepdim=True)
    cams = functional.relu((weights * maps).sum(dim=1, keepdim=True)).detach()
    size = inputs.shape[2:]
    large = functional.interpolate(cams, size=size, mode="bilinear", align_corners=False)
    result: NDArray[np.float32] = large.squeeze(1).float().cpu().numpy()
    return result


def _module(network: nn.Module, layer: str) -> nn.Module:
    modules: dict[str, nn.Module] = dict(network.named_modules())
    if layer in modules:
        return modules[layer]
    known = [name for name, module in modules.items() if isinstance(module, nn.Conv2d)]
    raise InputError(
        f"the network has no layer '{layer}'; its convolutions: {', '.join(known) or 'none'}"
    )


def _only_maps(kept: list[Tensor], layer: str) -> Tensor:
    if len(kept) == 1 and isinstance(kept[0], Tensor) and kept[0].dim() == 4:
        return kept[0]
    raise InputError(f"the layer '{layer}' does not give one stack of maps (B, C, H, W) a pass")
