import os
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pairs import domain, pair

from dakit.components import SplitSpec
from dakit.contracts import DomainSplit, PairSplit
from dakit.data.splits import check_split, draw_split, load_split, save_split
from dakit.errors import InputError, RunError

PARTS = ("train", "validation", "test")
SPEC = SplitSpec()


def parts(split):
    return [getattr(split, part) for part in PARTS]


def same(one, other):
    return all(
        np.array_equal(a, b)
        for side in ("source", "target")
        for a, b in zip(parts(getattr(one, side)), parts(getattr(other, side)), strict=True)
    )


@st.composite
def grouped_pairs(draw):
    """Pairs of 1 to 4 images an object, 3 classes; the target has 3 objects of its own or more."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))

    def grouped(name, first, objects):
        groups = rng.permutation(np.repeat(first + np.arange(objects), rng.integers(1, 5, objects)))
        labels = (groups * 7 // 2) % 3
        return domain(name, np.zeros((len(groups), 2)), labels, groups=groups)

    known = draw(st.integers(9, 25))
    first = draw(st.integers(0, known))
    own = draw(st.integers(3, 20))
    source, target = grouped("source", 0, known), grouped("target", first, known - first + own)
    return pair(source, target, classes="abc", shared=True)


@given(grouped_pairs(), st.integers(0, 2**63 - 1))
@settings(deadline=None)
def test_parts_are_disjoint_cover_everything_and_keep_objects_together(data, seed):
    split = draw_split(data, SPEC, seed)
    place = {}
    for side in ("source", "target"):
        rows = parts(getattr(split, side))
        assert all((np.diff(part) > 0).all() and len(part) for part in rows)
        domain = getattr(data, side)
        assert np.array_equal(np.sort(np.concatenate(rows)), np.arange(len(domain)))
        for part, members in enumerate(rows):
            for group in domain.groups[members]:
                assert place.setdefault(group, part) == part  # in both domains
    assert set(data.source.labels) == set(data.source.labels[split.source.train])


@given(
    objects=st.lists(st.integers(1, 6), min_size=2, max_size=6).filter(
        lambda n: sum(n) >= len(n) + 2
    ),
    views=st.integers(1, 3),
    seed=st.integers(0, 2**63 - 1),
)
@settings(deadline=None)
def test_a_class_of_two_objects_or_more_is_trained_on_and_tested_on(objects, views, seed):
    labels = np.repeat(np.repeat(np.arange(len(objects)), objects), views)
    groups = np.repeat(np.arange(sum(objects)), views)
    source = domain(labels=labels, groups=groups, n=len(labels))
    split = draw_split(pair(source, classes="abcdef"[: len(objects)]), SplitSpec(), seed).source
    assert set(labels[split.train]) == set(range(len(objects)))
    untested = {c for c, n in enumerate(objects) if n > 1} - set(labels[split.test])
    # the one object for validation may be the second of a class, if no class has a third
    assert len(untested) <= (max(objects) == 2)
    assert len(split.validation)


@given(grouped_pairs(), st.integers(0, 1000))
@settings(deadline=None, max_examples=30)
def test_target_labels_change_nothing(data, seed):
    target = data.target
    swapped = replace(data, target=replace(target, labels=target.labels[::-1].copy()))
    without = replace(data, target=replace(target, labels=None))
    split = draw_split(data, SPEC, seed)
    assert same(split, draw_split(swapped, SPEC, seed))
    assert same(split, draw_split(without, SPEC, seed))


def test_every_class_of_the_source_is_split_in_the_fractions_within_one_object():
    labels = np.repeat(np.arange(3), (100, 30, 10))
    groups = np.repeat(np.arange(70), 2)  # two images an object: 50, 15 and 5 objects
    data = pair(domain(labels=labels, groups=groups, n=140), classes="abc")
    split = draw_split(data, SplitSpec(train=0.6, validation=0.2, test=0.2), 3)
    for label, objects in enumerate((50, 15, 5)):
        for rows, fraction in zip(parts(split.source), (0.6, 0.2, 0.2), strict=True):
            found = len(np.unique(groups[rows][labels[rows] == label]))
            assert abs(found - fraction * objects) < 1


def test_the_split_follows_from_its_seed():
    data = pair()
    assert same(draw_split(data, SPEC, 1), draw_split(data, SPEC, 1))
    assert not same(draw_split(data, SPEC, 1), draw_split(data, SPEC, 2))
    own = SplitSpec(seed=2)
    assert same(draw_split(data, own, 1), draw_split(data, SPEC, 2))


def test_the_targets_own_objects_make_up_for_shared_ones():
    source = domain(groups=np.arange(40), n=40)
    target = domain("target", groups=np.arange(30, 130), n=100)
    split = draw_split(pair(source, target, shared=True), SPEC, 0)
    assert [len(rows) for rows in parts(split.target)] == [70, 10, 20]


@pytest.mark.parametrize("objects", [8, 11, 30, 101])
def test_the_target_is_split_in_the_fractions_within_one_object(objects):
    split = draw_split(pair(target=domain("target", n=objects)), SPEC, 0)
    for rows, fraction in zip(parts(split.target), (0.7, 0.1, 0.2), strict=True):
        assert abs(len(rows) - fraction * objects) < 1


def test_names_of_unshared_groups_mean_nothing_across_domains():
    groups = np.arange(40)
    data = pair(domain(groups=groups), domain("target", groups=groups, n=40))
    split = draw_split(data, SPEC, 0)
    assert not np.array_equal(split.source.train, split.target.train)


def test_too_few_objects_are_counted_in_the_error():
    groups = np.repeat([0, 1], 20)
    with pytest.raises(InputError, match=r"target: 2 object\(s\) are too few"):
        draw_split(pair(target=domain("target", groups=groups)), SPEC, 0)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (((0, 1, 2), (2, 3), (4,)), "more than one part"),
        (((0, 1), (), (4,)), "validation part is empty"),
        (((0, 1), (3,), (99,)), "beyond its 40 inputs"),
        (((0, 2), (3,), (5,)), "class b is left to train on"),
    ],
)
def test_a_prescribed_split_is_checked(rows, message):
    source = DomainSplit(*(np.array(part, dtype=np.int64) for part in rows))
    target = DomainSplit(np.array([0]), np.array([1]), np.array([2]))
    with pytest.raises(InputError, match=message):
        check_split(pair(), PairSplit(source, target))


def test_a_split_is_stored_and_read_back(tmp_path):
    split = draw_split(pair(), SPEC, 5)
    save_split(tmp_path / "split.npz", split)
    assert same(load_split(tmp_path / "split.npz"), split)
    assert [file.name for file in tmp_path.iterdir()] == ["split.npz"]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 torn", b"no split"])
def test_a_damaged_split_is_named(tmp_path, content):
    (tmp_path / "split.npz").write_bytes(content)
    with pytest.raises(InputError, match=r"split\.npz is not a stored split"):
        load_split(tmp_path / "split.npz")


def test_a_failed_write_leaves_the_older_split_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "split.npz"
    save_split(path, draw_split(pair(), SPEC, 5))
    before = path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RunError, match=r"split\.npz: No space left"):
        save_split(path, draw_split(pair(), SPEC, 6))
    assert path.read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1
