"""A broken optimizer is caught by the check that is there for it."""

from typing import Any, Literal

import pytest
import torch

from dakit import OptimizerSpec


class PlainSGD(torch.optim.Optimizer):
    """Gradient descent, with places to break it."""

    moves_all = False
    own_rate = False
    remembers = False
    uphill = False

    def __init__(self, groups: Any) -> None:
        super().__init__(groups, {"lr": 0.01})
        self.count = 0

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:
        self.count += self.remembers
        for group in self.param_groups:
            rate = 0.01 if self.own_rate else group["lr"]
            for p in group["params"]:
                if p.grad is not None:
                    p.sub_((-rate if self.uphill else rate) * (1 + self.count) * p.grad)
                elif self.moves_all:
                    p.mul_(0.5)


def broken(**how: bool) -> Any:
    return lambda groups: type("Broken", (PlainSGD,), how)(groups)


def spec_of(make: Any) -> type[OptimizerSpec]:
    class BrokenSpec(OptimizerSpec):
        """An optimizer."""

        name: Literal["broken"] = "broken"

        def build(self, context: Any) -> Any:
            return make([*context.parameters])

    return BrokenSpec


CASES = [
    (lambda groups: "adam", "builds_from_its_spec", "returned str"),
    (lambda groups: PlainSGD([{"params": groups[0]["params"]}]), "builds_from_its_spec", "not th"),
    (broken(uphill=True), "lowers_a_loss", "took the loss from"),
    (broken(own_rate=True), "follows_the_rate_of_its_groups", "rate of 0"),
    (broken(moves_all=True), "leaves_what_has_no_gradient", "has no gradient"),
    (broken(remembers=True), "goes_on_from_its_state_dict", "goes on otherwise"),
]


@pytest.mark.parametrize(("make", "check", "message"), CASES)
def test_the_check_for_it_catches(assert_caught, make, check, message):
    assert_caught(spec_of(make), check, message)


@pytest.mark.parametrize("check", sorted({check for _, check, _ in CASES}))
def test_a_sound_one_passes(run_check, check):
    run_check(spec_of(PlainSGD), check)
