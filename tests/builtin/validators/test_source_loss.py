from __future__ import annotations

import pytest
from sklearn.metrics import log_loss

from dakit.builtin.validators.source_loss import SourceLossSpec


def test_is_minus_the_log_loss_of_sklearn(score, make_view):
    view = make_view()
    wanted = -log_loss(view.source_labels, view.source_logits.double().softmax(1))
    assert score(SourceLossSpec(), view) == pytest.approx(wanted, abs=1e-9)
