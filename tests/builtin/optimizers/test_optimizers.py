import pytest
import torch

from dakit.builtin.optimizers.adam import AdamSpec
from dakit.builtin.optimizers.adamw import AdamWSpec
from dakit.builtin.optimizers.sgd import SGDSpec
from dakit.contracts import BuildContext


@pytest.mark.parametrize(
    ("spec", "kind", "expected"),
    [
        (AdamSpec(betas=(0.7, 0.8), amsgrad=True, weight_decay=0.01, lr=0.5), torch.optim.Adam,
         {"betas": (0.7, 0.8), "amsgrad": True, "weight_decay": 0.01, "eps": 1e-8, "lr": 0.5}),
        (AdamWSpec(weight_decay=0.1), torch.optim.AdamW,
         {"betas": (0.9, 0.999), "amsgrad": False, "weight_decay": 0.1, "lr": 1e-3}),
        (SGDSpec(), torch.optim.SGD, {"momentum": 0.9, "nesterov": True, "weight_decay": 0.0}),
        (SGDSpec(momentum=0.0), torch.optim.SGD, {"momentum": 0.0, "nesterov": False}),
    ],
)  # fmt: skip
def test_torchs_rules_get_the_values_of_the_spec(spec, kind, expected):
    groups = [{"params": [torch.zeros(1)], "lr_multiplier": m} for m in (1.0, 3.0)]
    optimizer = spec.build(BuildContext(seed=0, parameters=groups))
    assert type(optimizer) is kind
    assert [group["lr_multiplier"] for group in optimizer.param_groups] == [1.0, 3.0]
    for group in optimizer.param_groups:
        assert {name: group[name] for name in expected} == expected
