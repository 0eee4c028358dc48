"""How bodies, particles and dust appear to a camera."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dakit_astro_mergers.mock.cameras import Cameras
from dakit_astro_mergers.mock.render import render
from dakit_astro_mergers.mock.scene import Bodies, Particles, Scene

GRID = np.arange(75) - 37.0


def array(*values: object) -> np.ndarray:
    return np.array(values, np.float32)


def disc(axis: tuple[float, float, float], dust: float = 0.0) -> Scene:
    bodies = Bodies(
        centre=array([[0, 0, 0]]),
        axis=array([axis]),
        radius=array([6]),
        thickness=array([0.1]),
        index=array([1]),
        flux=array([[3, 2, 1]]),
    )
    particles = Particles(array([[0, 0, 0]]), array([1]), array([[0, 0, 0]]))
    return Scene(bodies, particles, array([dust, dust / 2, dust / 4]))


def seen(scene: Scene, zoom: float = 1.0) -> np.ndarray:
    camera = Cameras(np.eye(3, dtype=np.float32)[None], array(zoom))
    return render(scene, camera)[0].astype(np.float64)


def spread(image: np.ndarray) -> tuple[float, float]:
    """Root mean square extent along x and y."""
    x = np.sqrt((image * GRID**2).sum() / image.sum())
    y = np.sqrt((image * GRID[:, None] ** 2).sum() / image.sum())
    return float(x), float(y)


def test_light_appears_in_its_filters() -> None:
    total = seen(disc((0, 0, 1))).sum(axis=(1, 2))
    np.testing.assert_allclose(total, [3, 2, 1], rtol=0.03)


def test_a_disc_is_round_from_above_and_thin_from_the_side() -> None:
    x, y = spread(seen(disc((0, 0, 1)))[0])
    assert x == pytest.approx(y, rel=1e-4)
    x, y = spread(seen(disc((0, 1, 0)))[0])
    assert y < 0.2 * x, "the short axis points along y"


def test_a_particle_appears_where_the_camera_projects_it() -> None:
    scene = disc((0, 0, 1))
    dark = replace(scene.bodies, flux=np.zeros((1, 1, 3), np.float32))
    spot = Particles(array([[10, -4, 99]]), array([1]), array([[1, 1, 1]]))
    image = seen(Scene(dark, spot, scene.dust), zoom=2.0)[0]
    row, column = np.unravel_index(image.argmax(), image.shape)
    assert (column - 37, row - 37) == (20, -8)


def test_zoom_enlarges_and_keeps_the_light() -> None:
    near, far = seen(disc((0, 0, 1)), 1.2)[0], seen(disc((0, 0, 1)), 0.8)[0]
    assert spread(near)[0] > 1.2 * spread(far)[0]
    assert near.sum() == pytest.approx(far.sum(), rel=0.05)


def test_dust_dims_and_reddens_most_where_a_disc_is_seen_from_the_side() -> None:
    lost = {}
    for axis in ((0, 0, 1), (0, 1, 0)):
        share = seen(disc(axis, dust=0.4)).sum(axis=(1, 2)) / seen(disc(axis)).sum(axis=(1, 2))
        assert share[0] < share[1] < share[2] < 1
        assert share[0] > 0.5, "half of the light lies before the layer"
        lost[axis] = 1 - share[0]
    assert lost[0, 1, 0] > lost[0, 0, 1]
