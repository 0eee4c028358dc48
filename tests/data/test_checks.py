from copy import copy
from dataclasses import fields, replace

import numpy as np
import pytest
from pairs import Given, domain, on_disk, pair

from dakit.contracts import Domain, DomainPair, DomainSplit, PairSplit, Provenance
from dakit.data.checks import check_domain_parts, check_pair, check_parts
from dakit.errors import InputError, RunError

TWO = (2, 3, 3)


def spoiled(value, rows, dtype=np.float64):
    inputs = np.zeros((40, *TWO), dtype)
    inputs[rows, 1, 2, 2] = value
    return inputs


def with_source(**changes):
    return replace(pair(), source=replace(pair().source, **changes))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (with_source(labels=None), "source: the source must have labels"),
        (with_source(labels=np.zeros(40, int)), "all labels are 'a'"),
        (with_source(labels=np.zeros(40)), "labels must be integers, not float64"),
        (with_source(labels=np.arange(40)), r"38 label\(s\) outside 0..1 \(a, b\): 2, 3, 4, 5, 6,"),
        (with_source(domains=np.zeros(39, int)), r"40 inputs but domains of shape \(39,\)"),
        (
            with_source(domains=np.arange(40) % 3, domain_names=("n", "s")),
            r"domains must be the indices of its domain names \(n, s\).*found 0, 1, 2",
        ),
        (with_source(domains=np.zeros(40, int), domain_names=("n", "s")), "each present; found 0"),
        (with_source(labels=np.zeros(39, int)), r"40 inputs but labels of shape \(39,\)"),
        (with_source(groups=np.zeros((40, 1))), r"40 inputs but groups of shape \(40, 1\)"),
        (with_source(ids=np.arange(40) // 2), "ids must be unique; more than once: 0, 1, 2, 3, 4,"),
        (with_source(inputs=np.zeros(40)), r"inputs must be \(N, ...\), not \(40,\)"),
        (with_source(inputs=np.zeros((40, 2), complex)), "inputs of type complex128"),
        (pair(target=domain("target", np.zeros((0, 2, 4, 4)))), "target: there are no inputs"),
        (
            pair(target=domain("target", np.zeros((9, 2, 4, 5)))),
            r"source have shape \(2, 4, 4\), those of target \(2, 4, 5\)",
        ),
        (
            with_source(ids=np.array([f"{i}caf\udce9" for i in range(40)])),
            r"source: ids must be text .* 40 cannot: 0caf\\udce9, 1caf",
        ),
        (
            with_source(groups=np.array(["o"] * 39 + ["\ud800"])),
            r"source: groups must be .* 1 cannot",
        ),
        (pair(classes=("a", "b\udce9")), r"the names of the classes must be .*: b\\udce9"),
        (pair(classes=("a",)), "two classes or more"),
        (pair(classes=("a", "a")), "class names must differ: a, a"),
        (pair(classes=("a", " a ")), "class names must differ: a,  a "),
        (pair(classes=("a", "")), "class 1 has a blank name: a, "),
        (pair(classes=("\u00a0\t", "b")), "class 0 has a blank name"),
        (pair(shared=True), "source: objects are said to be shared, but it has no groups"),
        (
            pair(
                domain(groups=np.arange(40)),
                domain("target", groups=np.arange(40).astype(str)),
                shared=True,
            ),
            "groups of source are int64 and those of target <U",
        ),
    ],
)
def test_what_cannot_be_trained_on_is_named(data, message):
    with pytest.raises(InputError, match=message) as caught:
        check_pair(data)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e300])
def test_inputs_that_are_no_finite_float32_are_counted_and_named(value, tmp_path):
    inputs = on_disk(tmp_path / "x.npy", spoiled(value, [3, 20, 31]))
    data = pair(domain(inputs=inputs), domain("target", shape=TWO))
    with pytest.raises(InputError, match=r"source: 3 of 40 inputs hold NaN.*ids 3, 20, 31\)"):
        check_pair(data)


def test_both_infinities_in_one_input_do_not_cancel():
    inputs = spoiled(np.inf, [3])
    inputs[3, 0, 0, 0] = -np.inf
    with pytest.raises(InputError, match="1 of 40"):
        check_pair(pair(domain(inputs=inputs), domain("target", shape=TWO)))


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float16, np.float32, ">f8", bool])
def test_good_inputs_of_any_real_type_pass(dtype):
    inputs = spoiled(1, [3], dtype)
    check_pair(pair(domain(inputs=inputs), domain("target", inputs[:30])))


def test_a_target_needs_no_labels():
    check_pair(replace(pair(), target=replace(pair().target, labels=None)))


def spoilt(part, name, value):
    """A copy of ``part`` whose field ``name`` is ``value``, whatever its class would say."""
    changed = copy(part)
    object.__setattr__(changed, name, value)
    return changed


@pytest.mark.parametrize("value", [5, [5], b"raw", {"a": 5}])
@pytest.mark.parametrize(
    ("kind", "field"),
    [
        (kind, field.name)
        for kind in (Provenance, DomainPair, PairSplit, DomainSplit, Domain)
        for field in fields(kind)
    ],
)
def test_every_part_of_another_type_is_told_as_the_fault_of_its_dataset(kind, field, value):
    rows = np.arange(3)
    split = DomainSplit(rows, rows + 3, rows + 6)
    parts = {
        Provenance: lambda wrong: pair_with(provenance=wrong(pair().provenance)),
        DomainPair: lambda wrong: wrong(pair()),
        PairSplit: lambda wrong: pair_with(split=wrong(PairSplit(split, split))),
        DomainSplit: lambda wrong: pair_with(split=PairSplit(split, wrong(split))),
        Domain: lambda wrong: pair_with(target=wrong(domain("target"))),
    }
    with pytest.raises(RunError, match=rf"'build\.\S*{field}' of 'given' returned"):
        check_parts(parts[kind](lambda part: spoilt(part, field, value)), Given())


def pair_with(**changes):
    return replace(pair(), **changes)


@pytest.mark.parametrize("left_out", [5, (("a",),), ((1, "blank"),), "ab"])
def test_new_inputs_of_another_type_are_told_as_the_fault_of_their_dataset(left_out):
    with pytest.raises(RunError, match=r"'read_inputs\.left_out' of 'given' returned"):
        check_domain_parts(spoilt(domain(), "left_out", left_out), Given(), "read_inputs")


def test_parts_that_are_as_they_must_be_pass():
    rows = np.arange(3)
    split = DomainSplit(rows, rows, rows)
    check_parts(replace(pair(), class_names=["a", "b"], split=PairSplit(split, split)), Given())
