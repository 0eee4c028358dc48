"""Images that a run has learned from are known again, and chance is called chance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dakit.contracts import Domain, DomainPair, Provenance
from dakit.workflows.evaluate import TrainedRows


def row(name: str, domain: str, split: str, group: str = "") -> dict[str, str]:
    return {"id": name, "domain": domain, "split": split, "group": group}


TRAINED = TrainedRows.of(
    [
        row("a", "source", "train", "g1"),
        row("b", "source", "validation", "g2"),
        row("c", "source", "test", "g3"),
        row("d", "target", "train", "g4"),
    ]
)


def pair(ids: list[object], groups: list[str] | None = None) -> DomainPair:
    size = len(ids)
    domain = Domain(
        "d",
        np.zeros((size, 3)),
        np.zeros(size, np.int64),
        np.array(ids),
        None if groups is None else np.array(groups),
    )
    return DomainPair(domain, domain, ("no", "yes"), Provenance("files", ""))


def said(data: DomainPair, *, own: bool, rows: list[int] | None = None) -> str:
    chosen = np.arange(len(data.source)) if rows is None else np.array(rows)
    return " ".join(TRAINED.cautions(data, "source", chosen, own=own))


def test_the_runs_own_rows_are_leakage_but_for_its_test_rows() -> None:
    data = pair(["a", "b", "c", "d"])
    assert said(data, own=True).startswith("LEAKAGE: 2 of the 4 source images")
    assert said(data, own=True, rows=[2]) == ""
    assert said(data, own=True, rows=[3]) == ""  # a target row of that name is another image


def test_groups_count_too_and_across_domains_where_they_are_shared() -> None:
    data = pair(["x", "y", "z"], ["g1", "g3", "g4"])
    assert "1 of the 3" in said(data, own=True)
    assert "2 of the 3" in said(replace(data, shared_groups=True), own=True)


def test_the_same_names_in_other_data_are_a_caution() -> None:
    text = said(pair(["a", "d", "new"]), own=False)
    assert text.startswith("CAUTION: 2 of the 3 source images")
    assert "if names mean the same" in text
    assert said(pair(["new", "other"]), own=False) == ""


@pytest.mark.parametrize("groups", [None, ["g9", "g8"]])
def test_row_numbers_tell_nothing(groups: list[str] | None) -> None:
    assert "row numbers" in said(pair([0, 1], groups), own=False)


def test_rows_without_a_group_are_not_taken_for_one_another_in_other_data() -> None:
    trained = TrainedRows.of([row("a", "source", "train", "alone: source 1")])
    data = pair(["x", "y", "z"], ["g1", "", "g2"])
    assert list(trained.cautions(data, "source", np.arange(3), own=False)) == []
