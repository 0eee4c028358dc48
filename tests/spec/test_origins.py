from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from dakit.spec.fields import leaves
from dakit.spec.loading import load_spec, spec_from_dict
from dakit.spec.problems import dotted

BASE = """{
  "schema_version": 1,
  "name": "base",
  "data": "shapes",
  "model": {"backbone": {"name": "plain", "width": 3}},
  "objective": {"transfer":
    {"name": "mmd",
     "variances": [1,
       2]}, "regularizers": []}
}"""


def test_every_value_has_its_origin(tmp_path: Path):
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared/base.json").write_text(BASE)
    (tmp_path / "leaf.json").write_text('{"extends": "shared/base.json",\n"name": "leaf"}')
    loaded = load_spec(tmp_path / "leaf.json", ["training.epochs=3", "optimizer.lr=1"])
    expected = {
        "name": "leaf.json:2",
        "schema_version": "shared/base.json:2",
        "data.name": "shared/base.json:4",
        "data.folder": "default",
        "data.size": "default",
        "model.backbone.width": "shared/base.json:5",
        "objective.transfer.variances": "shared/base.json:8",
        "objective.transfer.weight": "default",
        "objective.regularizers": "shared/base.json:9",
        "training.epochs": "--set",
        "optimizer.lr": "--set",
        "optimizer.name": "default",
        "init_from": "default",
    }
    assert expected.items() <= loaded.origins.items()
    assert set(loaded.origins) == {dotted(steps) for steps, _ in leaves(loaded.resolved)}


def test_in_python_values_are_given_or_default(minimal: dict[str, Any]):
    found = spec_from_dict(minimal).origins
    assert found["name"] == "given"
    assert found["seed"] == "default"


def test_leaves_cover_a_spec_and_keep_lists_of_numbers_whole():
    data: Callable[[], Any] | Any = {"a": [1, 2], "b": {"c": [{"d": 1}, "e"], "f": {}}, "g": []}
    assert dict(leaves(data)) == {
        ("a",): [1, 2],
        ("b", "c", 0, "d"): 1,
        ("b", "c", 1): "e",
        ("b", "f"): {},
        ("g",): [],
    }
