from __future__ import annotations

import numpy as np
import pytest
import torch

from dakit.builtin.transfer.semantic_alignment import SemanticAlignmentSpec
from dakit.contracts import BuildContext

CONTEXT = BuildContext(seed=3, feature_dim=5, num_classes=3)


def build(**options):
    return SemanticAlignmentSpec(**options).build(CONTEXT).double()


def loop(batches, memory):
    """MSTN's algorithm 1, class by class; the loss of each batch."""
    centres, losses = ({}, {}), []
    for batch in batches:
        sides = (
            (batch.source.features, batch.source.labels),
            (batch.target.features, batch.target.logits.argmax(1)),
        )
        for centre, (features, labels) in zip(centres, sides, strict=True):
            features, labels = features.detach().numpy(), labels.numpy()
            for k in range(3):
                rows = features[labels == k]
                if len(rows) and k in centre:
                    centre[k] = memory * centre[k] + (1 - memory) * rows.mean(axis=0)
                elif len(rows):
                    centre[k] = rows.mean(axis=0)
        both = set(centres[0]) & set(centres[1])
        losses.append(sum(np.sum((centres[0][k] - centres[1][k]) ** 2) for k in both))
    return losses


@pytest.mark.parametrize("memory", [0.0, 0.7])
def test_centroids_move_over_the_steps(memory, make_batch):
    some = torch.tensor([0, 0, 1, 1])
    batches = [make_batch(4, 3, labels=some, seed=s) for s in range(3)]
    batches += [make_batch(8, 9, seed=9)]
    term = build(memory=memory)
    found = [term(batch).item() for batch in batches]
    assert found == pytest.approx(loop(batches, memory), abs=1e-9)


def test_the_gradient_goes_through_the_share_of_the_batch(make_batch):
    first, second, term = make_batch(9, 9, seed=1), make_batch(9, 9, seed=2), build(memory=0.75)
    term(first)
    term(second).backward()
    assert first.source.features.grad is None
    state = {name: tensor.clone() for name, tensor in term.state_dict().items()}
    gaps = state["source.centroids"] - state["target.centroids"]
    labels = second.source.labels
    counts = torch.bincount(labels, minlength=3)[labels][:, None]
    both = state["target.seen"][labels][:, None]
    torch.testing.assert_close(second.source.features.grad, 2 * gaps[labels] * 0.25 / counts * both)


def test_evaluation_keeps_the_centroids(make_batch):
    term = build()
    term(make_batch(seed=1))
    before = {name: tensor.clone() for name, tensor in term.state_dict().items()}
    term.eval()
    value = term(make_batch(seed=2))
    assert all(torch.equal(tensor, before[n]) for n, tensor in term.state_dict().items())
    term.train()
    assert term(make_batch(seed=2)).item() == pytest.approx(value.item())
