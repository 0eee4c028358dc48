import pytest
import torch
from torch import nn
from torch.optim import SGD

from dakit.errors import RunError
from dakit.training.optimizer import (
    build_optimizer,
    check_complete,
    parameter_groups,
)


@pytest.fixture
def objective(toy):
    head = {"hidden": (4,), "lr_multiplier": 5.0}
    return toy.make_objective(toy.run_spec(model={"backbone": toy.LayersSpec(), "head": head}))


def test_each_owner_sets_the_multiplier_of_its_parameters(objective):
    multipliers = {
        id(p): group["lr_multiplier"]
        for group in parameter_groups(objective)
        for p in group["params"]
    }
    assert {name: multipliers[id(p)] for name, p in objective.named_parameters()} == {
        "network.backbone.linear.weight": 1,
        "network.backbone.linear.bias": 1,
        "network.backbone.norm.weight": 1,
        "network.backbone.norm.bias": 1,
        "network.backbone.out.weight": 3,
        "network.backbone.out.bias": 3,
        "network.head.0.weight": 5,
        "network.head.0.bias": 5,
        "network.head.2.weight": 5,
        "network.head.2.bias": 5,
        "terms.centre.centre": 10,
    }


def test_a_parameter_of_two_owners_is_updated_once(objective):
    objective.term("ce").borrowed = objective.network.head
    parameters = [p for group in parameter_groups(objective) for p in group["params"]]
    assert len(parameters) == len(set(map(id, parameters)))
    build_optimizer(SGD, objective)


def test_a_parameter_nobody_owns_is_an_error(objective):
    objective.discriminator = nn.Linear(8, 1)
    with pytest.raises(RunError, match=r"discriminator\.weight, discriminator\.bias"):
        build_optimizer(SGD, objective)
    with pytest.raises(RunError, match=r"network\.head\.0\.weight"):
        check_complete(objective, [])


def without_multipliers(groups):
    return torch.optim.SGD([p for group in groups for p in group["params"]], lr=0.1)


def without_the_last(groups):
    return torch.optim.SGD(groups[:-1], lr=0.1)


@pytest.mark.parametrize("make", [without_multipliers, without_the_last])
def test_an_optimizer_keeps_the_groups_that_it_is_given(objective, make):
    with pytest.raises(RunError, match="does not hold the groups that it was given"):
        build_optimizer(make, objective)


@pytest.mark.parametrize("multiplier", [-1.0, 1e7, float("nan"), float("inf")])
def test_a_learning_rate_is_not_multiplied_by_what_no_run_can_mean(toy, multiplier):
    objective = toy.make_objective(toy.run_spec(model={"backbone": toy.LayersSpec()}))
    objective.network.backbone.lr_multiplier = lambda name: multiplier
    with pytest.raises(RunError, match="between 0 and 1e\\+06"):
        parameter_groups(objective)
