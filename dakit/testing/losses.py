"""What a loss term promises: finite values and gradients; a discrepancy, that it grows."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from dakit.components import TransferLossSpec
from dakit.contracts import Batch, EpochView, LossTerm
from dakit.testing.check import Check, Skipped, checks_of, require
from dakit.testing.examples import built_term, losses_of
from dakit.testing.loss_batches import (
    HARD_CASES,
    leaves,
    make_batch,
    make_view,
    normal,
    with_other_source,
    without_source,
)
from dakit.testing.subject import Subject


def builds_from_its_spec(subject: Subject) -> None:
    """Its spec builds a LossTerm."""
    term = subject.build()
    require(isinstance(term, LossTerm), f"build returned {type(term).__name__}, not a LossTerm")


def returns_a_scalar(subject: Subject) -> None:
    """It returns a scalar of a floating type, before its weight."""
    value = built_term(subject)(make_batch())
    require(isinstance(value, Tensor), f"it returned {type(value).__name__}, not a tensor")
    require(value.shape == (), f"it returned a tensor of shape {tuple(value.shape)}, not a scalar")
    require(value.is_floating_point(), f"it returned {value.dtype}")


def is_finite(subject: Subject, case: str) -> None:
    """Value and gradients are finite where losses usually fail."""
    batch, term = HARD_CASES[case](), built_term(subject)
    for value in losses_of(term, batch):
        require(bool(value.isfinite().all()), f"{case}: the value is {value.tolist()}")
        require(value.requires_grad, f"{case}: the value has no graph; return 0 * features.sum()")
        value.sum().backward()  # type: ignore[no-untyped-call]
    reached = {**leaves(batch), **dict(term.named_parameters())}
    for name, tensor in reached.items():
        finite = tensor.grad is None or bool(tensor.grad.isfinite().all())
        require(finite, f"{case}: the gradient of {name} is not finite")


def teaches_the_network(subject: Subject) -> None:
    """Its gradient reaches the features or the logits: of the target for a transfer loss."""
    batch = make_batch()
    value, *of_phases = losses_of(built_term(subject), batch)
    require(value.requires_grad, "the value has no gradient at all; is something detached?")
    taught: set[str] = set()
    given = leaves(batch)
    for loss in (value, *of_phases):  # one by one: a phase may take back what another gives
        if loss.requires_grad:
            found = torch.autograd.grad(loss.sum(), list(given.values()), allow_unused=True)
            taught |= {n for n, g in zip(given, found, strict=True) if _is_some(g)}
    require(bool(taught), "no gradient reaches features or logits; is something detached?")
    if subject.spec_class.kind == "transfer":
        of_target = any(name.startswith("target") for name in taught)
        require(of_target, "no gradient reaches the target's features or logits")


def uses_the_target_as_it_says(subject: Subject) -> None:
    """It reads the target if and only if ``uses_target`` says so."""
    first, second = make_batch(), make_batch()
    with torch.no_grad():
        target = second.target
        for tensor in (target.features, target.logits, target.inputs):
            assert tensor is not None
            tensor.copy_(2.0 * tensor.flip(1) + 1.0)
    term = subject.build()
    values = [_values(built_term(subject), batch) for batch in (first, second)]
    reads = values[0] != values[1]
    require(
        reads == term.uses_target,
        f"uses_target is {term.uses_target}, but the value "
        f"{'changes' if reads else 'does not change'} with the target",
    )


def does_without_target_rows(subject: Subject) -> None:
    """A batch without target rows gives a finite value: a run may not pass the target."""
    term = built_term(subject)
    if term.uses_target:
        raise Skipped("it uses the target, so the target is always passed")
    empty = make_batch(target=torch.zeros(0, make_batch().target.features.shape[1]))
    require(
        all(map(math.isfinite, _values(term, empty))), "without target rows the value is not finite"
    )


def does_without_the_source(subject: Subject) -> None:
    """With ``uses_source = False`` no source row changes its value or gradients, or none at all."""
    if subject.build().uses_source:
        raise Skipped("it uses the source")
    found = [_of_target(subject, change) for change in (None, with_other_source, without_source)]
    for what, other in zip(("with other source rows", "without them"), found[1:], strict=True):
        same = all(map(torch.equal, found[0], other))
        require(same, f"uses_source is False, but {what} its value or gradients are others")


def _of_target(subject: Subject, change: Callable[[Batch], Batch] | None) -> list[Tensor]:
    """Return what a term says, and teaches the target, of a batch and view whose source differs."""
    term, batch, view = subject.build(), make_batch(), make_view()
    if change is not None:
        batch = change(batch)
        source, target = batch.source.detached(), view.target
        view = EpochView(view.epoch, view.progress, lambda: source, lambda: target)
    with torch.no_grad():
        term.on_epoch_start(view)
    torch.manual_seed(0)  # the same dropout in every call
    values = list(losses_of(term, batch))
    torch.stack([value.sum() for value in values]).sum().backward()  # type: ignore[no-untyped-call]
    taught = [leaf.grad for name, leaf in leaves(batch).items() if not name.startswith("source")]
    return [value.detach() for value in values] + [grad for grad in taught if grad is not None]


def leaves_the_batch_alone(subject: Subject) -> None:
    """It changes nothing in the batch, which other terms see too."""
    batch, untouched = make_batch(), make_batch()
    with torch.no_grad():
        list(losses_of(built_term(subject), batch))
    for (name, tensor), before in zip(
        leaves(batch).items(), leaves(untouched).values(), strict=True
    ):
        require(torch.equal(tensor, before), f"it changes the {name} in place")


def diagnoses_with_scalars(subject: Subject) -> None:
    """Its diagnostics are finite numbers, or scalars without a graph."""
    term = built_term(subject)
    term(make_batch())
    diagnostics = term.diagnostics()
    if not diagnostics:
        raise Skipped("it has no diagnostics")
    for name, value in diagnostics.items():
        known = torch.as_tensor(value)
        scalar = known.shape == () and bool(known.isfinite()) and not known.requires_grad
        require(scalar, f"diagnostic {name!r} is not a finite scalar without graph: {value}")


def _values(term: LossTerm, batch: Batch) -> list[float]:
    torch.manual_seed(0)  # the same dropout in every call
    with torch.no_grad():
        return [float(loss.sum()) for loss in losses_of(term, batch)]


def _is_some(gradient: Tensor | None) -> bool:
    return gradient is not None and bool(gradient.ne(0).any())


def _hard_case(case: str) -> Check:
    promise = f"Value and gradients are finite where losses usually fail: {case}."
    return Check(f"is_finite[{case}]", promise, partial(is_finite, case=case))


CHECKS = (
    *checks_of(builds_from_its_spec, returns_a_scalar),
    *map(_hard_case, HARD_CASES),
    *checks_of(
        teaches_the_network,
        uses_the_target_as_it_says,
        does_without_target_rows,
        does_without_the_source,
        leaves_the_batch_alone,
        diagnoses_with_scalars,
    ),
)


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


DISCREPANCIES = checks_of(vanishes_on_identical_samples, grows_with_a_shift)
