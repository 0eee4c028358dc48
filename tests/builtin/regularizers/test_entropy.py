from __future__ import annotations

import pytest
import torch
from torch.distributions import Categorical

from dakit.builtin.regularizers.entropy import EntropySpec
from dakit.contracts import BuildContext


@pytest.mark.parametrize("on", ["target", "source", "both"])
def test_agrees_with_torch_distributions(on, make_batch):
    batch = make_batch(5, 11)
    rows = {"source": [batch.source.logits], "target": [batch.target.logits]}
    rows["both"] = [*rows["source"], *rows["target"]]
    wanted = Categorical(logits=torch.cat(rows[on])).entropy().mean().item()
    value = EntropySpec(on=on).build(BuildContext(seed=0))(batch).item()
    assert value == pytest.approx(wanted, abs=1e-12)


def test_both_of_an_empty_target_is_the_source(make_batch):
    batch = make_batch(5, 0)
    both, source = (EntropySpec(on=on).build(None)(batch).item() for on in ("both", "source"))
    assert both == pytest.approx(source, abs=1e-12)
