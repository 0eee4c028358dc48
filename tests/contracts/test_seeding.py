from __future__ import annotations

import torch
from torch import nn

from dakit.contracts import BuildContext, seeded


def weight(seed: int, purpose: str) -> torch.Tensor:
    with seeded(seed, purpose):
        return nn.Linear(3, 2).weight


def test_layers_follow_from_seed_and_purpose_alone():
    first = weight(1, "critic")
    torch.manual_seed(5)
    assert torch.equal(first, weight(1, "critic"))
    assert not torch.equal(first, weight(2, "critic"))
    assert not torch.equal(first, weight(1, "another critic"))


def test_outside_nothing_was_drawn():
    torch.manual_seed(5)
    undisturbed = torch.rand(3)
    torch.manual_seed(5)
    weight(1, "critic")
    assert torch.equal(torch.rand(3), undisturbed)


def test_a_new_head_is_drawn_so():
    context = BuildContext(seed=1, feature_dim=3, num_classes=2)
    assert torch.equal(context.new_head("critic").weight, weight(1, "critic"))
