"""The moving average of the network: what it is, what a term gets of it, and where it is kept."""

from copy import deepcopy

import numpy as np
import pytest
import torch
from torch import nn

from dakit.data.batches import InputBatch, TrainingBatches
from dakit.network import Network
from dakit.training.reporter import SilentReporter
from dakit.training.teacher import MovingAverage

MODES = ["joint", "source", "domain"]


def spec_of(toy, mode="joint", **training):
    objective = {"task": toy.CrossEntropySpec(), "regularizers": (toy.PupilSpec(weight=0.1),)}
    return toy.run_spec(objective=objective, training={"batch_norm": mode, **training})


def tensors(module):
    return {name: each.detach().clone() for name, each in module.state_dict().items()}


def followed(decay, networks):
    """The average after each of ``networks``, by a loop over the numbers from the formula."""
    average = {name: each.double().numpy() for name, each in networks[0].items()}
    for t, network in enumerate(networks[1:]):
        d = min(decay, (1 + t) / (10 + t))
        for name, each in network.items():
            new = each.double().numpy()
            counter = not each.is_floating_point()
            average[name] = new if counter else d * average[name] + (1 - d) * new
    return average


@pytest.mark.parametrize("decay", [0.0, 0.5, 0.99])
def test_it_is_the_moving_average_of_weights_and_running_averages(toy, decay):
    network = toy.make_objective(spec_of(toy)).network.train()
    teacher, seen = MovingAverage(network, decay, "joint", "float32"), [tensors(network)]
    for step in range(1, 16):
        with torch.no_grad():
            network(torch.randn(6, 5))
            for parameter in network.parameters():
                parameter.add_(torch.randn_like(parameter))
        seen.append(tensors(network))
        teacher.follow(network, step)
    wanted = followed(decay, seen)
    for name, each in teacher.network.state_dict().items():
        np.testing.assert_allclose(each.double().numpy(), wanted[name], rtol=1e-5, atol=1e-6)


def test_tied_weights_follow_once(toy):
    network = toy.make_objective(spec_of(toy)).network
    network.backbone.twin = network.backbone.linear
    teacher = MovingAverage(network, 0.5, "joint", "float32")
    start = network.backbone.linear.weight.detach().clone()
    with torch.no_grad():
        network.backbone.linear.weight.add_(1.0)
    teacher.follow(network, 100)
    torch.testing.assert_close(teacher.network.backbone.twin.weight, start + 0.5)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("domain", ["source", "target"])
def test_what_it_says_is_the_average_in_evaluation_mode_and_moves_nothing(toy, mode, domain):
    objective = toy.make_objective(spec_of(toy, mode)).train()
    assert not any(module.training for module in objective.teacher.modules())
    inputs = torch.randn(6, 5) + 2
    objective.see(InputBatch(inputs, torch.arange(6) % 3, inputs - 4, *[None] * 3, inputs), 0.0)
    objective.teacher.follow(objective.network, 1)
    before = tensors(objective)
    seen = objective.teacher(inputs, domain)
    plain = deepcopy(objective.teacher.network).eval()
    with plain.for_domain(domain), torch.no_grad():
        features, logits = plain(inputs)
    assert torch.equal(seen.features, features)
    assert torch.equal(seen.logits, logits)
    assert not seen.features.requires_grad
    assert not seen.logits.requires_grad
    assert all(torch.equal(each, before[name]) for name, each in objective.state_dict().items())


def test_a_term_that_does_not_ask_finds_none(toy):
    objective = toy.make_objective(toy.run_spec())
    batch = InputBatch(torch.randn(6, 5), torch.arange(6) % 3, torch.randn(6, 5))
    seen = objective.see(batch, 0.0)
    assert (seen.teacher, seen.source.second_view) == (None, None)
    assert not any("teacher" in name for name in objective.state_dict())


