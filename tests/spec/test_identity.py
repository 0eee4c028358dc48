from __future__ import annotations

import copy
import random
from functools import reduce
from operator import getitem
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dakit.spec.fields import leaves
from dakit.spec.identity import run_id
from dakit.spec.loading import spec_from_dict


@pytest.fixture(scope="module")
def resolved(minimal: dict[str, Any]) -> dict[str, Any]:
    objective = {"transfer": "mmd", "regularizers": ["fisher", {"name": "entropy"}]}
    spec = {**minimal, "objective": objective, "init_from": {"spec": "a.json"}}
    return spec_from_dict(spec).resolved


def changed(data: Any, steps: tuple[str | int, ...], value: Any) -> Any:
    result = copy.deepcopy(data)
    target = result
    for step in steps[:-1]:
        target = target[step]
    target[steps[-1]] = value
    return result


def shuffled(data: Any, order: random.Random) -> Any:
    if isinstance(data, list):
        return [shuffled(item, order) for item in data]
    if not isinstance(data, dict):
        return data
    items = [(key, shuffled(value, order)) for key, value in data.items()]
    order.shuffle(items)
    return dict(items)


def test_is_ten_hexadecimal_digits(resolved: dict[str, Any]):
    identity = run_id(resolved, "data")
    assert len(identity) == 10
    int(identity, 16)


@settings(max_examples=30)
@given(st.randoms(use_true_random=False))
def test_the_order_of_keys_does_not_matter(resolved: dict[str, Any], order: random.Random):
    assert run_id(shuffled(resolved, order), "data") == run_id(resolved, "data")


WITHOUT_EFFECT = [
    ("$schema",),
    ("name",),
    ("description",),
    ("figures",),
    ("trackers",),
    ("training", "device"),
    ("training", "keep"),
    ("data", "split", "file"),  # its content is in the fingerprint of the data
    ("data", "folder"),
    ("data", "masks"),
    ("init_from", "spec"),
    ("init_from", "run"),
]


@pytest.mark.parametrize("steps", WITHOUT_EFFECT)
def test_names_paths_and_the_device_do_not_matter(resolved: dict[str, Any], steps: tuple[str, ...]):
    assert run_id(changed(resolved, steps, "/another"), "data") == run_id(resolved, "data")


def test_every_other_value_matters(resolved: dict[str, Any]):
    others = [steps for steps, _ in leaves(resolved) if steps not in WITHOUT_EFFECT]
    others.remove(("data", "extra"))  # an empty list of paths
    identities = {run_id(changed(resolved, steps, "another"), "data") for steps in others}
    assert len(identities) == len(others) > 40
    assert run_id(resolved, "data") not in identities


@pytest.mark.parametrize(
    ("part", "later", "default"),
    [
        (("model", "head"), "dropout", 0),
        (("training",), "pass_over", "source"),
        (("data", "split"), "stratify", "source"),
        (("init_from",), "train_only", None),
        (("training",), "teacher", 0.99),
    ],
)
def test_a_run_has_the_id_it_had_before_a_field_was_there(
    resolved: dict[str, Any], part: tuple[str, ...], later: str, default: object
):
    before = copy.deepcopy(resolved)
    assert reduce(getitem, part, before).pop(later) == default
    assert run_id(resolved, "data") == run_id(before, "data")


def test_the_data_and_the_start_matter(resolved: dict[str, Any]):
    identities = {
        run_id(resolved, "data"),
        run_id(resolved, "other data"),
        run_id(resolved, "data", "start"),
        run_id(resolved, "data", "other start"),
    }
    assert len(identities) == 4


def test_one_spec_has_one_id_wherever_it_lies(minimal: dict[str, Any], tmp_path: Any):
    here = spec_from_dict(minimal).resolved
    there = spec_from_dict(minimal, base_dir=tmp_path).resolved
    assert here != there
    assert run_id(here, "data") == run_id(there, "data")


def test_a_later_part_at_its_default_leaves_the_id_of_earlier_runs(resolved: dict[str, Any]):
    earlier = copy.deepcopy(resolved)
    del earlier["data"]["augment"]["strong"]
    assert run_id(earlier, "data") == run_id(resolved, "data")
    stronger = changed(resolved, ("data", "augment", "strong", "noise"), 0.5)
    assert run_id(stronger, "data") != run_id(resolved, "data")
