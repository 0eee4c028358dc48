from __future__ import annotations

import pytest
from pydantic import ValidationError

from dakit.builtin.regularizers.entropy import EntropySpec
from dakit.builtin.regularizers.fisher import FisherSpec


@pytest.mark.parametrize(
    "wrong", [{"between_weight": 0}, {"within_weight": -1}, {"form": "ratio"}, {"centres": "mean"}]
)
def test_fisher_refuses(wrong):
    with pytest.raises(ValidationError):
        FisherSpec(**wrong)


def test_entropy_refuses():
    with pytest.raises(ValidationError):
        EntropySpec(on="all")
