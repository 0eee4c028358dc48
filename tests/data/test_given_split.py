from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dakit.components import SplitSpec
from dakit.contracts import PARTS, SIDES, Domain, DomainPair, Provenance
from dakit.data.given_split import with_given_split
from dakit.data.prepare import fingerprint
from dakit.data.splits import draw_split, save_split
from dakit.errors import InputError
from dakit.training.reporter import SilentReporter
from dakit.workflows.train import Plan, make_plan


def pair(rows: int = 40, *, labelled: bool = True) -> DomainPair:
    def domain(name: str, labels: bool) -> Domain:
        of = (np.arange(rows) % 4 == 0).astype(np.int64) if labels else None
        ids = np.array([f"{name}{i}" for i in range(rows)])
        return Domain(name, np.zeros((rows, 2), np.float32), of, ids)

    source, target = domain("s", True), domain("t", labelled)
    return DomainPair(source, target, ("a", "b"), Provenance("generated", "rows"))


LISTS = {
    "source": {"train": list(range(20)), "validation": [20, 21], "test": [22, 39]},
    "target": {"train": [3, 2, 1], "validation": [0], "test": [30, 8]},
}


def given(folder: Path, content: dict[str, Any], data: DomainPair | None = None) -> DomainPair:
    path = folder / "rows.json"
    path.write_text(json.dumps(content))
    return with_given_split(data or pair(), SplitSpec(file=Path("rows.json")), 0, folder)


def test_a_list_of_rows_is_the_split_in_its_order(tmp_path: Path) -> None:
    split = given(tmp_path, LISTS).split
    assert split is not None
    for side in SIDES:
        for part in PARTS:
            assert getattr(getattr(split, side), part).tolist() == LISTS[side][part]


def test_the_split_of_a_run_is_taken_as_it_is(tmp_path: Path) -> None:
    drawn = draw_split(pair(), SplitSpec(), 7)
    save_split(tmp_path / "split.npz", drawn)
    taken = with_given_split(pair(), SplitSpec(file=Path("split.npz")), 0, tmp_path)
    assert taken.split is not None
    for side in SIDES:
        for part in PARTS:
            wanted = getattr(getattr(drawn, side), part)
            assert np.array_equal(getattr(getattr(taken.split, side), part), wanted)


def test_a_domain_that_is_not_named_is_drawn_as_without_a_file(tmp_path: Path) -> None:
    taken = given(tmp_path, {"target": LISTS["target"]})
    assert taken.split is not None
    assert taken.split.target.test.tolist() == [30, 8]
    drawn = draw_split(pair(), SplitSpec(), 0).source
    assert np.array_equal(taken.split.source.train, drawn.train)


def test_the_fingerprint_depends_on_the_content_of_the_file(tmp_path: Path) -> None:
    one = given(tmp_path, LISTS)
    two = given(tmp_path, {**LISTS, "target": {**LISTS["target"], "test": [31, 8]}})
    assert len({fingerprint(each) for each in (one, two, pair())}) == 3
    assert fingerprint(given(tmp_path, LISTS)) == fingerprint(one)
    assert "rows.json" in one.provenance.notes[-1]


def test_without_a_file_nothing_changes(tmp_path: Path) -> None:
    data = pair()
    assert with_given_split(data, SplitSpec(), 0, tmp_path) is data


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ({}, "names no part"),
        ({"sorce": {}}, "its keys must be source and target"),
        ({"target": {"train": [0], "test": [1]}}, "it lacks 'validation'"),
        ({"target": {**LISTS["target"], "test": [40]}}, "beyond its 40"),
        ({"target": {**LISTS["target"], "test": [0]}}, "more than one part"),
        ({"target": {**LISTS["target"], "test": [-1]}}, "no row numbers"),
        ({"target": {**LISTS["target"], "test": ["a"]}}, "no row numbers"),
        ({"target": {**LISTS["target"], "test": []}}, "no row numbers"),
        ({"target": [1]}, "data.split.file"),
        ({"source": {**LISTS["source"], "train": [1, 2, 3]}}, "left to train on"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(
    tmp_path: Path, content: dict[str, Any], why: str
) -> None:
    with pytest.raises(InputError, match=why) as error:
        given(tmp_path, content)
    assert "rows.json" in str(error.value)


@pytest.mark.parametrize("content", [b"", b"{", b"PK no archive"])
@pytest.mark.parametrize("name", ["rows.json", "rows.npz"])
def test_a_damaged_or_missing_file_is_named(tmp_path: Path, name: str, content: bytes) -> None:
    spec = SplitSpec(file=Path(name))
    with pytest.raises(InputError, match=name):
        with_given_split(pair(), spec, 0, tmp_path)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=name):
        with_given_split(pair(), spec, 0, tmp_path)


def test_both_domains_are_stratified_where_asked() -> None:
    data, spec = pair(), SplitSpec(stratify="both")
    for seed in range(5):
        target = draw_split(data, spec, seed).target
        shares = [data.target.labels[getattr(target, part)].sum() for part in PARTS]
        assert shares == [7, 1, 2]  # of ten rows of the class
    plain = [draw_split(data, SplitSpec(), seed).target for seed in range(5)]
    assert {data.target.labels[split.test].sum() for split in plain} != {2}


def test_what_cannot_be_stratified_is_refused() -> None:
    spec = SplitSpec(stratify="both")
    with pytest.raises(InputError, match="no labels"):
        draw_split(pair(labelled=False), spec, 0)
    with pytest.raises(InputError, match="from the source"):
        draw_split(replace(pair(), shared_groups=True), spec, 0)


def test_a_run_has_the_rows_and_an_id_of_its_own(tmp_path: Path) -> None:
    rows = {"target": {"train": [5, 6, 7], "validation": [1, 2], "test": [0, 9, 8]}}
    spec = {
        "schema_version": 1,
        "name": "tiny",
        "data": {"name": "digits_shift", "split": {"file": str(tmp_path / "rows.json")}},
        "model": {"backbone": {"name": "small_cnn", "channels": [2, 2]}},
        "objective": {"task": "cross_entropy"},
    }

    def plan() -> Plan:
        return make_plan(spec, out=tmp_path, device="cpu", reporter=SilentReporter(), dry=True)

    (tmp_path / "rows.json").write_text(json.dumps(rows))
    first = plan()
    assert first.data.split.target.test.tolist() == [0, 9, 8]
    rows["target"]["test"] = [0, 9, 10]
    (tmp_path / "rows.json").write_text(json.dumps(rows))
    assert plan().run_id != first.run_id
