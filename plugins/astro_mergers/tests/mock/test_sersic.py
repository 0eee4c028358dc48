"""Sérsic images against the definition of the half-light radius."""

from __future__ import annotations

import numpy as np
import pytest

from dakit_astro_mergers.mock.sersic import b_of, sersic_images, total_light


def one(**values: float) -> np.ndarray:
    fields = {"x": 0.0, "y": 0.0, "angle": 0.0, "radius": 10.0, "ratio": 1.0, "index": 1.0}
    fields |= values
    columns = {name: np.array([value], np.float32) for name, value in fields.items()}
    return sersic_images(**columns, size=301)[0].astype(np.float64)


@pytest.mark.parametrize("index", [0.8, 1.0, 2.0, 4.0])
def test_half_of_the_light_is_inside_the_half_light_radius(index: float) -> None:
    r = np.linspace(0, 1, 400_001)[1:] ** 4 * 1e4  # fine at the centre, far at the end
    light = np.exp(-b_of(np.float64(index)) * (r / 10) ** (1 / index)) * 2 * np.pi * r
    growth = np.cumsum(light * np.gradient(r))
    assert growth[np.searchsorted(r, 10.0)] / growth[-1] == pytest.approx(0.5, abs=2e-3)
    whole = total_light(*(np.array([v], np.float32) for v in (10.0, 1.0, index)))
    assert growth[-1] == pytest.approx(float(whole[0]), rel=5e-3)


@pytest.mark.parametrize(("ratio", "angle"), [(1.0, 0.0), (0.5, 0.7), (0.2, 2.0)])
def test_an_image_holds_the_total_light(ratio: float, angle: float) -> None:
    assert one(ratio=ratio, angle=angle).sum() == pytest.approx(1.0, abs=0.02)


def test_the_light_is_centred_where_it_should_be() -> None:
    image = one(x=12.0, y=-7.0, ratio=0.5, angle=1.0)
    row, column = np.unravel_index(image.argmax(), image.shape)
    assert (column - 150, row - 150) == (12, -7)


def test_isophotes_have_the_axis_ratio_and_the_angle() -> None:
    image = one(ratio=0.4, angle=0.5)
    grid = np.arange(301) - 150.0
    moments = np.array(
        [
            [(image * grid[None] ** 2).sum(), (image * grid[None] * grid[:, None]).sum()],
            [(image * grid[None] * grid[:, None]).sum(), (image * grid[:, None] ** 2).sum()],
        ]
    )
    small, large = np.linalg.eigvalsh(moments)
    axis = np.linalg.eigh(moments)[1][:, 1]
    assert np.sqrt(small / large) == pytest.approx(0.4, abs=0.02)
    assert np.arctan(axis[1] / axis[0]) == pytest.approx(0.5, abs=0.02)
