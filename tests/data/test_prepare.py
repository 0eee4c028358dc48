from dataclasses import replace

import numpy as np
import pytest
from pairs import Given, domain, pair

from dakit.components import AugmentSpec
from dakit.contracts import DomainSplit, PairSplit, no_source
from dakit.data.normalization import Normalization, PairNormalization
from dakit.data.prepare import prepare
from dakit.errors import InputError

SPEC = Given()


def some_split():
    rows = [np.arange(0, 10), np.arange(10, 20), np.arange(20, 30)]
    return PairSplit(DomainSplit(*rows), DomainSplit(*rows))


def test_data_are_checked_split_and_normalised_by_their_training_rows():
    data = prepare(pair(), SPEC, 1)
    train = data.pair.source.inputs[data.split.source.train]
    np.testing.assert_allclose(data.normalization.source.scale, 1 / train.std(axis=(0, 2, 3)))
    assert data.leakage.source.images == 40
    with pytest.raises(InputError, match="must have labels"):
        prepare(replace(pair(), source=replace(pair().source, labels=None)), SPEC, 1)


def test_a_split_of_the_protocol_is_used_as_it_is_and_a_given_one_before_it():
    prescribed, given = some_split(), some_split()
    assert prepare(pair(split=prescribed), SPEC, 1).split is prescribed
    assert prepare(pair(split=prescribed), SPEC, 1, split=given).split is given


def test_an_inherited_normalisation_is_kept():
    one = Normalization("none", (1.0, 1.0), (2.0, 2.0), (0.0, 0.0))
    both = PairNormalization(one, one)
    assert prepare(pair(), SPEC, 1, normalization=both).normalization is both


def test_an_inherited_normalisation_of_other_channels_names_both():
    one = Normalization("none", (1.0,) * 3, (2.0,) * 3, (0.0,) * 3)
    with pytest.raises(InputError, match=r"3 channels, the inputs \(2, 4, 4\) have 2"):
        prepare(pair(), SPEC, 1, normalization=PairNormalization(one, one))


def test_symmetries_of_vectors_are_refused():
    data = pair(domain(shape=(5,)), domain("target", shape=(5,)))
    with pytest.raises(InputError, match="no images"):
        prepare(data, Given(augment=AugmentSpec(flips=True)), 1)


def test_data_without_a_source_are_split_and_normalised_as_the_target_alone_would_be():
    target = domain("target", n=30)
    alone = prepare(pair(no_source(target), target), Given(), 0)
    beside = prepare(pair(domain(), target), Given(), 0)
    for part in ("train", "validation", "test"):
        assert len(getattr(alone.split.source, part)) == 0
        rows = [getattr(data.split.target, part).tolist() for data in (alone, beside)]
        assert rows[0] == rows[1]
    assert alone.normalization.target == beside.normalization.target
    assert alone.normalization.source == alone.normalization.target
    assert alone.fingerprint != beside.fingerprint
