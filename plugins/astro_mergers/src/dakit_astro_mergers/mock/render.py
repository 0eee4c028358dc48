"""From a scene and its cameras to images without point spread, sky and noise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dakit_astro_mergers.mock.blobs import blob_images
from dakit_astro_mergers.mock.cameras import Cameras
from dakit_astro_mergers.mock.scene import FILTERS, Bodies, Floats, Particles, Scene
from dakit_astro_mergers.mock.sersic import sersic_images

PIXELS = 75
DUST_THICKNESS = 0.06
DUST_EXTENT = 1.1
"""Radius of the dust layer over that of the disc."""
DEEPEST = 3.0
"""Upper bound of the optical depth through an inclined layer."""


def render(scene: Scene, cameras: Cameras) -> Floats:
    """Return images ``(B, 3, 75, 75)`` of B systems, each seen by its camera."""
    images = _particles(scene.particles, cameras)
    for slot in range(scene.bodies.radius.shape[1]):
        _add_body(images, scene.bodies, slot, cameras)
    _redden(images, scene, cameras)
    return images


def _particles(particles: Particles, cameras: Cameras) -> Floats:
    seen = np.einsum("bpk,bik->bpi", particles.position, cameras.frame[:, :2], optimize=True)
    seen *= cameras.zoom[:, None, None]
    size = particles.size * cameras.zoom[:, None]
    return blob_images(seen[..., 0], seen[..., 1], size, particles.flux, PIXELS)


def _add_body(images: Floats, bodies: Bodies, slot: int, cameras: Cameras) -> None:
    rows = np.flatnonzero(bodies.flux[:, slot].sum(axis=1) > 0)
    if not len(rows):
        return
    shape = _body_images(bodies, slot, cameras, rows, bodies.thickness[rows, slot], 1.0)
    for band in range(FILTERS):
        images[rows, band] += shape * bodies.flux[rows, slot, band, None, None]


def _redden(images: Floats, scene: Scene, cameras: Cameras) -> None:
    """Put half the light behind a dust layer: I -> I (1 + exp(-tau)) / 2.

    tau follows an exponential disc in the plane of the first body, and grows as the layer is seen
    edge-on: the dark lane of an inclined spiral.
    """
    rows = np.flatnonzero(scene.dust.sum(axis=1) > 0)
    if not len(rows):
        return
    thin = np.full(len(rows), DUST_THICKNESS, np.float32)
    layer = _body_images(scene.bodies, 0, cameras, rows, thin, DUST_EXTENT)
    layer /= layer.max(axis=(1, 2), keepdims=True)
    slant = _axis_ratio(scene.bodies.axis[rows, 0], cameras.frame[rows], thin)
    for band in range(FILTERS):
        depth = np.minimum(scene.dust[rows, band] / slant, DEEPEST)
        images[rows, band] *= 0.5 + 0.5 * np.exp(-depth[:, None, None] * layer)


def _body_images(
    bodies: Bodies,
    slot: int,
    cameras: Cameras,
    rows: NDArray[np.int64],
    thickness: Floats,
    extent: float,
) -> Floats:
    frame, zoom = cameras.frame[rows], cameras.zoom[rows]
    axis = bodies.axis[rows, slot]
    centre = np.einsum("bk,bik->bi", bodies.centre[rows, slot], frame) * zoom[:, None]
    return sersic_images(
        centre[:, 0],
        centre[:, 1],
        _long_axis_angle(axis, frame),
        bodies.radius[rows, slot] * zoom * np.float32(extent),
        _axis_ratio(axis, frame, thickness),
        bodies.index[rows, slot],
        PIXELS,
    )


def _axis_ratio(axis: Floats, frame: Floats, thickness: Floats) -> Floats:
    """Return the apparent axis ratio of oblate bodies: q^2 = cos^2 i + q0^2 sin^2 i."""
    cos2 = np.einsum("bk,bk->b", axis, frame[:, 2]) ** 2
    return np.asarray(np.sqrt(cos2 + thickness**2 * (1 - cos2)))


def _long_axis_angle(axis: Floats, frame: Floats) -> Floats:
    """Return the angle of the long axis: across the projected short axis."""
    short = np.einsum("bk,bik->bi", axis, frame[:, :2])
    return np.asarray(np.arctan2(short[:, 0], -short[:, 1]))
