import torch

from dakit.training.seeding import seed_torch


def draw(*arguments):
    seed_torch(*arguments)
    return torch.rand(3)


def test_a_pure_function_of_seed_purpose_and_epoch():
    assert torch.equal(draw(1, "torch", 2), draw(1, "torch", 2))
    different = [draw(1, "torch", 2), draw(2, "torch", 2), draw(1, "other", 2), draw(1, "torch", 3)]
    assert len({tuple(numbers.tolist()) for numbers in different}) == 4
