"""Mock sim-sim: distant galaxies without (source) and with sky noise (target).

Like the published arrays, both domains show the same galaxies row by row: mergers first, four
cameras each, then mirrored copies of all mergers, then the others with four cameras each. The
published arrays hold four copies of each merger beside the original; here it is one, so that a
small set still holds many different mergers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dakit.contracts import Domain
from dakit_astro_mergers.mock.draws import Rng
from dakit_astro_mergers.mock.photographs import (
    Photographs,
    collect_light,
    domain,
    photograph,
)
from dakit_astro_mergers.mock.populations import ILLUSTRIS_Z2
from dakit_astro_mergers.mock.scene import Floats
from dakit_astro_mergers.mock.surveys import HST_NOISY, HST_PRISTINE
from dakit_astro_mergers.mock.systems import isolated_systems, merging_systems
from dakit_astro_mergers.mock.views import several_cameras

CAMERAS = 4
MERGER_SHARE = 8120 / 15426
"""As in the published arrays."""


def sim_sim(size: int, rng: Rng) -> tuple[Domain, Domain]:
    """Return source and target of ``size`` images each."""
    mergers = round(MERGER_SHARE * size)
    merging = several_cameras((mergers + 1) // 2, CAMERAS)
    isolated = several_cameras(size - mergers, CAMERAS)
    merger_light = collect_light(merging_systems(rng, merging.galaxies, ILLUSTRIS_Z2), merging)
    other_light = collect_light(isolated_systems(rng, isolated.galaxies, ILLUSTRIS_Z2), isolated)
    source, target = (
        domain(
            name,
            _with_copies(photograph(rng, merger_light, survey), merging.galaxy, mergers),
            Photographs(photograph(rng, other_light, survey), isolated.galaxy),
        )
        for name, survey in (("source", HST_PRISTINE), ("target", HST_NOISY))
    )
    return source, target


def _with_copies(images: Floats, galaxy: NDArray[np.int64], size: int) -> Photographs:
    """Append copies flipped up-down (pixel by pixel, noise and all), cut to ``size``."""
    both = np.concatenate([images, images[:, :, ::-1]])
    return Photographs(both[:size], np.tile(galaxy, 2)[:size])
