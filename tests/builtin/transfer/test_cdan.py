from __future__ import annotations

import pytest
import torch
from sklearn.metrics import log_loss

from dakit.builtin.transfer.cdan import CDANSpec
from dakit.contracts import BuildContext

CONTEXT = BuildContext(seed=3, feature_dim=5, num_classes=3)


def build(**options):
    given = {"hidden": (16,), "dropout": 0.0, "schedule": "constant", **options}
    return CDANSpec(**given).build(CONTEXT).double()


def by_hand(term, batch, entropy):
    """Long et al. 2018, with the discriminator of ``term``, by scikit-learn's log loss."""
    total = 0.0
    for side, domain in ((batch.source, 1), (batch.target, 0)):
        predicted = side.logits.detach().softmax(1)
        features = side.features.detach()
        if term.of_features is None:
            seen = torch.einsum("bd,bc->bdc", features, predicted).flatten(1)
        else:
            seen = (features @ term.of_features) * (predicted @ term.of_predictions)
            seen = seen / term.of_features.shape[1] ** 0.5
        weights = 1 + torch.exp(-torch.distributions.Categorical(predicted).entropy())
        probability = term.discriminator(seen).sigmoid().detach().squeeze(1)
        total += 0.5 * log_loss(
            [domain] * len(seen),
            probability.numpy(),
            sample_weight=weights.numpy() if entropy else None,
            labels=[0, 1],
        )
    return total


@pytest.mark.parametrize("entropy", [True, False])
@pytest.mark.parametrize("map_dim", [1024, 8])
def test_value_is_that_of_the_paper(entropy, map_dim, make_batch):
    term, batch = build(entropy_conditioning=entropy, map_dim=map_dim), make_batch(8, 11)
    assert (term.of_features is None) == (map_dim == 1024)
    assert term(batch).item() == pytest.approx(by_hand(term, batch, entropy), rel=1e-9)


def test_the_network_climbs_what_the_discriminator_descends(make_batch):
    batch, strength = make_batch(), 0.3
    build(reversal=strength)(batch).backward()
    plain = make_batch()
    term = build(reversal=1e-12)
    values = []
    for sign in (1, -1):
        with torch.no_grad():
            plain.target.features[0, 0] += sign * 1e-6
            values.append(term(plain).item())
            plain.target.features[0, 0] -= sign * 1e-6
    slope = (values[0] - values[1]) / 2e-6
    assert batch.target.features.grad[0, 0].item() == pytest.approx(-strength * slope, rel=1e-4)
    assert batch.target.logits.grad.abs().max() > 0


def test_the_random_map_is_saved_and_follows_from_the_seed():
    first, again = build(map_dim=8).state_dict(), build(map_dim=8).state_dict()
    assert first["of_features"].shape == (5, 8)
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not any(name.startswith("of_") for name, _ in build(map_dim=8).named_parameters())
