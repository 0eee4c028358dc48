"""What a backbone promises: features of the width it states, for every shape it accepts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, final, get_args

import torch
from safetensors.torch import load
from torch import Tensor, nn

from dakit.components import RegularizerSpec
from dakit.contracts import SIDES, Backbone, Batch, BuildContext, LossTerm
from dakit.data.batches import InputBatch
from dakit.network import Head, Network
from dakit.runs.model_folder import pack_weights
from dakit.spec.run import HeadSpec
from dakit.spec.training import BatchNormMode
from dakit.testing.check import Skipped, checks_of, require
from dakit.testing.examples import (
    accepted_shapes,
    build_seeded,
    context_of,
    example_inputs,
    inputs_for,
    whole_type,
)
from dakit.testing.subject import CLASSES, Subject
from dakit.training.batch_norm import batch_norm_layers
from dakit.training.objective import Objective

MODES: tuple[BatchNormMode, ...] = get_args(BatchNormMode)


def builds_from_its_spec(subject: Subject) -> None:
    """Its spec builds a Backbone."""
    backbone = subject.build(context_of(subject))
    require(isinstance(backbone, Backbone), f"build returned {type(backbone).__name__}")


def refuses_what_it_cannot_take(subject: Subject) -> None:
    """It raises InputError in ``build`` for shapes that it cannot take, and nothing else."""
    for shape, problem in accepted_shapes(subject).items():
        require(
            problem is None,
            f"inputs of shape {shape} fail with {type(problem).__name__}: {problem}; "
            "raise dakit.InputError in build for shapes it cannot take",
        )


def returns_features(subject: Subject) -> None:
    """It returns floating features ``(B, feature_dim)`` for every B."""
    context = context_of(subject)
    backbone = subject.build(context)
    for rows in (1, 2, 5):
        backbone.train(rows > 1)  # a batch of one row has no batch statistics
        features = backbone(inputs_for(subject, rows))
        expected = (rows, backbone.feature_dim)
        require(
            features.shape == expected,
            f"{rows} inputs give {tuple(features.shape)} instead of {expected}",
        )
        require(features.is_floating_point(), f"the features are {features.dtype}")


def is_finite(subject: Subject) -> None:
    """Features and gradients are finite for zeros, identical and large inputs, and in bfloat16."""
    context = context_of(subject)
    ordinary = inputs_for(subject)
    cases = {
        "ordinary": ordinary,
        "zeros": torch.zeros_like(ordinary),
        "identical rows": ordinary[:1].expand_as(ordinary),
    }
    if whole_type(subject) is None:
        cases["large"] = 1e3 * ordinary
    backbone = subject.build(context)
    for case, inputs in cases.items():
        _check_finite(backbone, inputs, case)
    with torch.autocast("cpu", torch.bfloat16):
        _check_finite(backbone, ordinary[:2], "bfloat16")  # slow on many processors


def takes_real_numbers(subject: Subject) -> None:
    """It works on real numbers, negative ones too; waived, the kit gives whole ones from 0 to 3."""
    if whole_type(subject) == torch.int64:
        raise Skipped("it takes whole numbers")
    context = context_of(subject)
    subject.build(context).eval()(example_inputs(context.input_shape))


def learns(subject: Subject) -> None:
    """A gradient reaches its parameters."""
    context = context_of(subject)
    backbone = subject.build(context)
    parameters = [p for p in backbone.parameters() if p.requires_grad]
    require(bool(parameters), "it has no parameters to learn")
    features = backbone(inputs_for(subject))
    require(features.requires_grad, "its features have no gradient; is something detached?")
    features.square().sum().backward()
    reached = [p for p in parameters if p.grad is not None and bool(p.grad.ne(0).any())]
    require(bool(reached), "no gradient reaches its parameters")


def predicts_row_by_row(subject: Subject) -> None:
    """In evaluation, the features of an input do not depend on its neighbours in the batch."""
    context = context_of(subject)
    backbone = subject.build(context).eval()
    inputs = inputs_for(subject)
    with torch.no_grad():
        together, alone = backbone(inputs), backbone(inputs[:1])
    require(_close(together[:1], alone), "in evaluation an input's features change with the batch")


def is_saved_with_its_run(subject: Subject) -> None:
    """Its weights, written and read as those of a run are, give the same features."""
    context = context_of(subject)
    used, fresh = (build_seeded(subject, context, seed) for seed in (1, 2))
    inputs = inputs_for(subject)
    used(inputs)  # moves running averages
    _check_loaded(used, fresh, lambda backbone: backbone(inputs))


def trains_in_every_batch_norm_mode(subject: Subject) -> None:
    """It trains, evaluates and is saved in every mode of ``training.batch_norm``."""
    context = context_of(subject)
    inputs = inputs_for(subject)
    if not batch_norm_layers(build_seeded(subject, context)):
        raise Skipped("it has no BatchNorm layers")
    for mode in MODES:
        used, fresh = (_network(subject, context, seed, mode) for seed in (1, 2))
        objective = Objective(used, {"sum": _Sum()}, {"sum": _SumSpec()}, batch_norm=mode).train()
        labels = torch.arange(len(inputs)) % CLASSES
        objective(InputBatch(inputs, labels, inputs.flip(0)), 0.5).total.backward()
        unlearned = [n for n, p in used.named_parameters() if p.requires_grad and p.grad is None]
        require(not unlearned, f"batch_norm {mode}: no gradient reaches {', '.join(unlearned)}")
        for role in SIDES:
            with used.for_domain(role), fresh.for_domain(role):
                _check_loaded(used, fresh, lambda network: network(inputs)[1])


@final
class _SumSpec(RegularizerSpec):
    name: Literal["sum"] = "sum"

    def build(self, context: BuildContext) -> LossTerm:
        return _Sum()


@final
class _Sum(LossTerm):
    """Reads both domains."""

    def forward(self, batch: Batch) -> Tensor:
        return batch.source.logits.square().sum() + batch.target.logits.square().sum()


def _network(subject: Subject, context: BuildContext, seed: int, mode: BatchNormMode) -> Network:
    backbone = build_seeded(subject, context, seed)
    network = Network(backbone, Head(HeadSpec(), backbone.feature_dim, CLASSES))
    if mode == "domain":
        network.split_batch_norm()
    return network


def _check_loaded(
    used: nn.Module, fresh: nn.Module, outputs: Callable[[nn.Module], Tensor]
) -> None:
    fresh.load_state_dict(load(pack_weights(used)))
    with torch.no_grad():
        expected, found = (outputs(module.eval()) for module in (used, fresh))
    require(_close(found, expected), "with its saved weights loaded, a new one gives other outputs")


def _check_finite(backbone: Backbone, inputs: Tensor, case: str) -> None:
    backbone.zero_grad()
    features = backbone(inputs)
    require(bool(features.isfinite().all()), f"{case}: the features are not finite")
    features.float().mean().backward()
    for name, parameter in backbone.named_parameters():
        finite = parameter.grad is None or bool(parameter.grad.isfinite().all())
        require(finite, f"{case}: the gradient of {name} is not finite")


def _close(one: Tensor, other: Tensor) -> bool:
    return torch.allclose(one, other, rtol=1e-3, atol=1e-4)


CHECKS = checks_of(
    builds_from_its_spec,
    refuses_what_it_cannot_take,
    returns_features,
    is_finite,
    takes_real_numbers,
    learns,
    predicts_row_by_row,
    is_saved_with_its_run,
    trains_in_every_batch_norm_mode,
)
