import dataclasses
import warnings

import numpy as np
import pytest
import torch
from pairs import Given, domain, on_disk, pair

from dakit.components import AugmentSpec, NormalizeSpec, StrongAugmentSpec
from dakit.contracts import DomainSplit, PairSplit
from dakit.data.batches import InputBatch, Reader, TrainingBatches
from dakit.data.mapping import memory_map
from dakit.data.normalization import Normalization
from dakit.data.prepare import prepare
from dakit.errors import InputError

CPU = torch.device("cpu")
RAW = NormalizeSpec(method="none")
NONE = Normalization("none", (1.0,) * 2, (1.0,) * 2, (0.0,) * 2)


def numbered(name, n, labels=None, shape=(1, 2, 2), first=0):
    """A domain whose image i shows i, i + 1/8, i + 2/8 and so on."""
    size = int(np.prod(shape))
    inputs = (
        first
        + np.arange(n).reshape(-1, *[1] * len(shape))
        + np.arange(size).reshape(shape) / (2 * size)
    )
    return domain(name, inputs, labels)


def batches(
    n=40,
    m=30,
    *,
    size=8,
    seed=1,
    with_target=True,
    data=None,
    needs=(),
    pass_over="source",
    **options,
):
    spec = Given(normalize=RAW, **options)
    data = data or pair(numbered("source", n), numbered("target", m, first=1000))
    prepared = prepare(data, spec, 0)
    made = TrainingBatches(
        prepared,
        spec,
        batch_size=size,
        seed=seed,
        device=CPU,
        with_target=with_target,
        needs=needs,
        pass_over=pass_over,
    )
    return made, prepared


def shown(inputs):
    """Which image of `numbered` each one is, however turned."""
    return inputs.flatten(1).min(dim=1).values.long()


def equal(one, other):
    return all(
        left is right is None or torch.equal(left, right)
        for a, b in zip(one, other, strict=True)
        for left, right in zip(vars(a).values(), vars(b).values(), strict=True)
    )


@pytest.mark.parametrize("size", [2, 3, 5, 8, 9, 27, 28, 64])
def test_an_epoch_shows_every_source_row_once_with_its_label(size):
    made, data = batches(size=size)
    epoch = list(made.epoch(1))
    assert len(epoch) == made.steps_per_epoch
    rows = torch.cat([shown(batch.source_inputs) for batch in epoch])
    assert sorted(rows.tolist()) == data.split.source.train.tolist()
    labels = torch.cat([batch.source_labels for batch in epoch])
    assert torch.equal(labels, rows % 2)
    lengths = [len(batch.source_inputs) for batch in epoch]
    assert min(lengths) > 1
    assert max(lengths) <= size + 1
    assert set(lengths[:-1]) <= {size}


def test_the_target_is_cycled_in_whole_passes():
    made, data = batches(n=40, m=11, size=8)  # 28 source rows against 8 of the target
    rows = torch.cat([shown(batch.target_inputs) for batch in made.epoch(1)]) - 1000
    train = data.split.target.train.tolist()
    assert [len(batch.target_inputs) for batch in made.epoch(1)] == [8, 8, 8, 4]
    passes = [rows[i : i + 8].tolist() for i in range(0, 24, 8)]
    assert all(sorted(one) == train for one in passes)
    assert passes[0] != passes[1]


def test_a_small_target_gives_all_it_has():
    made, _ = batches(n=40, m=10, size=16)
    assert [len(batch.target_inputs) for batch in made.epoch(1)] == [7, 7]


def rows_of(epoch):
    """The rows of either domain that an epoch showed, in their order."""
    source = torch.cat([shown(batch.source_inputs) for batch in epoch])
    target = torch.cat([shown(batch.target_inputs) for batch in epoch]) - 1000
    return source.tolist(), target.tolist()


@pytest.mark.parametrize("pass_over", ["target", "longer", 9])
def test_the_shorter_side_is_drawn_again_in_whole_passes(pass_over):
    made, data = batches(n=16, m=100, size=8, pass_over=pass_over)  # 11 source rows, 70 target
    epoch = list(made.epoch(1))
    assert len(epoch) == made.steps_per_epoch == 9
    source, target = rows_of(epoch)
    rest = 8 if pass_over == 9 else 6  # a number of steps goes on into the next pass
    assert [len(batch.source_inputs) for batch in epoch] == [8] * 8 + [rest]
    assert len(source) == len(target)
    train = data.split.source.train.tolist()
    passes = [source[i : i + 11] for i in range(0, 66, 11)]
    assert all(sorted(one) == train for one in passes)
    assert len(set(map(tuple, passes))) == 6
    assert sorted(target[:70]) == data.split.target.train.tolist()


def test_fewer_steps_than_a_pass_draw_anew_each_epoch():
    made, _ = batches(size=8, pass_over=2)
    first, second = (rows_of(list(made.epoch(epoch)))[0] for epoch in (1, 2))
    assert len(set(first)) == len(first) == 16
    assert set(first) != set(second)


