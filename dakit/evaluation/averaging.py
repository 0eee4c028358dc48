"""New inputs on their way through a network, averaged over symmetries and dropout masks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor, nn
from torch.nn.modules.dropout import _DropoutNd

from dakit.data.augmentation import ALL, is_image, turned
from dakit.data.new_inputs import NewInputs
from dakit.data.normalization import Normalization
from dakit.errors import InputError, first_few
from dakit.evaluation.predict import evaluating
from dakit.network import Network
from dakit.randomness import derived_seed


@final
@dataclass(frozen=True)
class Averaging:
    """Which passes are averaged, and at which temperature."""

    symmetries: bool = False
    dropout_samples: int = 0
    temperature: float = 1.0
    seed: int = 0
    """Dropout masks follow from it and the number of the batch."""

    def check(self, network: Network, input_shape: tuple[int, ...]) -> None:
        """Raise InputError where these inputs or this network cannot be averaged so."""
        square = is_image(input_shape) and input_shape[1] == input_shape[2]
        if self.symmetries and not square:
            raise InputError(f"--symmetries: inputs {input_shape} are no square images (C, H, H)")
        if self.dropout_samples == 1 or self.dropout_samples < 0:
            raise InputError("--dropout-samples: two samples or more are needed")
        if self.dropout_samples and not dropout_layers(network):
            raise InputError(
                "--dropout-samples: this network has no dropout layer, all samples would be equal"
            )


@final
@dataclass(frozen=True)
class Averaged:
    """What the passes over one batch say; float64 on the CPU."""

    probabilities: Tensor
    """``(B, C)``, the mean over all passes."""
    entropy: Tensor
    """``(B,)`` in nats, of the mean probabilities."""
    features: Tensor
    """``(B, D)`` float32 of the plain pass: the image as it is, no dropout."""
    symmetry_sd: Tensor | None
    """``(B, C)``, standard deviation over the eight symmetries (they are all there are: 1/n)."""
    dropout_sd: Tensor | None
    """``(B, C)``, standard deviation over the dropout samples (1/(n - 1))."""
    mutual_information: Tensor | None
    """``(B,)`` in nats, of the class and the dropout mask."""


def average(network: Network, inputs: Tensor, how: Averaging, batch: int) -> Averaged:
    """Pass normalised ``inputs`` ``(B, ...)`` through ``network`` as ``how`` says.

    With ``p[s, m]`` the softmax of ``logits / T`` for symmetry s and dropout mask m, the result is
    ``p = mean p[s, m]`` with entropy ``H(p) = -sum_c p_c log p_c``. The spread over dropout is
    that of ``mean_s p[s, m]`` (Gal & Ghahramani 2016), its mutual information
    ``H(p) - mean_m H(mean_s p[s, m])`` (Houlsby et al. 2011, eq. 2); the spread over symmetries is
    that of ``mean_m p[s, m]``. Masks are a function of the seed, the batch and m, so that they
    depend on the batch size but on no other thing.
    """
    with evaluating(network):
        features, logits = network(inputs)
        passes = torch.stack(list(_passes(network, inputs, logits, how, batch)))
        features = features.float().cpu()
    # on the CPU, since not every device has float64
    probabilities = (passes.cpu().double() / how.temperature).softmax(dim=-1)
    masks = max(1, how.dropout_samples)
    return _summary(probabilities.view(masks, -1, *logits.shape), features)


def dropout_layers(network: nn.Module) -> list[nn.Module]:
    """Return the dropout layers of ``network`` that drop anything."""
    layers = [module for module in network.modules() if isinstance(module, _DropoutNd)]
    return [layer for layer in layers if layer.p > 0]


def entropy(probabilities: Tensor) -> Tensor:
    """Return ``-sum_c p_c log p_c`` over the last axis, with 0 log 0 = 0, in nats."""
    terms: Tensor = torch.special.entr(probabilities)
    return terms.sum(dim=-1)


def _passes(
    network: Network, inputs: Tensor, plain: Tensor, how: Averaging, batch: int
) -> Iterator[Tensor]:
    """Yield the logits of each pass, dropout masks outside, symmetries inside."""
    symmetries = ALL if how.symmetries else ALL[:1]
    if not how.dropout_samples:
        yield plain
        for symmetry in symmetries[1:]:
            yield network(turned(inputs, symmetry))[1]
        return
    own = [inputs.device] if inputs.device.type == "cuda" else []
    with _dropping(dropout_layers(network)), torch.random.fork_rng(devices=own):
        for sample in range(how.dropout_samples):
            torch.manual_seed(derived_seed(how.seed, f"predict dropout {sample}", batch))
            for symmetry in symmetries:
                yield network(turned(inputs, symmetry))[1]


def _summary(probabilities: Tensor, features: Tensor) -> Averaged:
    """Summarise ``probabilities`` ``(M, S, B, C)``."""
    masks, symmetries = probabilities.shape[:2]
    mean = probabilities.mean(dim=(0, 1))
    by_mask, by_symmetry = probabilities.mean(dim=1), probabilities.mean(dim=0)
    whole = entropy(mean)
    return Averaged(
        probabilities=mean,
        entropy=whole,
        features=features,
        symmetry_sd=by_symmetry.std(dim=0, correction=0) if symmetries > 1 else None,
        dropout_sd=by_mask.std(dim=0, correction=1) if masks > 1 else None,
        # rounding may leave a tiny negative number
        mutual_information=(whole - entropy(by_mask).mean(0)).clamp(min=0) if masks > 1 else None,
    )


@contextmanager
def _dropping(layers: Sequence[nn.Module]) -> Iterator[None]:
    for layer in layers:
        layer.train()
    try:
        yield
    finally:
        for layer in layers:
            layer.eval()


LARGEST = torch.finfo(torch.float32).max


def stream(
    network: Network,
    normalization: Normalization,
    how: Averaging,
    new: NewInputs,
    *,
    batch_size: int,
    device: torch.device,
) -> Iterator[tuple[int, int, Averaged]]:
    """Yield begin, end and outcome of each batch of ``new``; one batch is held, in one buffer.

    Raises InputError at the end where inputs are NaN, infinite or too large for float32, naming
    them all: after the first of them nothing more is predicted, the rest is only looked through.
    """
    network.to(device)
    rows = min(batch_size, len(new))
    buffer = torch.empty((rows, *new.input_shape), dtype=normalization.dtype)
    broken: list[str] = []
    for number, begin in enumerate(range(0, len(new), rows)):
        end = min(begin + rows, len(new))
        inputs = buffer[: end - begin]
        new.read_into(inputs.numpy(), begin, end)
        broken += [new.ids(begin + row, begin + row + 1)[0] for row in _unfit(inputs)]
        if not broken:
            normalised = normalization.on(device, inputs)
            yield begin, end, average(network, normalised, how, number)
    if broken:
        raise InputError(
            f"{len(broken)} of {len(new)} inputs hold NaN, infinity or values too large for "
            f"float32 (ids {first_few(broken)}); mend them or leave them out"
        )


def _unfit(inputs: Tensor) -> list[int]:
    """Return the rows that hold NaN or what float32 does not reach."""
    low, high = inputs.flatten(1).aminmax(dim=1)  # hands NaN on, and no comparison with it is true
    fit = (high <= LARGEST) & (low >= -LARGEST)
    rows: list[int] = (~fit).nonzero().flatten().tolist()
    return rows
