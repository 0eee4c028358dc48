from __future__ import annotations

import pytest
from sklearn.metrics import log_loss

from dakit.builtin.validators.source_loss_score import source_loss


def test_is_minus_the_log_loss_of_sklearn(make_view):
    view = make_view()
    wanted = -log_loss(view.source_labels, view.source_logits.double().softmax(1))
    assert source_loss(view) == pytest.approx(wanted, abs=1e-9)
