"""Virtual adversarial training on the target (Miyato et al. 2018)."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor
from torch.nn import functional

from dakit.builtin.numerics import at_least_float32, zero_with_graph
from dakit.builtin.regularizers.vat import VATSpec
from dakit.contracts import Batch, BuildContext, LossTerm, Need, StepNetwork


@final
class VAT(LossTerm):
    """How much the worst small change of the target changes predictions; see ``VATSpec``.

    The first direction is drawn from torch's generator, which the run seeds.
    """

    uses_source = False
    needs: frozenset[Need] = frozenset({"inputs", "network"})

    def __init__(self, spec: VATSpec, context: BuildContext) -> None:
        super().__init__()
        self._spec = spec

    def forward(self, batch: Batch) -> Tensor:
        """Return the divergence, the mean over the target; 0 with a graph without target rows."""
        inputs, network = batch.target.inputs, batch.network
        assert network is not None  # needed
        if inputs is None or len(inputs) == 0:
            return zero_with_graph(batch.target.logits)
        with torch.no_grad():  # the same way as below: under joint the batch has other statistics
            clean = log_probabilities(network(inputs).logits)
        length = inputs[0].numel() ** 0.5
        direction = unit(torch.randn_like(inputs))
        for _ in range(self._spec.iterations):
            step = self._spec.xi * length * direction
            direction = unit(steepest(network, inputs, step, clean))
        moved = network(inputs + self._spec.radius * length * direction)
        return divergence(clean, moved.logits)


def steepest(network: StepNetwork, inputs: Tensor, step: Tensor, clean: Tensor) -> Tensor:
    """Return the gradient of the divergence with respect to ``step (B, ...)``, at it."""
    with torch.enable_grad():
        step = step.detach().requires_grad_()
        value = divergence(clean, network(inputs.detach() + step).logits)
        (gradient,) = torch.autograd.grad(value, step)
    return gradient


def divergence(clean: Tensor, logits: Tensor) -> Tensor:
    """Return the mean of ``KL(p || softmax(logits))`` with ``clean = log p (B, C)``."""
    moved = log_probabilities(logits)
    return functional.kl_div(moved, clean, reduction="batchmean", log_target=True)


def log_probabilities(logits: Tensor) -> Tensor:
    """Return ``log softmax`` of ``logits (B, C)``, in float32 at least."""
    return torch.log_softmax(at_least_float32(logits), dim=1)


def unit(rows: Tensor) -> Tensor:
    """Return each of ``rows (B, ...)`` at length 1, a row of zeros as it is."""
    flat = rows.flatten(1)
    tiny = torch.finfo(rows.dtype).tiny
    scaled = flat / flat.abs().amax(dim=1, keepdim=True).clamp(min=tiny)  # squares do not vanish
    lengths = torch.linalg.vector_norm(scaled, dim=1, keepdim=True).clamp(min=1.0)
    found: Tensor = scaled / lengths
    return found.view_as(rows)
