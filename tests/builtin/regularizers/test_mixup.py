from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.distributions import Beta

from dakit.builtin.regularizers.mixup import MixupSpec
from dakit.contracts import BuildContext


def build(**settings):
    return MixupSpec(**settings).build(BuildContext(seed=0))


def loop(batch, share, temperature):
    network = batch.network
    total = 0.0
    for i in range(len(batch.source.labels)):
        j = i % len(batch.target.logits)
        powers = np.exp(batch.target.logits[j].detach().double().numpy()) ** (1 / temperature)
        guess = powers / powers.sum()
        wanted = share * np.eye(len(guess))[batch.source.labels[i]] + (1 - share) * guess
        x = share * batch.source.inputs[i] + (1 - share) * batch.target.inputs[j]
        log_p = network(x[None]).logits[0].log_softmax(0).detach().double().numpy()
        total -= float(wanted @ log_p)
    return total / len(batch.source.labels)


@pytest.mark.parametrize("sizes", [(8, 8), (9, 4), (3, 7)])
@pytest.mark.parametrize(("alpha", "temperature"), [(1.0, 0.5), (0.3, 1.0), (5.0, 2.0)])
def test_value_is_that_of_a_loop_with_the_same_draw(sizes, alpha, temperature, make_batch):
    batch = make_batch(*sizes)
    torch.manual_seed(7)
    drawn = float(Beta(alpha, alpha).sample())
    torch.manual_seed(7)
    value = build(alpha=alpha, temperature=temperature)(batch)
    assert value.item() == pytest.approx(loop(batch, max(drawn, 1 - drawn), temperature), abs=1e-5)


def test_every_mixture_has_the_source_in_greater_part():
    torch.manual_seed(0)
    shares = [build()._drawn_share() for _ in range(200)]
    assert min(shares) >= 0.5
    assert np.mean(shares) == pytest.approx(0.75, abs=0.03)  # of a uniform share


def test_it_teaches_the_network_and_takes_predictions_as_constants(make_batch):
    batch = make_batch()
    build()(batch).backward()
    assert batch.target.logits.grad is None
    assert all(p.grad.any() for p in batch.network.network.parameters())
