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


def clipped(images, size=48, seed=1, sky=0.3):
    """Images (N, 1, size, size) of one source (class 0) or two: zero where fainter than ``sky``."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    made, labels = np.zeros((images, 1, size, size), np.float32), np.arange(images) % 2
    for image, label in zip(made, labels, strict=True):
        for _ in range(1 + label):
            at, width, angle = rng.normal(0, 4, 2), rng.uniform(1, 2.5, 2), rng.uniform(0, np.pi)
            along = (y - at[0]) * np.cos(angle) + (x - at[1]) * np.sin(angle)
            across = (x - at[1]) * np.cos(angle) - (y - at[0]) * np.sin(angle)
            light = np.exp(-(along**2) / (2 * width[0] ** 2) - across**2 / (2 * width[1] ** 2))
            image[0] += rng.uniform(0.5, 1) * light
        image[0] += 0.05 * rng.normal(size=(size, size))
    made[made < sky] = 0
    return made, labels


def dihedral(images, copies, noise=0.0, seed=0):
    """``copies`` of each image, turned by a right angle or flipped, and which one each shows."""
    rng = np.random.default_rng(seed)
    shown = rng.permutation(np.repeat(np.arange(len(images)), copies))
    turned = [np.rot90(images[k], rng.integers(4), axes=(1, 2)) for k in shown]
    flipped = [image[:, :, ::-1] if rng.random() < 0.5 else image for image in turned]
    made = np.stack(flipped)
    return (made + noise * rng.normal(size=made.shape)).astype(np.float32), shown
