import pytest
import torch

from dakit.data.batches import InputBatch


def batch():
    torch.manual_seed(0)
    target = torch.randn(8, 5) + 3
    return InputBatch(
        torch.randn(12, 5),
        torch.arange(12) % 3,
        target,
        source_indices=torch.arange(12),
        target_indices=torch.arange(8),
        target_second_inputs=target + 0.1,
    )


@pytest.mark.parametrize(("batch_norm", "passes"), [("joint", [28]), ("source", [12, 16])])
def test_the_second_view_passes_with_the_first(toy, batch_norm, passes):
    objective = toy.make_objective(toy.run_spec(training={"batch_norm": batch_norm})).train()
    objective.network.backbone.dropout.p = 0.0
    sides = objective.see(batch(), 0.0)
    assert objective.network.backbone.seen == passes
    assert sides.target.indices.tolist() == list(range(8))
    assert sides.source.indices.tolist() == list(range(12))
    second = sides.target.second_view
    assert second.features.shape == sides.target.features.shape
    assert not torch.equal(second.features, sides.target.features)
    assert second.logits.requires_grad
    plain = sides.detached()
    for view in (plain.source, plain.target, plain.target.second_view):
        assert not view.features.requires_grad
        assert not view.logits.requires_grad
    assert torch.equal(plain.target.second_view.logits, second.logits)
