from __future__ import annotations

import pytest

from dakit.components import SPEC_BASES, ComponentSpec
from dakit.spec.fields import ROOT, Place, paths_in, place_at
from dakit.spec.sweep import SweepSpec

DATA = {
    "data": {"name": "shapes", "folder": "a", "masks": None, "extra": ["b", "c"]},
    "init_from": {"spec": "base.json"},
    "objective": {"transfer": "mmd", "regularizers": [{"name": "entropy"}]},
    "optimizer": {"name": "sgd"},
}


@pytest.mark.parametrize(
    ("steps", "key", "other"),
    [
        ((), "objective", "momentum"),
        (("data",), "size", "file"),
        (("objective", "transfer"), "variances", "hidden"),
        (("objective", "regularizers", 0), "on", "variances"),
        (("optimizer",), "momentum", "betas"),
        (("data", "split"), "train", "size"),
        (("training",), "epochs", "lr"),
    ],
)
def test_knows_the_keys_of_every_place(steps: tuple[str | int, ...], key: str, other: str):
    here = DATA
    for step in steps:
        here = here.get(step) if isinstance(here, dict) else here[step] if here else None
    keys = place_at(steps, DATA).keys(here)
    assert key in keys
    assert other not in keys


@pytest.mark.parametrize("base", SPEC_BASES.values())
def test_a_component_stands_where_its_base_says(base: type[ComponentSpec]):
    root = ROOT if base.kind_file == "run spec" else Place(((SweepSpec, None),))
    steps = [int(step) if step.isdigit() else step for step in base.kind_place.split(".")]
    place = root
    for step in steps:
        place = place.child(step, [] if isinstance(step, int) else {})
    assert {marker.kind for _, marker in place.alternatives if marker} == {base.kind}


def test_of_what_cannot_be_told_nothing_is_said():
    data = {"objective": {"transfer": {"name": "unheard_of"}}}
    assert place_at(("objective", "transfer"), data).keys({"name": "unheard_of"}) == []
    assert place_at(("nowhere", "at", "all"), data) is None


def test_nullable_fields():
    def nullable(*steps: str) -> bool:
        return place_at(steps, DATA).nullable

    assert nullable("init_from")
    assert nullable("objective", "task")
    assert nullable("training", "early_stopping")
    assert not nullable("data")
    assert not nullable("training", "epochs")


def test_names_that_stand_by_default():
    assert place_at(("optimizer",), {}).default_name == "adam"
    assert place_at(("objective", "task"), {}).default_name == "cross_entropy"
    assert ROOT.default_name is None
    assert place_at(("training", "device"), {}).default_name is None


def test_finds_every_path_in_a_spec():
    assert paths_in(DATA) == {
        ("data", "folder"),
        ("data", "masks"),
        ("data", "extra", 0),
        ("data", "extra", 1),
        ("init_from", "spec"),
    }
