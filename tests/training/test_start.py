import pytest
import torch

from dakit.errors import InputError
from dakit.spec.start import InitFromSpec
from dakit.training.start import Freezing, load_start


def network(toy, width=6, hidden=(4,), seed=1):
    model = {"backbone": toy.LayersSpec(width=width), "head": {"hidden": hidden}}
    return toy.make_objective(toy.run_spec(model=model, seed=seed)).network


def copied(module):
    return {name: tensor.clone() for name, tensor in module.state_dict().items()}


@pytest.mark.parametrize("parts", [("backbone",), ("head",), ("backbone", "head")])
def test_only_the_given_parts_are_loaded(toy, parts):
    here, there = network(toy, seed=1), copied(network(toy, seed=2))
    there["backbone.norm.running_mean"].fill_(7)
    before = copied(here)
    load_start(here, there, parts)
    for name, tensor in here.state_dict().items():
        loaded = name.split(".")[0] in parts
        assert torch.equal(tensor, (there if loaded else before)[name])


def test_a_part_that_is_not_loaded_may_differ(toy):
    here, there = network(toy, hidden=(9, 9)), network(toy, seed=2)
    load_start(here, there.state_dict(), ("backbone",))
    assert torch.equal(here.backbone.linear.weight, there.backbone.linear.weight)


def test_every_mismatch_names_both_sides_and_nothing_is_loaded(toy):
    here, there = network(toy, width=6), network(toy, width=7, hidden=(), seed=2)
    before = copied(here)
    with pytest.raises(InputError) as caught:
        load_start(here, there.state_dict(), ("backbone", "head"))
    message = str(caught.value)
    assert "backbone.linear.weight: (6, 5) here, (7, 5) there" in message
    assert "backbone.norm.running_mean: (6,) here, (7,) there" in message
    assert "head.0.weight: (4, 8) here, (3, 8) there" in message
    assert "head.2.bias: (3,) here, missing there" in message
    assert "init_from.parts" in message
    assert all(torch.equal(tensor, before[name]) for name, tensor in here.state_dict().items())


def test_what_is_missing_here_is_named(toy):
    here, there = network(toy, hidden=()), network(toy)
    with pytest.raises(InputError, match=r"head\.2\.weight: missing here, \(3, 4\) there"):
        load_start(here, there.state_dict(), ("head",))


def freezing(toy, epochs):
    here = network(toy)
    here.backbone.linear.bias.requires_grad_(False)  # the backbone's own decision
    spec = InitFromSpec(run="earlier", freeze=("backbone",), freeze_epochs=epochs)
    return here, Freezing(here, spec)


def test_a_frozen_part_is_fixed_with_its_batch_norm_and_then_released(toy):
    here, frozen = freezing(toy, epochs=2)
    for epoch in (1, 2):
        here.train()
        frozen.apply(epoch)
        assert not any(p.requires_grad for p in here.backbone.parameters())
        assert not here.backbone.norm.training
        assert all(p.requires_grad for p in here.head.parameters())
    here.train()
    frozen.apply(3)
    assert here.backbone.norm.training
    assert here.backbone.linear.weight.requires_grad
    assert not here.backbone.linear.bias.requires_grad


def test_without_a_number_of_epochs_it_lasts(toy):
    _, frozen = freezing(toy, epochs=None)
    assert frozen.lasts()
    assert frozen.frozen(1000) == ("backbone",)


def test_nothing_is_frozen_without_init_from(toy):
    here = network(toy)
    free = Freezing(here, None)
    free.apply(1)
    assert not free.lasts()
    assert free.frozen(1) == ()
    assert all(p.requires_grad for p in here.parameters())


def learning(toy, *names):
    here = network(toy)
    spec = InitFromSpec(run="earlier", train_only=names)
    here.train()
    Freezing(here, spec).apply(1)
    return here, {name for name, p in here.named_parameters() if p.requires_grad}


def test_of_batch_norm_alone_only_weights_and_biases_learn_and_statistics_are_the_batch_s(toy):
    here, learns = learning(toy, "batch_norm")
    assert learns == {"backbone.norm.weight", "backbone.norm.bias"}
    assert here.backbone.norm.training


@pytest.mark.parametrize("names", [("head",), ("head", "batch_norm"), ("backbone",)])
def test_what_alone_is_trained_learns_with_its_batch_norm(toy, names):
    here, learns = learning(toy, *names)
    parts = {name.partition(".")[0] for name in learns if "norm" not in name}
    assert parts == set(names) - {"batch_norm"}
    assert here.backbone.norm.training == (names != ("head",))
    assert ("backbone.norm.weight" in learns) == (names != ("head",))


def test_freezing_and_learning_alone_are_one_choice():
    with pytest.raises(ValueError, match="leave 'freeze' out"):
        InitFromSpec(run="earlier", freeze=("head",), train_only=("backbone",))
    with pytest.raises(ValueError, match="at least 1"):
        InitFromSpec(run="earlier", train_only=())


def test_layers_for_each_domain_begin_as_copies_of_the_one_there(toy):
    here = network(toy)
    there = copied(network(toy, seed=2))
    there["backbone.norm.running_mean"].fill_(7)
    there["backbone.norm.weight"].fill_(2)
    here.split_batch_norm()
    load_start(here, there, ("backbone", "head"))
    for layer in (here.backbone.norm.source, here.backbone.norm.target):
        assert layer.running_mean.eq(7).all()
        assert layer.weight.eq(2).all()
    here.backbone.norm.target.running_mean.zero_()
    assert here.backbone.norm.source.running_mean.eq(7).all()
    again = network(toy, seed=3)
    again.split_batch_norm()
    load_start(again, here.state_dict(), ("backbone", "head"))
    assert again.backbone.norm.target.running_mean.eq(0).all()
