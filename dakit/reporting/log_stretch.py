"""Images made visible: one grey picture per image, stretched logarithmically."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

STRENGTH = 30.0
"""How much faint light is lifted; the 1000 of DS9's log scale lifts the noise of the sky too."""


def log_stretch(image: NDArray[Any]) -> NDArray[np.float64]:
    """Return ``(H, W)`` in [0, 1] from an image ``(C, H, W)``, averaged over its channels.

    ``log(1 + a x) / log(1 + a)`` where x runs from 0 at the median to 1 at the 99.8th percentile:
    for galaxies the median is the sky. Images that are mostly bright start at their minimum.
    """
    grey = image.astype(np.float64).mean(axis=0)
    low, middle, high = np.percentile(grey, [0.5, 50, 99.8])
    dark = middle if middle - low < 0.45 * (high - low) else low
    if high <= dark:
        return np.zeros_like(grey)
    scaled = np.clip((grey - dark) / (high - dark), 0, 1)
    stretched: NDArray[np.float64] = np.log1p(STRENGTH * scaled) / np.log1p(STRENGTH)
    return stretched
