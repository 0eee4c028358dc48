"""Round Gaussian blobs, many to an image: separable, hence one matrix product per filter."""

from __future__ import annotations

import numpy as np

from dakit_astro_mergers.mock.scene import Floats


def blob_images(x: Floats, y: Floats, size: Floats, flux: Floats, pixels: int) -> Floats:
    """Return images ``(B, 3, pixels, pixels)`` of P blobs each.

    With ``g(u; m, s) = exp(-(u - m)^2 / 2 s^2) / (s sqrt(2 pi))`` a pixel is
    ``sum_p flux_p g(row; y_p, s_p) g(column; x_p, s_p)``. ``x``, ``y`` and ``size`` (standard
    deviations) are ``(B, P)`` in pixels from the centre of the frame; ``flux`` is ``(B, P, 3)``.
    """
    columns = _gaussians(x, size, pixels)
    rows = _gaussians(y, size, pixels)
    weighted = rows[:, None] * flux.transpose(0, 2, 1)[..., None]
    images: Floats = np.matmul(weighted.swapaxes(-1, -2), columns[:, None])
    return images


def _gaussians(centre: Floats, size: Floats, pixels: int) -> Floats:
    grid = np.arange(pixels, dtype=np.float32) - np.float32((pixels - 1) / 2)
    u = grid - centre[..., None].astype(np.float32)
    u /= size[..., None]
    u *= u
    u *= np.float32(-0.5)
    np.exp(u, out=u)
    u /= (size * np.float32(np.sqrt(2 * np.pi)))[..., None]
    return u
