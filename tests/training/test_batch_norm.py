import torch
from torch import nn

from dakit.training.batch_norm import batch_norm_layers, running_averages


def network():
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.5), nn.BatchNorm1d(4))


def test_layers_of_all_dimensions_are_found():
    module = nn.ModuleList([nn.BatchNorm1d(2), nn.BatchNorm2d(2), nn.BatchNorm3d(2), nn.ReLU()])
    assert len(batch_norm_layers(module)) == 3


def test_averages_are_used_and_not_updated_while_gradients_flow():
    module = network()
    before = module[1].running_mean.clone()
    with running_averages(module):
        assert module[2].training
        module(torch.randn(8, 3)).square().sum().backward()
    assert torch.equal(module[1].running_mean, before)
    assert module[0].weight.grad.abs().sum() > 0
    assert module[1].weight.grad.abs().sum() > 0


def test_training_mode_returns_except_for_layers_that_were_fixed():
    module = network()
    module[3].eval()
    with running_averages(module):
        pass
    assert module[1].training
    assert not module[3].training
