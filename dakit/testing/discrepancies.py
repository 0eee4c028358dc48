"""What a transfer loss promises that declares itself a discrepancy between the domains."""

from __future__ import annotations

import torch

from dakit.components import TransferLossSpec
from dakit.testing.check import Skipped, checks_of, require
from dakit.testing.examples import built_term
from dakit.testing.loss_batches import make_batch, normal
from dakit.testing.subject import Subject

ROWS = 64
SHIFT = 3.0
"""In standard deviations of the features."""
NEAR_ZERO = 0.1
"""As a fraction of the value at :data:`SHIFT`; an unbiased estimate is not exactly 0."""
ROUNDING = 1e-12
"""What is no larger at :data:`SHIFT` has not grown: the features are of order 1."""


def vanishes_on_identical_samples(subject: Subject) -> None:
    """Between identical samples the discrepancy is near zero, against that of a clear shift."""
    same, far = _discrepancy(subject, 0.0), _discrepancy(subject, SHIFT)
    require(
        abs(same) <= NEAR_ZERO * abs(far),
        f"between identical samples it is {same:g}, at a shift of {SHIFT:g} sd {far:g}",
    )


def grows_with_a_shift(subject: Subject) -> None:
    """The farther the target is shifted, the larger the discrepancy."""
    shifts = (0.0, SHIFT / 3, SHIFT)
    values = [_discrepancy(subject, shift) for shift in shifts]
    told = ", ".join(f"{v:g} at {s:g} sd" for v, s in zip(values, shifts, strict=True))
    grows = values[0] < values[1] < values[2] and values[2] > ROUNDING
    require(grows, f"it does not grow with the shift: {told}")


def _discrepancy(subject: Subject, shift: float) -> float:
    spec_class = subject.spec_class
    if not (issubclass(spec_class, TransferLossSpec) and spec_class.discrepancy):
        raise Skipped("the spec does not declare `discrepancy = True`")
    rows = normal(ROWS, seed=1)
    batch = make_batch(rows, rows + shift)
    with torch.no_grad():
        batch.target.logits.copy_(batch.source.logits + shift * torch.eye(3)[0])
    torch.manual_seed(0)
    with torch.no_grad():
        return float(built_term(subject)(batch))


CHECKS = checks_of(vanishes_on_identical_samples, grows_with_a_shift)