def test_a_pass_over_the_longer_side_begins_with_the_pass_over_the_source():
    short = list(batches(n=16, m=100, size=8)[0].epoch(2))
    longer = list(batches(n=16, m=100, size=8, pass_over="longer")[0].epoch(2))
    assert rows_of(short)[0] == rows_of(longer)[0][:11]
    over_source = batches(n=100, m=16, size=8, pass_over="longer")[0]
    assert equal(list(over_source.epoch(2)), list(batches(n=100, m=16, size=8)[0].epoch(2)))


def test_one_row_is_no_pass():
    lonely = pair(numbered("source", 40), numbered("target", 3, first=1000))
    with pytest.raises(InputError, match="1 target training input"):
        batches(data=lonely, pass_over="target")


def test_an_epoch_does_not_depend_on_the_ones_before():
    options = {"augment": AugmentSpec(flips=True, quarter_turns=True), "balance": True}
    made, _ = batches(**options)
    for epoch in (1, 2):
        list(made.epoch(epoch))
    third = list(made.epoch(3))
    assert equal(third, list(batches(**options)[0].epoch(3)))
    assert not equal(third, list(made.epoch(4)))
    assert not equal(third, list(batches(seed=2, **options)[0].epoch(3)))


def test_a_run_that_ignores_the_target_sees_the_same_source():
    alone = list(batches(with_target=False)[0].epoch(1))
    beside = list(batches()[0].epoch(1))
    assert all(batch.target_inputs is None for batch in alone)
    for one, other in zip(alone, beside, strict=True):
        assert torch.equal(one.source_inputs, other.source_inputs)


def test_batches_hold_no_target_labels():
    names = {field.name for field in dataclasses.fields(InputBatch)}
    assert {name for name in names if "label" in name} == {"source_labels"}


@pytest.mark.parametrize("balance", [False, True])
def test_indices_are_rows_of_the_training_parts(balance):
    made, data = batches(needs={"indices"}, balance=balance)
    for batch in made.epoch(1):
        source = data.split.source.train[batch.source_indices]
        target = data.split.target.train[batch.target_indices]
        assert torch.equal(shown(batch.source_inputs), torch.from_numpy(source))
        assert torch.equal(shown(batch.target_inputs) - 1000, torch.from_numpy(target))


def test_the_second_view_is_of_the_same_images_and_only_where_it_is_needed():
    spec = AugmentSpec(strong=StrongAugmentSpec(noise=0.0, gain=0.0, erase=1.0))
    made, _ = batches(needs={"second_view"}, augment=spec)
    again = batches(needs={"second_view"}, augment=spec)[0]
    list(again.epoch(1))
    for one, two in zip(made.epoch(2), again.epoch(2), strict=True):
        first, second = one.target_inputs, one.target_second_inputs
        assert torch.equal(second, two.target_second_inputs)
        kept = torch.isclose(first, second).float().mean()
        assert 0.2 < kept < 1
    third = next(iter(made.epoch(3))).target_second_inputs
    assert not torch.equal(third, next(iter(made.epoch(2))).target_second_inputs)
    plain = next(iter(batches()[0].epoch(2)))
    assert plain.target_second_inputs is None
    assert torch.equal(plain.target_inputs, next(iter(made.epoch(2))).target_inputs)


def test_the_second_view_is_drawn_anew_every_epoch():
    made, _ = batches(needs={"second_view"})
    drawn = []
    made._strong = lambda inputs, rng: drawn.append(rng.initial_seed()) or inputs
    for epoch in (1, 2, 1):
        next(iter(made.epoch(epoch)))
    assert drawn[0] == drawn[2] != drawn[1]


def test_what_no_term_needs_is_not_made_and_changes_nothing():
    plain, asked = (list(batches(needs=needs)[0].epoch(1)) for needs in ((), {"indices"}))
    assert all(batch.source_indices is batch.target_indices is None for batch in plain)
    for one, other in zip(plain, asked, strict=True):
        assert torch.equal(one.source_inputs, other.source_inputs)
        assert torch.equal(one.target_inputs, other.target_inputs)


def test_target_labels_change_no_batch():
    given = pair(numbered("source", 40), numbered("target", 30))
    labels = given.target.labels
    hidden, swapped = (
        dataclasses.replace(given, target=dataclasses.replace(given.target, labels=other))
        for other in (None, 1 - labels)
    )
    one, *others = (list(batches(data=data)[0].epoch(1)) for data in (given, hidden, swapped))
    assert all(equal(one, other) for other in others)


