from __future__ import annotations

import pytest
import torch
from torch.distributions import Categorical

from dakit.builtin.regularizers.information_maximization import InformationMaximizationSpec
from dakit.contracts import BuildContext


def build(**options):
    return InformationMaximizationSpec(**options).build(BuildContext(seed=0))


@pytest.mark.parametrize("diversity", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("rows", [1, 11])
def test_agrees_with_torch_distributions(diversity, rows, make_batch):
    batch = make_batch(5, rows)
    logits = batch.target.logits.detach()
    mean = Categorical(logits.softmax(1).mean(0)).entropy()
    wanted = Categorical(logits=logits).entropy().mean() - diversity * mean
    value = build(diversity=diversity)(batch).item()
    assert value == pytest.approx(wanted.item(), abs=1e-12)


def test_all_in_one_class_is_worse_than_all_classes(make_batch):
    batch, values = make_batch(9, 9), []
    for plain in (torch.eye(3)[[0] * 9], torch.eye(3).repeat(3, 1)):
        with torch.no_grad():
            batch.target.logits.copy_(1e3 * plain)
        values.append(build()(batch).item())
    assert values == pytest.approx([0.0, -torch.tensor(3.0).log().item()], abs=1e-6)
