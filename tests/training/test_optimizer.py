import pytest
import torch
from torch import nn

from dakit.errors import RunError
from dakit.spec.optimizer import AdamSpec, AdamWSpec, SGDSpec
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
    build_optimizer(SGDSpec(), objective)


def test_a_parameter_nobody_owns_is_an_error(objective):
    objective.discriminator = nn.Linear(8, 1)
    with pytest.raises(RunError, match=r"discriminator\.weight, discriminator\.bias"):
        build_optimizer(AdamSpec(), objective)
    with pytest.raises(RunError, match=r"network\.head\.0\.weight"):
        check_complete(objective, [])


@pytest.mark.parametrize(
    ("spec", "kind", "expected"),
    [
        (AdamSpec(betas=(0.7, 0.8), amsgrad=True, weight_decay=0.01), torch.optim.Adam,
         {"betas": (0.7, 0.8), "amsgrad": True, "weight_decay": 0.01, "eps": 1e-8}),
        (AdamWSpec(weight_decay=0.1), torch.optim.AdamW,
         {"betas": (0.9, 0.999), "amsgrad": False, "weight_decay": 0.1}),
        (SGDSpec(), torch.optim.SGD, {"momentum": 0.9, "nesterov": True, "weight_decay": 0.0}),
        (SGDSpec(momentum=0.0), torch.optim.SGD, {"momentum": 0.0, "nesterov": False}),
    ],
)  # fmt: skip
def test_torchs_rules_get_the_values_of_the_spec(objective, spec, kind, expected):
    optimizer = build_optimizer(spec, objective)
    assert type(optimizer) is kind
    for group in optimizer.param_groups:
        assert {name: group[name] for name in expected} == expected


@pytest.mark.parametrize("multiplier", [-1.0, 1e7, float("nan"), float("inf")])
def test_a_learning_rate_is_not_multiplied_by_what_no_run_can_mean(toy, multiplier):
    objective = toy.make_objective(toy.run_spec(model={"backbone": toy.LayersSpec()}))
    objective.network.backbone.lr_multiplier = lambda name: multiplier
    with pytest.raises(RunError, match="between 0 and 1e\\+06"):
        parameter_groups(objective)
