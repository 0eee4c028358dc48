"""Every loss that dakit ships is finite, with finite gradients, where losses usually fail."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from dakit import LossSpec
from dakit.builtin.regularizers import SPECS as REGULARIZERS
from dakit.builtin.tasks import SPECS as TASKS
from dakit.builtin.transfer import SPECS as TRANSFERS
from dakit.contracts import Batch, BuildContext, EpochView, LossTerm, PartView

DIM, CLASSES = 6, 3
SIZES = {
    "source_size": 16,
    "target_size": 16,
    "num_source_domains": 2,
    "class_counts": (10, 6, 0),
}
CONTEXT = BuildContext(seed=1, feature_dim=DIM, num_classes=CLASSES, **SIZES)

OPTIONS = {
    "mmd": {
        "estimator": ["biased", "unbiased", "linear"],
        "bandwidth": ["fixed", "median", "mean"],
    },
    "dann": {"schedule": ["ganin", "constant"], "hidden": [(8, 8)]},
    "daan": {"hidden": [(8, 8)]},
    "adda": {"hidden": [(8, 8)]},
    "nrc": {"neighbours": [3, 40], "expanded": [2, 40]},
    "tent": {"reliable": [0.01, 0.4, 1.0]},
    "cdan": {"hidden": [(8, 8)], "map_dim": [4, 1024], "entropy_conditioning": [True, False]},
    "cdd": {"distance": [0.05, 1.0], "rows": [1]},
    "center_alignment": {"threshold": [0.0, 0.9]},
    "homm": {"order": [1, 3, 6]},
    "bsp": {"largest": [1, 3]},
    "focal": {"gamma": [0, 0.5, 2], "class_weights": [None, (1, 2, 3)]},
    "pada": {"hidden": [(8, 8)]},
    "moment_matching": {"moments": [2, 4]},
    "consistency": {"threshold": [0.0, 0.6, 1.0]},
    "fixmatch": {"threshold": [0.0, 1.0], "relative": [False, True]},
    "mean_teacher": {"threshold": [0.0, 0.968]},
    "mfsan": {"width": [4]},
    "bbse": {"soft": [False, True]},
    "saerens": {"calibrate": [False, True]},
    "fisher": {
        "form": ["trace_ratio", "trace_difference"],
        "centres": ["learned", "batch"],
        "reduction": ["sum", "mean"],
    },
    "entropy": {"on": ["target", "source", "both"]},
    "cross_entropy": {"class_weights": [None, (1, 2, 3)], "label_smoothing": [0, 0.1]},
}

HALF_PRECISION = {
    "mean_teacher",
    "mfsan",
    "mixup",
    "osbp",
    "cdan",
    "dann",
    "daan",
    "pada",
    "mdd",
    "mcd",
    "vat",
}


def variants() -> list[LossSpec]:
    """Every loss with every combination of its options (a new loss: with its defaults)."""
    found = []
    for spec_class in (*TASKS, *TRANSFERS, *REGULARIZERS):
        options = OPTIONS.get(spec_class.model_fields["name"].default, {})
        for values in itertools.product(*options.values()):
            found.append(spec_class(**dict(zip(options, values, strict=True))))
    return found


def label(spec: LossSpec) -> str:
    """Name of the loss and the options that make the variant."""
    return " ".join(
        [spec.name, *(f"{k}={v}" for k, v in spec.model_dump(exclude_unset=True).items())]
    )


def random(rows: int, scale: float = 1.0) -> torch.Tensor:
    return scale * torch.randn(rows, DIM, generator=torch.Generator().manual_seed(rows))


CASES = {
    "equal": {},
    "more source": {"n": 12, "m": 5},
    "more target": {"n": 5, "m": 12},
    "one row each": {"n": 1, "m": 1},
    "two and three": {"n": 2, "m": 3},
    "one class": {"labels": torch.zeros(8, dtype=torch.long)},
    "a class is absent": {"labels": torch.arange(8) % 2},
    "identical rows": {"source": torch.full((8, DIM), 0.7), "target": torch.full((8, DIM), 0.7)},
    "identical within": {"source": torch.full((8, DIM), 0.7), "target": torch.full((8, DIM), -3.0)},
    "mostly identical": {"source": torch.zeros(8, DIM).index_fill_(0, torch.tensor([3]), 1.0)},
    "zeros": {"source": torch.zeros(8, DIM), "target": torch.zeros(7, DIM)},
    "huge": {"source": random(8, 1e4), "target": random(9, 1e4)},
    "huge offset": {"source": random(8) + 1e4, "target": random(9) + 1e4},
    "tiny": {"source": random(8, 1e-20), "target": random(9, 1e-20)},
    "no target": {"target": torch.zeros(0, DIM)},
    "float64": {"dtype": torch.float64},
    "bfloat16": {"dtype": torch.bfloat16},
    "bfloat16, huge": {"source": random(8, 1e4).bfloat16(), "target": random(9, 1e4).bfloat16()},
    "start": {"progress": 0.0},
    "end": {"progress": 1.0},
}


def built(spec: LossSpec, make_batch: Callable[..., Batch]) -> LossTerm:
    """The term after the start and the end of an epoch, as in the middle of a run."""
    term = spec.build(CONTEXT)
    batch = make_batch(16, 16, dim=DIM, classes=CLASSES, dtype=torch.float32, seed=7)
    parts = PartView(batch.source, batch.target)
    view = EpochView(1, 0.5, lambda: batch.source, lambda: batch.target, lambda: parts)
    with torch.no_grad():
        term.on_epoch_start(view)
        term.on_epoch_end(view)
    return term


def losses(term: LossTerm, batch: Batch) -> list[torch.Tensor]:
    """What the main update and each phase lower."""
    found = [term(batch), *(term.phase_loss(phase.name, batch) for phase in term.phases)]
    return [loss.to(found[0].dtype) for loss in found]


def leaves(batch: Batch) -> list[torch.Tensor]:
    return [*of_source(batch), *of_target(batch)]


def of_source(batch: Batch) -> list[torch.Tensor]:
    source, second = batch.source, batch.source.second_view
    return [source.features, source.logits, second.features, second.logits, source.inputs]


def of_target(batch: Batch) -> list[torch.Tensor]:
    target, second = batch.target, batch.target.second_view
    return [target.features, target.logits, second.features, second.logits, target.inputs]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("spec", variants(), ids=label)
def test_value_and_gradient_are_finite(spec, case, make_batch):
    options = {"dim": DIM, "classes": CLASSES, "dtype": torch.float32, **CASES[case]}
    batch = make_batch(**options)
    term = built(spec, make_batch)
    for loss in losses(term, batch):
        loss.backward()
        assert loss.shape == ()
        assert loss.dtype in (torch.float32, torch.float64)
        assert loss.isfinite()
    for tensor in (*leaves(batch), *term.parameters()):
        assert tensor.grad is None or tensor.grad.isfinite().all()


@pytest.mark.parametrize("scale", [1e-12, 1e-6, 1e3, 1e6, 1e9, 1e12, 1e15])
@pytest.mark.parametrize("spec", variants(), ids=label)
def test_features_of_any_scale_in_float32(spec, scale, make_batch):
    batch = make_batch(16, 12, dim=DIM, classes=CLASSES, dtype=torch.float32)
    with torch.no_grad():
        for side in (batch.source, batch.target, batch.target.second_view):
            side.features.mul_(scale)
        batch.target.inputs.mul_(scale)
    term = built(spec, make_batch)
    for loss in losses(term, batch):
        loss.backward()
        assert loss.isfinite()
    for tensor in (*leaves(batch), *term.parameters()):
        assert tensor.grad is None or tensor.grad.isfinite().all()


@pytest.mark.parametrize("spec", variants(), ids=label)
def test_huge_logits(spec, make_batch):
    batch = make_batch(dim=DIM, classes=CLASSES, dtype=torch.float32)
    with torch.no_grad():
        for logits in (batch.source.logits, batch.target.logits):
            logits.mul_(1e4)
    loss = built(spec, make_batch)(batch)
    loss.backward()
    assert loss.isfinite()
    for tensor in leaves(batch):
        assert tensor.grad is None or tensor.grad.isfinite().all()


@pytest.mark.parametrize("spec", variants(), ids=label)
def test_a_term_that_does_not_use_the_target_does_not_touch_it(spec, make_batch):
    batch = make_batch(dim=DIM, classes=CLASSES, dtype=torch.float32)
    term = built(spec, make_batch)
    term.eval()
    torch.stack(losses(term, batch)).sum().backward()
    assert any(leaf.grad is not None for leaf in of_target(batch)) == term.uses_target
    assert term.uses_source or not any(leaf.grad is not None for leaf in of_source(batch))


@pytest.mark.parametrize("spec", variants(), ids=label)
def test_parameters_follow_from_the_seed_alone(spec):
    torch.manual_seed(0)
    first = spec.build(CONTEXT).state_dict()
    torch.manual_seed(1)
    before = torch.get_rng_state()
    second = spec.build(CONTEXT).state_dict()
    assert torch.equal(before, torch.get_rng_state())
    other = spec.build(replace(CONTEXT, seed=2)).state_dict()
    assert all(torch.equal(first[name], second[name]) for name in first)
    drawn = [name for name, _ in spec.build(CONTEXT).named_parameters()]
    assert not drawn or any(not torch.equal(first[name], other[name]) for name in drawn)


# not those with parameters: a discriminator itself may run in half precision
@pytest.mark.parametrize("spec", [s for s in variants() if s.name not in HALF_PRECISION], ids=label)
def test_mixed_precision_leaves_the_value_alone(spec, make_batch):
    batch = make_batch(n=16, m=16, dim=DIM, classes=CLASSES, dtype=torch.float32)
    term = built(spec, make_batch)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = term(batch)
    torch.testing.assert_close(inside, term(batch), rtol=1e-6, atol=1e-6)