def test_symmetries_move_pixels_and_invent_none():
    plain = {int(shown(i[None])): i for batch in batches()[0].epoch(1) for i in batch.source_inputs}
    spec = AugmentSpec(flips=True, quarter_turns=True)
    turned = 0
    for batch in batches(augment=spec)[0].epoch(1):
        for image in batch.source_inputs:
            before = plain[int(shown(image[None]))]
            assert torch.equal(image.flatten().sort().values, before.flatten().sort().values)
            turned += not torch.equal(image, before)
    assert turned > len(plain) / 2


def test_rarer_classes_are_repeated_in_training_only_and_from_another_side():
    labels = np.arange(40) % 4 // 3
    data = pair(numbered("source", 40, labels), numbered("target", 30, first=1000))
    made, prepared = batches(data=data, balance=True)
    epoch = list(made.epoch(1))
    assert torch.cat([batch.source_labels for batch in epoch]).bincount().diff() == 0
    images = torch.cat([batch.source_inputs for batch in epoch])
    rows = shown(images)
    assert set(rows.tolist()) == set(prepared.split.source.train.tolist())
    untouched = (images.flatten(1).diff(dim=1) > 0).all(dim=1)
    assert untouched.sum() == len(prepared.split.source.train)


@pytest.mark.parametrize("shape", [(5,), (2, 6), (1, 2, 3)], ids=["vectors", "series", "oblong"])
def test_balance_needs_no_square_images(shape):
    labels = np.arange(40) % 4 // 3
    data = pair(numbered("source", 40, labels, shape), numbered("target", 30, shape=shape))
    made, _ = batches(data=data, balance=True)
    found = torch.cat([batch.source_labels for batch in made.epoch(1)])
    assert found.bincount().diff() == 0


@pytest.mark.parametrize("dtype", ["<f8", ">f8", "f4", "f2", "u1", "u2", "i8"])
@pytest.mark.parametrize("mapped", [True, False])
def test_any_type_becomes_float32_in_the_order_asked_for(dtype, mapped, tmp_path):
    stored = np.random.default_rng(0).integers(0, 200, (20, 2, 3, 3)).astype(dtype)
    inputs = on_disk(tmp_path / "x.npy", stored) if mapped else stored
    rows = np.array([7, 3, 3, 19, 0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = Reader(domain(inputs=inputs), NONE, CPU)(rows)
    assert found.dtype == torch.float32
    np.testing.assert_array_equal(found, stored[rows].astype(np.float32))


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("rows", [[0, 20], [-1, 3]])
def test_a_row_that_does_not_exist_is_no_other_row(dtype, rows):
    with pytest.raises(IndexError, match="of 20 inputs"):
        Reader(domain(inputs=np.zeros((20, 2, 3, 3), dtype)), NONE, CPU)(np.array(rows))


def test_maps_stay_maps_and_are_never_written_to(tmp_path):
    values = np.random.default_rng(0).normal(7, 3, (40, 2, 4, 4))
    sides = [
        domain(name, on_disk(tmp_path / f"{name}.npy", values)) for name in ("source", "target")
    ]
    spec = Given(normalize=NormalizeSpec(method="asinh"), augment=AugmentSpec(flips=True))
    data = prepare(pair(*sides), spec, 0)
    made = TrainingBatches(data, spec, batch_size=8, seed=0, device=CPU, with_target=True)
    assert all(torch.isfinite(batch.target_inputs).all() for batch in made.epoch(1))
    for side in (data.pair.source, data.pair.target):
        assert memory_map(side.inputs) is not None
        assert np.array_equal(side.inputs, values)


def test_arrays_in_memory_are_never_written_to():
    values = np.random.default_rng(0).normal(7, 3, (40, 2, 4, 4)).astype(np.float32)
    kept = values.copy()
    read = Reader(domain(inputs=values), Normalization("log", *[(2.0,) * 2] * 3), CPU)
    read(np.arange(40))
    assert np.array_equal(values, kept)


def test_batches_already_handed_out_stay_as_they_are():
    made, _ = batches()
    stream = made.epoch(1)
    first = next(stream)
    kept = first.source_inputs.clone()
    list(stream)
    assert torch.equal(first.source_inputs, kept)


def test_batches_of_rows_keep_the_order_of_the_rows():
    rows = np.array([9, 4, 30, 2, 11])
    found = list(
        Reader(numbered("x", 40), Normalization("none", (1.0,), (2.0,), (1.0,)), CPU).batches(
            rows, 2
        )
    )
    assert [len(batch) for batch in found] == [2, 2, 1]
    assert torch.cat(found)[:, 0, 0, 0].tolist() == (2 * rows + 1).tolist()


def test_one_training_row_is_too_few():
    one = DomainSplit(np.array([0]), np.array([1]), np.array([2]))
    many = DomainSplit(np.arange(9), np.array([9]), np.array([10]))
    _, prepared = batches()
    lonely = dataclasses.replace(prepared, split=PairSplit(one, many))
    with pytest.raises(InputError, match="two or more are needed"):
        TrainingBatches(lonely, Given(), batch_size=8, seed=0, device=CPU, with_target=True)
