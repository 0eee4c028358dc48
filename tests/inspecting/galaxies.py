"""Lumpy blobs that are easy to tell apart, and turned, flipped and zoomed copies of them."""

import numpy as np
from scipy.ndimage import affine_transform

SIZE = 48


def galaxy(rng):
    """An image (2, SIZE, SIZE): a bulge and five lumps of their own colours."""
    y, x = np.mgrid[:SIZE, :SIZE] - (SIZE - 1) / 2
    image = np.zeros((2, SIZE, SIZE))
    for k in range(6):
        at = rng.normal(0, 0 if k == 0 else 5, 2)
        light = np.exp(-((y - at[0]) ** 2 + (x - at[1]) ** 2) / (2 * rng.uniform(1.5, 3) ** 2))
        image += rng.uniform(0.3, 1, (2, 1, 1)) * light
    return image


def copy_of(image, rng, noise=0.0):
    """The image flipped or not, turned by any angle, zoomed by 0.9 to 1.1, with own noise."""
    angle, zoom = rng.uniform(0, 2 * np.pi), rng.uniform(0.9, 1.1)
    matrix = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) / zoom
    centre = np.full(2, (SIZE - 1) / 2)
    flipped = image[:, :, ::-1] if rng.random() < 0.5 else image
    offset = centre - matrix @ centre
    turned = [affine_transform(band, matrix, offset, order=1) for band in flipped]
    return np.stack(turned) + noise * rng.normal(size=image.shape)


def blown_up(objects, copies, noise=0.0, seed=0):
    """Images of ``objects`` galaxies, ``copies`` each, in mixed order, and what each shows."""
    rng = np.random.default_rng(seed)
    shown = rng.permutation(np.repeat(np.arange(objects), copies))
    originals = [galaxy(rng) for _ in range(objects)]
    return np.stack([copy_of(originals[k], rng, noise) for k in shown]).astype(np.float32), shown


def sparse(images, size=32, seed=0):
    """Images (N, 1, size, size) of one clump of a few bright pixels (class 0) or two, else zero."""
    rng = np.random.default_rng(seed)
    made, labels = np.zeros((images, 1, size, size), np.float32), np.arange(images) % 2
    for image, label in zip(made, labels, strict=True):
        for _ in range(1 + label):
            y, x = rng.integers(4, size - 4, 2)[:, None] + rng.integers(-1, 2, (2, 4))
            image[0, y, x] = rng.integers(20, 255, 4)
    return made, labels