def test_it_follows_once_a_step_and_begins_as_the_network_is_loaded(toy, tmp_path, monkeypatch):
    followed_ = []
    original = MovingAverage.follow

    def follow(self, network: Network, steps: int) -> None:
        followed_.append(steps)
        original(self, network, steps)

    monkeypatch.setattr(MovingAverage, "follow", follow)
    spec = spec_of(toy, epochs=2)
    objective = toy.make_objective(spec)
    with torch.no_grad():  # as after init_from
        for parameter in objective.network.parameters():
            parameter.add_(1.0)
    toy.train_in(tmp_path, spec, objective=objective)
    assert followed_ == list(range(13))


class StopAt(SilentReporter):
    def step(self, epoch, step, losses):
        if epoch == 3:
            raise KeyboardInterrupt


@pytest.mark.parametrize("mode", MODES)
def test_an_interrupted_run_ends_with_the_same_teacher_bit_for_bit(toy, tmp_path, mode):
    spec = spec_of(toy, mode)
    whole = toy.train_in(tmp_path / "whole", spec)[1]
    with pytest.raises(KeyboardInterrupt):
        toy.train_in(tmp_path / "cut", spec, reporter=StopAt())
    resumed = toy.train_in(tmp_path / "cut", spec, resume=True)[1]
    assert any(name.startswith("teacher.network.backbone") for name in whole.state_dict())
    for name, tensor in whole.state_dict().items():
        assert torch.equal(tensor, resumed.state_dict()[name]), name
    best = toy.last_checkpoint(tmp_path / "cut")["best_weights"]
    assert best.keys() == whole.network.state_dict().keys()  # the model is saved without it


def test_a_teacher_has_no_part_in_what_is_optimised(toy, tmp_path):
    spec = spec_of(toy, gradient_clip=1.0)
    objective = toy.train_in(tmp_path, spec)[1]
    assert all(p.grad is None and not p.requires_grad for p in objective.teacher.parameters())
    assert set(objective.sizes()) == {"backbone", "head"}


def test_both_second_views_are_of_the_rows_of_the_batch(toy):
    spec = toy.run_spec(data=toy.Blobs(augment={"strong": {"noise": 1e-4, "drop": 0.0}}))
    needs = {"second_view", "source_second_view"}

    def batches(needs):
        made = TrainingBatches(
            toy.make_data(spec),
            spec.data,
            batch_size=16,
            seed=3,
            device=torch.device("cpu"),
            with_target=True,
            needs=needs,
        )
        return list(made.epoch(1))

    asked, alone = batches(needs), batches({"second_view"})
    for batch, other in zip(asked, alone, strict=True):
        for first, second in (
            (batch.source_inputs, batch.source_second_inputs),
            (batch.target_inputs, batch.target_second_inputs),
        ):
            assert not torch.equal(first, second)
            torch.testing.assert_close(first, second, rtol=0, atol=0.01)
        assert other.source_second_inputs is None
        assert torch.equal(other.target_second_inputs, batch.target_second_inputs)


@pytest.mark.parametrize("mode", MODES)
def test_the_second_view_of_the_source_passes_as_the_first_does(toy, mode):
    objective = toy.make_objective(spec_of(toy, mode)).train()
    objective.network.backbone.dropout.p = 0.0
    source, second = torch.randn(6, 5), torch.randn(6, 5)
    target, other = torch.randn(4, 5), torch.randn(4, 5)
    labels = torch.arange(6) % 3
    seen = objective.see(InputBatch(source, labels, target, None, None, None, other, second), 0.0)
    plain = toy.make_objective(spec_of(toy, mode)).train().network
    plain.backbone.dropout.p = 0.0
    together = [source, second, target, other] if mode == "joint" else [source, second]
    features, logits = plain(torch.cat(together))
    torch.testing.assert_close(seen.source.features, features[:6])
    torch.testing.assert_close(seen.source.second_view.logits, logits[6:12])
    if mode == "joint":
        torch.testing.assert_close(seen.target.second_view.logits, logits[-4:])
    detached = seen.detached().source.second_view
    assert not detached.features.requires_grad
    assert not detached.logits.requires_grad
    assert isinstance(seen.teacher, nn.Module)
