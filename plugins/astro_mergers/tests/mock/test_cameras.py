"""Where the cameras stand."""

from __future__ import annotations

import numpy as np
import pytest

from dakit_astro_mergers.mock.cameras import TETRAHEDRON, cameras, plane_of


def test_the_four_cameras_see_a_galaxy_from_the_corners_of_a_tetrahedron() -> None:
    cosines = TETRAHEDRON @ TETRAHEDRON.T
    np.testing.assert_allclose(cosines[~np.eye(4, dtype=bool)], -1 / 3, atol=1e-6)


def test_frames_are_orthonormal_and_not_mirrored() -> None:
    roll = np.linspace(0, 6, 8, dtype=np.float32)
    frames = cameras(np.arange(8), roll, np.ones(8, np.float32)).frame
    np.testing.assert_allclose(frames @ frames.swapaxes(1, 2), np.eye(3) + 0 * frames, atol=1e-5)
    np.testing.assert_allclose(np.linalg.det(frames), 1, atol=1e-5)


def test_roll_turns_the_image_axes_by_its_angle() -> None:
    one = np.ones(1, np.float32)
    still = cameras(np.zeros(1, np.int64), 0 * one, one).frame[0]
    turned = cameras(np.zeros(1, np.int64), 0.3 * one, one).frame[0]
    assert still[0] @ turned[0] == pytest.approx(np.cos(0.3), abs=1e-5)
    np.testing.assert_allclose(still[2], turned[2])


def test_a_plane_lies_across_its_axis_even_along_z() -> None:
    axis = np.array([[0, 0, 1], [1, 0, 0], [0.6, 0, 0.8]], np.float32)
    first, second = plane_of(axis)
    for a, b in ((first, axis), (second, axis), (first, second)):
        np.testing.assert_allclose((a * b).sum(axis=1), 0, atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(first, axis=1), 1, atol=1e-6)
