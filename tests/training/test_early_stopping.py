import pytest
import torch
from torch import Tensor

from dakit.contracts import Batch, LossTerm, ValidationView
from dakit.randomness import generator
from dakit.training.early_stopping import validation_loss


class MeanLabel(LossTerm):
    uses_target = False

    def forward(self, batch: Batch) -> Tensor:
        assert len(batch.target.features) == 0
        return batch.source.labels.double().mean()


def test_validation_loss_is_of_64_rows_drawn_by_seed_and_epoch():
    labels = torch.arange(200)
    view = ValidationView(
        torch.zeros(200, 2), torch.zeros(200, 3), labels, torch.zeros(5, 2), torch.zeros(5, 3)
    )

    def loss(seed, epoch):
        return validation_loss(MeanLabel(), view, seed=seed, epoch=epoch, progress=0.5)

    rows = generator(4, "early stopping", 2).permutation(200)[:64]
    assert loss(4, 2) == pytest.approx(rows.mean())
    assert len({loss(4, 2), loss(4, 3), loss(5, 2)}) == 3
