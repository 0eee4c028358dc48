from __future__ import annotations

import pytest
from pydantic import ValidationError

from dakit.builtin.regularizers.specs import EntropySpec, FisherSpec


@pytest.mark.parametrize(
    "wrong", [{"between_weight": 0}, {"within_weight": -1}, {"form": "ratio"}, {"centres": "mean"}]
)
def test_fisher_refuses(wrong):
    with pytest.raises(ValidationError):
        FisherSpec(**wrong)


def test_entropy_refuses():
    with pytest.raises(ValidationError):
        EntropySpec(on="all")
