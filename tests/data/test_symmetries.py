import numpy as np
import pytest
import torch

from dakit.components import AugmentSpec
from dakit.data.augmentation import (
    ALL,
    FLIPS,
    TURNS,
    apply_symmetries,
    augmentation,
    symmetries_of,
    turned,
)
from dakit.errors import InputError

IMAGE = torch.arange(18.0).reshape(2, 3, 3)


def moved(symmetry, image=IMAGE):
    images = image.clone()[None]
    apply_symmetries(images, np.array([symmetry]))
    return images[0]


def test_the_eight_symmetries_are_different_and_keep_every_pixel_in_its_channel():
    results = [moved(symmetry) for symmetry in ALL]
    assert len({tuple(result.flatten().tolist()) for result in results}) == 8
    for result in results:
        for before, after in zip(IMAGE, result, strict=True):
            assert torch.equal(after.flatten().sort().values, before.flatten().sort().values)


def test_turns_and_flips_are_numpys():
    for turns in TURNS:
        np.testing.assert_array_equal(moved(turns), np.rot90(IMAGE, turns, axes=(1, 2)))
    flips = {tuple(moved(symmetry).flatten().tolist()) for symmetry in FLIPS}
    wanted = (IMAGE, IMAGE.flip(1), IMAGE.flip(2), IMAGE.flip(1, 2))
    assert flips == {tuple(image.flatten().tolist()) for image in wanted}


def test_each_image_of_a_batch_is_moved_on_its_own():
    images = torch.randn(16, 2, 5, 5)
    symmetries = np.arange(16) % 8
    expected = [moved(symmetry, image) for symmetry, image in zip(symmetries, images, strict=True)]
    apply_symmetries(images, symmetries)
    assert torch.equal(images, torch.stack(expected))


def test_flips_keep_the_shape_of_a_rectangle():
    image = torch.randn(1, 2, 5)
    assert all(moved(symmetry, image).shape == image.shape for symmetry in symmetries_of((1, 2, 5)))


def test_what_a_spec_draws_from():
    square = (1, 4, 4)
    assert augmentation(AugmentSpec(), (7,)) == (0,)
    assert augmentation(AugmentSpec(flips=True), square) == FLIPS
    assert augmentation(AugmentSpec(quarter_turns=True), square) == TURNS
    assert augmentation(AugmentSpec(flips=True, quarter_turns=True), square) == ALL


def test_what_has_no_symmetries_is_refused():
    with pytest.raises(InputError, match=r"\(7,\) are no images"):
        augmentation(AugmentSpec(flips=True), (7,))
    with pytest.raises(InputError, match=r"\(1, 4, 5\) are not square; use flips alone"):
        augmentation(AugmentSpec(quarter_turns=True), (1, 4, 5))


def test_a_whole_batch_is_turned_as_its_images_are_one_by_one():
    images = torch.randn(3, 2, 5, 5)
    for symmetry in ALL:
        one_by_one = images.clone()
        apply_symmetries(one_by_one, np.full(3, symmetry))
        assert torch.equal(turned(images, symmetry), one_by_one)
