from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
import torch
from scipy.stats import entropy

from dakit.builtin.validators.information_maximization import InformationMaximizationSpec


def test_agrees_with_scipy(score, make_view):
    view = make_view()
    p = view.target_logits.double().softmax(1).numpy()
    wanted = entropy(p.mean(0)) - np.mean([entropy(row) for row in p])
    assert score(InformationMaximizationSpec(), view) == pytest.approx(wanted, abs=1e-12)


def test_bounds(score, make_view):
    view = make_view()
    one_class = dataclasses.replace(view, target_logits=torch.tensor([[50.0, 0, 0]] * 6))
    all_classes = dataclasses.replace(view, target_logits=50 * torch.eye(3).repeat(4, 1))
    assert score(InformationMaximizationSpec(), one_class) == pytest.approx(0, abs=1e-9)
    assert score(InformationMaximizationSpec(), all_classes) == pytest.approx(math.log(3), abs=1e-9)
