from __future__ import annotations

import numpy as np
import pytest
import torch

from dakit.builtin.regularizers.fisher import FisherSpec
from dakit.contracts import BuildContext

CONTEXT = BuildContext(seed=5, feature_dim=5, num_classes=3)


def scatters(x, labels, centres):
    """S_w and S_b by double loops; ``centres`` by class."""
    mean = sum(centres.values()) / len(centres)
    within = sum(
        (row[d] - centres[y][d]) ** 2 for row, y in zip(x, labels, strict=True) for d in range(5)
    )
    between = sum((c[d] - mean[d]) ** 2 for c in centres.values() for d in range(5))
    return within, between


def centres_of(term, x, labels):
    if term.centres is not None:
        return dict(enumerate(term.centres.detach().numpy()))
    return {y: x[labels == y].mean(0) for y in np.unique(labels)}


@pytest.mark.parametrize("labels", [[0, 1, 2, 0, 1, 2, 0], [2, 0, 0, 2, 2, 0, 0]])
@pytest.mark.parametrize("reduction", ["sum", "mean"])
@pytest.mark.parametrize("centres", ["learned", "batch"])
@pytest.mark.parametrize("form", ["trace_ratio", "trace_difference"])
def test_agrees_with_the_formula(form, centres, reduction, labels, make_batch):
    batch = make_batch(labels=torch.tensor(labels), n=7)
    spec = FisherSpec(
        form=form, centres=centres, reduction=reduction, within_weight=0.5, between_weight=3.0
    )
    term = spec.build(CONTEXT).double()
    x = batch.source.features.detach().numpy()
    within, between = scatters(x, labels, centres_of(term, x, np.array(labels)))
    within /= 1 if reduction == "sum" else len(x)
    ratio, difference = 0.5 * within / (3 * between), 0.5 * within - 3 * between
    wanted = ratio if form == "trace_ratio" else difference
    assert term(batch).item() == pytest.approx(wanted, abs=1e-9)


def test_between_scatter_does_not_weigh_classes_by_their_size(make_batch):
    x = torch.tensor([[0.0] * 5] * 6 + [[2.0] * 5], dtype=torch.float64)
    batch = make_batch(source=x, labels=torch.tensor([0] * 6 + [1]))
    spec = FisherSpec(form="trace_difference", centres="batch", within_weight=0)
    assert spec.build(CONTEXT)(batch).item() == pytest.approx(-10.0)  # 2 classes x 5 x 1^2


@pytest.mark.parametrize(("reduction", "factor"), [("sum", 2.0), ("mean", 1.0)])
@pytest.mark.parametrize("centres", ["learned", "batch"])
def test_what_scales_with_the_batch_size(centres, reduction, factor, make_batch):
    single = make_batch(6)
    x, labels = single.source.features.detach(), single.source.labels
    double = make_batch(source=torch.cat([x, x]), labels=torch.cat([labels, labels]))
    term = FisherSpec(centres=centres, reduction=reduction).build(CONTEXT)
    assert term(double).item() == pytest.approx(factor * term(single).item(), rel=1e-9)


@pytest.mark.parametrize("reduction", ["sum", "mean"])
@pytest.mark.parametrize("form", ["trace_ratio", "trace_difference"])
@pytest.mark.parametrize("centres", ["learned", "batch"])
def test_gradient(centres, form, reduction, make_batch):
    batch = make_batch(5)
    term = FisherSpec(form=form, centres=centres, reduction=reduction).build(CONTEXT).double()

    def value(features, *_):
        object.__setattr__(batch.source, "features", features)
        return term(batch)

    inputs = (batch.source.features, *term.parameters())
    assert torch.autograd.gradcheck(value, inputs)


def test_the_ratio_with_batch_centres_does_not_see_scale_or_offset(make_batch):
    batch = make_batch(9)
    other = make_batch(source=7 * batch.source.features.detach() + 3)
    term = FisherSpec(centres="batch").build(CONTEXT)
    assert term(batch).item() == pytest.approx(term(other).item(), rel=1e-9)


def test_ratio_is_zero_for_one_class_in_the_batch(make_batch):
    batch = make_batch(labels=torch.ones(8, dtype=torch.long))
    assert FisherSpec(centres="batch").build(CONTEXT)(batch).item() == 0


def test_coinciding_centres_are_held_at_the_floor(make_batch):
    x = torch.tensor([[1.0], [-1.0], [1.0], [-1.0]], dtype=torch.float64).expand(4, 5)
    batch = make_batch(source=x, labels=torch.tensor([0, 0, 1, 1]))
    term = FisherSpec(centres="batch", reduction="mean").build(CONTEXT)
    assert term(batch).item() == pytest.approx(1e6)


def test_learned_centres_are_standard_normal_and_learn_faster():
    term = FisherSpec().build(BuildContext(seed=0, feature_dim=2592, num_classes=2))
    assert term.centres.shape == (2, 2592)
    assert term.centres.mean().item() == pytest.approx(0, abs=0.05)
    assert term.centres.std().item() == pytest.approx(1, abs=0.05)
    assert term.lr_multiplier("centres") == 10


def test_batch_centres_own_no_parameters():
    assert not list(FisherSpec(centres="batch").build(CONTEXT).parameters())


def test_the_weights_that_info_gives_pull_alike_in_both_forms(make_batch):
    d, classes = 2592, 2
    x = torch.rand(64, d, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    context = BuildContext(seed=5, feature_dim=d, num_classes=classes)
    pulls = []
    for form, weight in (("trace_ratio", 0.01), ("trace_difference", 0.01 / ((classes - 1) * d))):
        batch = make_batch(source=x.requires_grad_(), labels=torch.arange(64) % classes)
        value = FisherSpec(form=form).build(context).double()(batch)
        (gradient,) = torch.autograd.grad(weight * value, batch.source.features)
        pulls.append(gradient)
    torch.testing.assert_close(*pulls, rtol=0.1, atol=1e-9)
