from __future__ import annotations

import math

import pytest
from torch.distributions import Categorical

from dakit.builtin.validators.target_entropy import TargetEntropySpec


def test_agrees_with_torch_distributions(score, make_view):
    view = make_view()
    wanted = -Categorical(logits=view.target_logits.double()).entropy().mean().item()
    assert score(TargetEntropySpec(), view) == pytest.approx(wanted, abs=1e-12)


def test_least_score(score, make_view):
    assert score(TargetEntropySpec(), make_view(scale=0.0)) == pytest.approx(-math.log(3))
    assert score(TargetEntropySpec(), make_view(m=0)) == -math.log(3)
