"""Published tables: read exactly, refused with file and key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dakit.errors import InputError
from dakit.spec.reference_table import read_reference_table

TABLE: dict[str, Any] = {
    "name": "somebody2021",
    "label": "paper",
    "title": "A table",
    "citation": "Somebody 2021",
    "data": {"name": "galaxy_mergers", "experiment": "sim_sim"},
    "backbone": "deepmerge",
    "selection": "by lot",
    "used_target_labels": False,
    "positive_share": {"target": [0.5, 0.6]},
    "methods": [{"method": "MMD", "transfer": "mmd", "target": {"accuracy": 0.77}}],
}


def written(folder: Path, **changes: Any) -> Path:
    path = folder / "table.json"
    path.write_text(json.dumps({**TABLE, **changes}))
    return path


def test_what_is_not_given_is_none(tmp_path: Path) -> None:
    table = read_reference_table(written(tmp_path))
    (method,) = table.methods
    assert method.target.accuracy == 0.77
    assert method.target.recall is None
    assert method.source.accuracy is None
    assert table.positive_share.target == (0.5, 0.6)


def test_it_belongs_to_data_with_its_settings(tmp_path: Path) -> None:
    table = read_reference_table(written(tmp_path))
    data = {"name": "galaxy_mergers", "experiment": "sim_sim", "origin": "mock"}
    assert table.belongs_to(data)
    assert not table.belongs_to({**data, "experiment": "sim_real"})
    assert not table.belongs_to({"name": "galaxy_mergers"})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"citaton": "x"}, ["citaton: unknown key; did you mean 'citation'?"]),
        ({"backbone": 3}, ["backbone: "]),
        ({"methods": []}, ["methods: "]),
        (
            {"methods": [{"method": "A", "target": {"accuracy": 77}}, {"transfer": "mmd"}]},
            ["methods.0.target.accuracy: ", "less than or equal to 1", "methods.1.method: "],
        ),
        ({"positive_share": {"target": [0.6, 0.5]}}, ["positive_share: target: the lowest"]),
    ],
)
def test_what_is_wrong_is_named_with_file_and_key(
    tmp_path: Path, changes: dict[str, Any], words: list[str]
) -> None:
    path = written(tmp_path, **changes)
    with pytest.raises(InputError) as caught:
        read_reference_table(path)
    for word in (str(path), *words):
        assert word in str(caught.value)


def test_no_file_and_no_json(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot read the table .*nothing\.json"):
        read_reference_table(tmp_path / "nothing.json")
    (tmp_path / "bad.json").write_text("{")
    with pytest.raises(InputError, match=r"bad\.json is no valid JSON"):
        read_reference_table(tmp_path / "bad.json")
    (tmp_path / "list.json").write_text("[]")
    with pytest.raises(InputError, match=r"list\.json is no reference table"):
        read_reference_table(tmp_path / "list.json")
