"""The spec of the regularizer ``vat``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from pydantic import Field, PositiveInt

from dakit import RegularizerSpec


@final
class VATSpec(RegularizerSpec):
    """Virtual adversarial training: predictions must not change where they would change most.

    For each of ``n`` target inputs ``x``, with the network's prediction ``p`` and the direction
    ``u`` (of length 1) in which a small step changes it most (Miyato et al. 2018, the LDS)::

        L = 1/n sum_x KL(p(x) || p(x + radius sqrt(d) u))

    ``d`` is the number of values of an input, so that ``radius`` is the mean change of a value, in
    standard deviations where inputs are standardised. ``p(x)`` is a constant without gradient.
    ``u`` is found by power iteration (section 3.3): from a random direction ``v``, ``iterations``
    times ``v <- g / |g|`` with the gradient ``g`` of the divergence at ``x + xi sqrt(d) v``.

    With ``entropy`` and ``dann`` it is VADA (Shu et al. 2018), whose values are: a length of 3.5
    for 3072 values in [-1, 1], ``xi`` 1e-6 / sqrt(d), which float32 cannot tell from 0 beside an
    image, and weights of 0.01 for this, the entropy and ``dann``. The network passes ``iterations
    + 2`` times more; batch statistics are then the target's own, in all of these passes.
    """

    paper: ClassVar[str] = "Miyato et al. 2018, TPAMI 41, 1979 (VAT); Shu et al. 2018, ICLR (VADA)"
    oracle: ClassVar[str] = (
        "pytorch-adapt; a loop of the paper; numpy's eigenvectors of the curvature"
    )
    measured: ClassVar[str] = (
        "-0.022 in the mean of 5 small tasks, 1 seed, harm on electronics_dvd -0.037, sdss -0.176"
    )
    implementation: ClassVar[str] = ".vat_loss:VAT"

    name: Literal["vat"] = "vat"
    radius: float = Field(
        0.1, gt=0, le=1e6, description="Length of the change, in units of sqrt(d)."
    )
    xi: float = Field(
        0.1, gt=0, le=1e6, description="Length of the step where the gradient is taken, likewise."
    )
    iterations: PositiveInt = Field(1, description="Power iterations.")
