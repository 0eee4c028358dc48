"""What terms pass through the network themselves goes as the step's own passes do."""

from dataclasses import replace

import pytest
import torch
from torch.nn import functional

from dakit.data.batches import InputBatch
from dakit.training.gradient_shares import gradient_shares, tapped

MODES = ["joint", "source", "target", "domain"]


def batch():
    torch.manual_seed(0)
    return InputBatch(torch.randn(12, 5), torch.arange(12) % 3, torch.randn(8, 5) + 3)


def make_objective(toy, mode="joint", needs=("inputs", "network"), **training):
    objective = toy.make_objective(toy.run_spec(training={"batch_norm": mode, **training}))
    objective.network.backbone.dropout.p = 0.0
    objective.needs = frozenset(needs)
    return objective.train()


def of(needs, toy):
    return make_objective(toy, needs=needs).see(batch(), 0.0)


def test_only_what_a_term_declares_is_there(toy):
    seen = of((), toy)
    assert (seen.source.inputs, seen.target.inputs, seen.network) == (None, None, None)
    seen, given = of(("inputs",), toy), batch()
    assert torch.equal(seen.source.inputs, given.source_inputs)
    assert torch.equal(seen.target.inputs, given.target_inputs)
    assert seen.network is None
    assert of(("network",), toy).target.inputs is None
    plain = of(("inputs", "network"), toy).detached()
    assert plain.network is not None
    assert plain.source.inputs is not None


@pytest.mark.parametrize("mode", MODES)
def test_a_pass_says_what_the_step_said(toy, mode):
    seen = make_objective(toy, mode).see(batch(), 0.0)
    sides = {"source": seen.source, "target": seen.target}
    if mode == "joint":
        again = seen.network(torch.cat([side.inputs for side in sides.values()]))
        pairs = [(again.logits, torch.cat([side.logits for side in sides.values()]))]
        assert not torch.allclose(seen.network(seen.target.inputs).logits, seen.target.logits)
    else:
        found = {name: seen.network(side.inputs, name) for name, side in sides.items()}
        pairs = [(found[name].logits, side.logits) for name, side in sides.items()]
        pairs += [(found[name].features, side.features) for name, side in sides.items()]
        assert torch.equal(seen.network(seen.target.inputs).logits, found["target"].logits)
    for again, before in pairs:
        torch.testing.assert_close(again, before)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("momentum", [0.1, None])
def test_a_pass_has_gradients_and_leaves_the_network_as_it_was(toy, mode, momentum):
    objective = make_objective(toy, mode)
    for layer in objective.network.modules():
        if isinstance(layer, torch.nn.BatchNorm1d):
            layer.momentum = momentum
    seen = objective.see(batch(), 0.0)
    before = {name: tensor.clone() for name, tensor in objective.state_dict().items()}
    for domain in ("source", "target"):
        features = seen.network.backbone(seen.target.inputs * 5, domain)
        seen.network.head(features).square().mean().backward()
    after = objective.state_dict()
    assert all(torch.equal(after[name], tensor) for name, tensor in before.items())
    assert all(p.grad.ne(0).any() for p in objective.network.head.parameters())
    objective.see(batch(), 0.0)
    moved = [name for name in before if not torch.equal(objective.state_dict()[name], before[name])]
    assert any(
        name.endswith("num_batches_tracked") for name in moved
    )  # the step's own passes go on


def test_in_evaluation_mode_a_pass_uses_the_running_averages(toy):
    objective = make_objective(toy)
    seen = objective.eval().see(batch(), 0.0)
    torch.testing.assert_close(seen.network(seen.target.inputs).logits, seen.target.logits)


def test_under_mixed_precision_a_pass_returns_float32(toy):
    seen = make_objective(toy, precision="bfloat16").see(batch(), 0.0)
    features = seen.network.backbone(seen.target.inputs)
    outputs = [
        features,
        seen.network.head(features),
        *vars(seen.network(seen.target.inputs)).values(),
    ]
    assert {output.dtype for output in outputs} == {torch.float32}
    assert not torch.equal(
        outputs[-1], make_objective(toy).see(batch(), 0.0).network(seen.target.inputs).logits
    )


def test_the_share_of_a_term_counts_its_own_passes(toy):
    objective = make_objective(toy)
    with tapped(objective.network) as taps:
        seen = objective.see(batch(), 0.0)
        again = seen.network(seen.target.inputs + 0.1).logits
    losses = {
        "task": functional.cross_entropy(seen.source.logits, seen.source.labels),
        "again": again.square().mean(),
    }
    shares = gradient_shares(losses, {"task": 1.0, "again": 1.0}, taps)
    assert 0 < shares["again"] < 1


def test_one_row_of_the_target_has_no_statistics_of_its_own(toy):
    from dakit.errors import InputError
    from dakit.training.needs import check_needs

    spec = toy.run_spec()
    objective, data = toy.make_objective(spec), toy.make_data(spec)
    target = replace(data.split.target, train=data.split.target.train[:1])
    data = replace(data, split=replace(data.split, target=target))
    check_needs(objective, data, spec)
    objective.needs = frozenset({"network"})
    with pytest.raises(InputError, match="one target input at a time"):
        check_needs(objective, data, spec)


@pytest.mark.parametrize(("mode", "side"), [("source", "target"), ("target", "source")])
def test_running_averages_stay_between_a_pass_and_its_gradients(toy, mode, side):
    objective = make_objective(toy, mode)
    weight = objective.network.backbone.linear.weight
    seen = getattr(objective.see(batch(), 0.0), side).logits
    (found,) = torch.autograd.grad(seen.square().sum(), weight)
    again = objective.network.eval()(getattr(batch(), f"{side}_inputs"))[1]
    (expected,) = torch.autograd.grad(again.square().sum(), weight)
    torch.testing.assert_close(seen, again)
    torch.testing.assert_close(found, expected)
