"""Ids and groups in one form: what is missing in a type is no group, and bytes are text."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dakit.components import SplitSpec
from dakit.contracts import Domain, DomainPair, Provenance
from dakit.data.leakage import leakage
from dakit.data.splits import draw_split

DAY = np.datetime64("2020-01-01")
KINDS: dict[str, tuple[Any, list[Any], str]] = {
    # what stands for "missing", the names of two real groups, the dtype
    "float64": ([np.nan], [3.0, 2.5], "f8"),
    "float32": ([np.nan], [3.0, 7.0], "f4"),
    "datetime64": ([np.datetime64("NaT")], [DAY, DAY + 1], "M8[D]"),
    "timedelta64": ([np.timedelta64("NaT")], [np.timedelta64(1), np.timedelta64(2)], "m8[D]"),
    "str": (["", "  ", "nan", "NaN", "None", "NaT", "<NA>", "null", "--"], ["g1", "nano"], "U6"),
    "bytes": ([b"", b"nan", b"None"], [b"g1", "Größe".encode()], "S8"),
    "object": ([None, float("nan"), "", np.datetime64("NaT")], ["g1", 5], "O"),
}


def domain(groups: Any, name: str = "source", ids: Any = None) -> Domain:
    n = len(groups)
    rows = np.arange(n) if ids is None else ids
    return Domain(name, np.zeros((n, 2)), np.arange(n) % 2, rows, groups)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_rows_without_a_group_are_objects_of_their_own(kind: str, data: st.DataObject) -> None:
    missing, real, dtype = KINDS[kind]
    choices = st.integers(-len(missing), len(real) - 1)
    drawn = data.draw(st.lists(choices, min_size=1, max_size=20))
    values = np.empty(len(drawn), dtype)
    values[:] = [real[i] if i >= 0 else missing[i] for i in drawn]
    of_real = [max(i, -1) for i in drawn]
    found = domain(values).groups
    if -1 not in of_real:
        assert found is not None
        assert len(set(found.tolist())) == len(set(of_real))
        return
    if set(of_real) == {-1}:
        assert found is None
        return
    assert found is not None
    for i, here in enumerate(of_real):
        for j in range(i):
            assert (found[i] == found[j]) == (here != -1 and here == of_real[j])


def test_a_mask_means_missing() -> None:
    found = domain(np.ma.masked_array([4, 4, 4, 4], [False, True, True, False])).groups
    assert found is not None
    assert found.tolist() == ["4", "alone: source 1", "alone: source 2", "4"]


def test_the_names_of_others_are_kept() -> None:
    kept = domain(np.array([3.0, np.nan, 2.5])).groups
    assert kept is not None
    assert kept.tolist() == ["3", "alone: source 1", "2.5"]
    whole = domain(np.array([5, 5, 7])).groups
    assert whole is not None
    assert whole.dtype.kind == "i"


def test_row_numbers_of_two_domains_are_not_one_object() -> None:
    groups = np.array([1.0, np.nan, 2.0, np.nan] * 5)
    pair = DomainPair(
        domain(groups), domain(groups, "target"), ("a", "b"), Provenance("files", ""), True
    )
    found = set(pair.source.groups.tolist()) & set(pair.target.groups.tolist())
    assert found == {"1", "2"}


@pytest.mark.parametrize("dtype", ["S8", "O"])
def test_bytes_are_text(dtype: str) -> None:
    ids = np.array(["gal000", "Größe"])
    raw = np.array([name.encode() for name in ids], dtype)
    made = domain(raw, ids=raw)
    assert made.ids.tolist() == made.groups.tolist() == ids.tolist()
    latin = np.array([b"gal000", "Größe".encode("latin-1")])
    assert domain(latin, ids=latin).ids.tolist() == ids.tolist()


def test_dates_are_text() -> None:
    nights = np.array([datetime.datetime(2020, 1, 1), datetime.datetime(2020, 1, 2)], "M8[ns]")
    assert domain(nights).groups.tolist() == [str(night) for night in nights]


def test_a_half_without_groups_leaves_both_classes_in_every_part() -> None:
    groups = np.where(np.arange(200) < 100, np.nan, np.arange(200))
    both = domain(groups), domain(groups, "target")
    pair = DomainPair(*both, ("a", "b"), Provenance("files", ""))
    split = draw_split(pair, SplitSpec(), 0)
    assert leakage(pair, split).source.objects == 200
    for part in ("train", "validation", "test"):
        rows = getattr(split.source, part)
        assert set(pair.source.labels[rows]) == {0, 1}
