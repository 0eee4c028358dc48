"""What a network module, a backbone or a loss term, is called with, and what comes out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, cast, final

import torch
from torch import Tensor, nn

from dakit.contracts import Backbone, Batch, BuildContext, LossTerm
from dakit.errors import InputError
from dakit.testing.check import Skipped, require
from dakit.testing.loss_batches import leaves, make_batch, make_view
from dakit.testing.subject import Subject, loss_context

SHAPES: tuple[tuple[int, ...], ...] = ((16,), (2, 32), (3, 32, 32))
"""Feature vectors, series and images that a backbone may take."""
LARGE = (3, 224, 224)
"""Tried where it takes none of :data:`SHAPES`."""
ROWS = 5


@final
@dataclass(frozen=True)
class Trial:
    """A module's answer to an example: the output and the leaves it was given."""

    output: Tensor
    given: tuple[Tensor, ...]


def try_out(subject: Subject, module: nn.Module) -> Trial:
    """Call a backbone on inputs, or a loss term on a batch, the same at every call."""
    torch.manual_seed(0)  # the same dropout in every call
    if isinstance(module, Backbone):
        inputs = inputs_for(subject)
        return Trial(module(inputs), (inputs,))
    batch: Batch = make_batch()
    prepare(module)
    return Trial(answer_of(module, batch), tuple(leaves(batch).values()))


def answer_of(module: nn.Module, batch: Batch) -> Tensor:
    """Return the loss of a term, or what predicts in place of the head where it has no loss."""
    if not isinstance(module, LossTerm) or module.has_loss:
        return cast(Tensor, module(batch))
    predictor = module.predictor()
    require(predictor is not None, "it has no loss, and no predictor: it would do nothing")
    return cast(Tensor, cast(nn.Module, predictor)(batch.target.features).sum())


def prepare(module: nn.Module) -> None:
    """Begin an epoch, as a run does before a term's first step."""
    if isinstance(module, LossTerm):
        with torch.no_grad():
            module.on_epoch_start(make_view())


def built_term(subject: Subject) -> Any:
    """Build a loss term as a run does, and begin an epoch. Raises Skipped where it has no loss."""
    term = subject.build()
    if not getattr(term, "has_loss", True):
        raise Skipped("it has no loss")
    prepare(term)
    return term


def losses_of(term: LossTerm, batch: Batch) -> Iterator[Tensor]:
    """Yield what the main update and each phase of a term lower on ``batch``."""
    if term.has_loss:
        yield term(batch)
    for phase in term.phases:
        given = batch.detached() if phase.graph == "detached" else batch
        yield term.phase_loss(phase.name, given)


def inputs_for(subject: Subject, rows: int = ROWS) -> Tensor:
    """Return inputs for a backbone in the shape of :func:`context_of`, the same at every call."""
    return example_inputs(context_of(subject).input_shape, rows, whole=whole_type(subject))


def whole_type(subject: Subject) -> torch.dtype | None:
    """Return the type of whole numbers, tokens or counts, that a backbone is for; None: real."""
    if getattr(subject.spec_class, "takes_whole_numbers", False):
        return torch.int64
    return torch.float32 if "takes_real_numbers" in subject.spec_class.waives else None


def example_inputs(
    shape: tuple[int, ...], rows: int = ROWS, *, whole: torch.dtype | None = None
) -> Tensor:
    """Return inputs ``(rows, *shape)``, normal numbers or whole ones from 0 to 3 of that type."""
    generator = torch.Generator().manual_seed(5)
    if whole is not None:
        return torch.randint(0, 4, (rows, *shape), generator=generator).to(whole)
    return torch.randn(rows, *shape, generator=generator)


def build_seeded(subject: Subject, context: BuildContext, seed: int = 1) -> Any:
    """Build as a run does: torch's generator and the context hold the seed."""
    torch.manual_seed(seed)
    return subject.build(replace(context, seed=seed))


def context_of(subject: Subject) -> BuildContext:
    """Return what the component is built with: for a backbone, the first shape it works on.

    Raises AssertionError where it works on no shape.
    """
    if subject.spec_class.kind != "backbone":
        return loss_context()
    shapes = accepted_shapes(subject)
    for shape, problem in shapes.items():
        if problem is None:
            return replace(loss_context(), input_shape=shape)
    shape, problem = next(iter(shapes.items()))
    raise AssertionError(
        f"it works on inputs of none of the shapes {(*SHAPES, LARGE)}; "
        f"those of {shape} fail with {type(problem).__name__}: {problem}; a backbone for whole "
        "numbers says takes_whole_numbers = True"
    ) from problem


@lru_cache(maxsize=4)
def accepted_shapes(subject: Subject) -> dict[tuple[int, ...], Exception | None]:
    """Return the shapes a backbone does not refuse, each with what went wrong there, or None.

    A shape is refused by an InputError from ``build``.
    """
    found = {s: e for s in SHAPES if not isinstance(e := _problem(subject, s), InputError)}
    if any(problem is None for problem in found.values()):
        return found
    found[LARGE] = _problem(subject, LARGE)
    return found


def _problem(subject: Subject, shape: tuple[int, ...]) -> Exception | None:
    try:
        backbone = subject.build(replace(loss_context(), input_shape=shape)).eval()
        with torch.no_grad():
            backbone(example_inputs(shape, whole=whole_type(subject)))
    except Exception as error:
        return error
    return None
