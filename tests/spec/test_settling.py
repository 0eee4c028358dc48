from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dakit.spec.positions import Mark, parse
from dakit.spec.settling import settle

HERE, BASE = Path("/where/it/is/written"), Path("/where/the/spec/is")


def settled(data: Any) -> Any:
    node, _ = parse(json.dumps(data), Mark("a.json", folder=HERE))
    return settle(node, BASE, []).plain()


def test_null_stays_where_it_is_a_value_and_goes_where_it_is_none():
    data = {
        "seed": None,
        "init_from": None,
        "objective": {"task": None, "transfer": None},
        "training": {"epochs": None, "early_stopping": None, "gradient_clip": None},
    }
    assert settled(data) == {
        "init_from": None,
        "objective": {"task": None, "transfer": None},
        "training": {"early_stopping": None, "gradient_clip": None},
    }


def test_null_stays_where_nothing_is_known_so_that_validation_can_complain():
    assert settled({"trainng": None}) == {"trainng": None}


def test_an_object_without_name_takes_the_default_one():
    data = {"optimizer": {"lr": 1}, "schedule": {}, "training": {"selection": {}}}
    assert settled(data) == {
        "optimizer": {"name": "adam", "lr": 1},
        "schedule": {"name": "one_cycle"},
        "training": {"selection": {"name": "source_accuracy"}},
    }
    assert settled({"objective": {"transfer": {"weight": 1}}}) == {
        "objective": {"transfer": {"weight": 1}}
    }


def test_relative_paths_start_from_the_file_they_are_written_in():
    data = {
        "data": {"name": "shapes", "folder": "../x", "masks": "/m", "extra": ["a", "~/b"]},
        "init_from": {"spec": "first.json", "run": None},
    }
    assert settled(data) == {
        "data": {
            "name": "shapes",
            "folder": "/where/it/is/x",
            "masks": "/m",
            "extra": [f"{HERE}/a", str(Path.home() / "b")],
        },
        "init_from": {"spec": f"{HERE}/first.json", "run": None},
    }


def test_default_paths_start_from_the_folder_of_the_spec():
    expected = {"data": {"name": "shapes", "folder": f"{BASE}/data"}}
    assert settled({"data": "shapes"}) == expected
    assert settled({"data": {"name": "shapes"}}) == expected
