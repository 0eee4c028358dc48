"""Mock sim-real: nearby simulated galaxies (source) and another telescope's galaxies (target).

As in the published arrays the mergers are few and blown up by turning and zooming: 44 simulated
ones. The observed ones are four images each, where the published array has about ten. The source
holds relaxed remnants in linear units; the target holds easy mergers with two cores, in the
colour composites of SDSS cut-outs, with stars and neighbours. The published images were turned
after they were taken; here the galaxy is turned before, so every image has noise of its own.
"""

from __future__ import annotations

from dakit.contracts import Domain
from dakit_astro_mergers.mock.draws import Rng
from dakit_astro_mergers.mock.photographs import (
    Photographs,
    collect_light,
    domain,
    photograph,
)
from dakit_astro_mergers.mock.populations import ILLUSTRIS_Z0, SDSS
from dakit_astro_mergers.mock.scene import Scene
from dakit_astro_mergers.mock.surveys import SDSS_CUTOUTS, SDSS_SIMULATED, Survey
from dakit_astro_mergers.mock.systems import isolated_systems, merging_systems
from dakit_astro_mergers.mock.views import Views, several_cameras, turned_and_zoomed

CAMERAS = 4
SIMULATED_MERGERS = 44
OBSERVED_COPIES = 4


def simulated(size: int, rng: Rng) -> Domain:
    """Return the source: Illustris-like galaxies at z = 0, half of them mergers."""
    half = size // 2
    merging = turned_and_zoomed(rng, half, SIMULATED_MERGERS, CAMERAS)
    isolated = several_cameras(size - half, CAMERAS)
    return domain(
        "source",
        _take(rng, merging_systems(rng, merging.galaxies, ILLUSTRIS_Z0), merging, SDSS_SIMULATED),
        _take(
            rng, isolated_systems(rng, isolated.galaxies, ILLUSTRIS_Z0), isolated, SDSS_SIMULATED
        ),
    )


def observed(size: int, rng: Rng) -> Domain:
    """Return the target: SDSS-like cut-outs, half of them of mergers."""
    half = size // 2
    merging = turned_and_zoomed(rng, half, -(-half // OBSERVED_COPIES), 1)
    isolated = turned_and_zoomed(rng, size - half, size - half, 1)
    return domain(
        "target",
        _take(rng, merging_systems(rng, merging.galaxies, SDSS), merging, SDSS_CUTOUTS),
        _take(rng, isolated_systems(rng, isolated.galaxies, SDSS), isolated, SDSS_CUTOUTS),
    )


def _take(rng: Rng, scene: Scene, views: Views, survey: Survey) -> Photographs:
    return Photographs(photograph(rng, collect_light(scene, views), survey), views.galaxy)
