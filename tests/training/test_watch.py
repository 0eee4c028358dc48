import pytest
import torch
from torch import nn

from dakit.errors import RunError
from dakit.training.watch import check_finite, check_graph, check_state, graph_leaves


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_the_term_that_is_not_finite_is_named(value):
    with pytest.raises(RunError, match=r"'mmd' became .* in epoch 2, step 3"):
        check_finite({"ce": 1.0, "mmd": value, "total": value}, nn.Linear(1, 1), "epoch 2, step 3")


def test_weights_that_were_not_finite_before_are_named_first():
    module = nn.Linear(1, 1)
    nn.init.constant_(module.bias, float("nan"))
    with pytest.raises(RunError, match="'bias' holds NaN"):
        check_finite({"ce": float("nan")}, module, "epoch 2, step 3")


def test_buffers_are_watched_too():
    module = nn.BatchNorm1d(2)
    check_state(module, "epoch 1")
    module.running_var.fill_(float("inf"))
    with pytest.raises(RunError, match=r"'running_var' .* after epoch 1"):
        check_state(module, "epoch 1")


def test_the_leaves_of_a_graph_are_its_trainable_tensors():
    used, fixed, unused = nn.Linear(2, 2), nn.Linear(2, 2).requires_grad_(False), nn.Linear(2, 2)
    loss = fixed(used(torch.ones(1, 2))).sum() + 0 * used.bias.sum()
    assert {id(leaf) for leaf in graph_leaves(loss)} == {id(p) for p in used.parameters()}
    assert not any(leaf is unused.weight for leaf in graph_leaves(loss))


def test_a_loss_that_is_itself_a_leaf():
    loss = torch.tensor(1.0, requires_grad=True)
    optimizer = torch.optim.SGD([loss], lr=0.1)
    check_graph({"a": loss}, [optimizer], "epoch 1")


def test_a_leaf_the_optimizer_does_not_hold():
    inside, outside = nn.Linear(2, 3), nn.Linear(3, 1)
    optimizer = torch.optim.SGD(inside.parameters(), lr=0.1)
    loss = outside(inside(torch.ones(1, 2))).sum()
    with pytest.raises(RunError, match=r"'a' depends on a tensor of shape \(1"):
        check_graph({"a": loss}, [optimizer], "epoch 1")
