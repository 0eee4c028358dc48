import numpy as np
import pytest
import torch

from dakit.components import StrongAugmentSpec
from dakit.data.augmentation import StrongAugmentation


def augment(inputs, seed=0, **options):
    off = {"noise": 0.0, "gain": 0.0, "erase": 0.0, "drop": 0.0}
    strong = StrongAugmentation(StrongAugmentSpec(**{**off, **options}))
    return strong(inputs, torch.Generator().manual_seed(seed))


def images(n=64, shape=(2, 12, 16)):
    scale = torch.tensor([1.0, 10.0]).view(-1, *[1] * (len(shape) - 1))
    return scale * torch.randn(n, *shape, generator=torch.Generator().manual_seed(1)) + 5 * scale


def test_nothing_asked_changes_nothing_and_says_so():
    for inputs in (images(), images(shape=(2, 30)), images()[:, :, 0, 0]):
        torch.testing.assert_close(augment(inputs), inputs)
    off = StrongAugmentation(StrongAugmentSpec(noise=0, gain=0, erase=0, drop=0.2))
    assert not off.changes((2, 8, 8))
    assert off.changes((5,))
    assert not StrongAugmentation(StrongAugmentSpec(noise=0, drop=0)).changes((5,))


def test_noise_is_relative_to_the_scale_of_each_channel():
    inputs = images()
    noise = augment(inputs, noise=0.25) - inputs
    deviation = noise.std(dim=(0, 2, 3)).numpy()
    np.testing.assert_allclose(deviation, [0.25, 2.5], rtol=0.03)


def test_one_box_of_each_image_becomes_the_mean_of_its_channel():
    inputs = images()
    changed = augment(inputs, erase=0.5)
    mean = inputs.mean(dim=(0, 2, 3))
    erased = (changed != inputs).any(dim=1)
    assert erased.any(dim=(1, 2)).float().mean() > 0.8
    for image, mask in zip(changed, erased, strict=True):
        rows, columns = mask.any(dim=1), mask.any(dim=0)
        assert torch.equal(mask, rows[:, None] & columns)
        assert rows.sum() <= 7
        assert columns.sum() <= 9
        torch.testing.assert_close(image[:, mask], mean[:, None].expand(2, int(mask.sum())))


def test_gain_stretches_about_the_mean():
    inputs = images(shape=(2, 40))
    mean = inputs.mean(dim=(0, 2), keepdim=True)
    gains = (augment(inputs, gain=0.3) - mean) / (inputs - mean)
    one = gains.median(dim=2, keepdim=True).values
    torch.testing.assert_close(gains, one.expand_as(gains), rtol=1e-2, atol=1e-2)
    assert 0.7 <= one.min() < 0.8
    assert 1.2 < one.max() <= 1.3


def test_a_share_of_a_vectors_entries_becomes_the_mean():
    inputs = images(n=500, shape=(2, 3)).flatten(1)
    changed = augment(inputs, drop=0.25)
    dropped = changed != inputs
    assert dropped.float().mean().item() == pytest.approx(0.25, abs=0.03)
    torch.testing.assert_close(changed[dropped], inputs.mean(0).expand_as(inputs)[dropped])


def test_the_same_generator_gives_the_same_view():
    options = {"noise": 0.1, "gain": 0.2, "erase": 0.5}
    first, again = (augment(images(), seed=4, **options) for _ in range(2))
    assert torch.equal(first, again)
    assert not torch.equal(first, augment(images(), seed=5, **options))


@pytest.mark.parametrize("shape", [(1, 2, 3, 3), (2, 5), (1, 4)])
def test_single_rows_stay_finite(shape):
    assert augment(torch.ones(shape), noise=0.1, gain=0.2, erase=1.0, drop=0.5).isfinite().all()
