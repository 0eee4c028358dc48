"""The mock domains: sim-sim (noise added) and sim-real (another telescope, other mergers)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, final

import numpy as np
from numpy.typing import NDArray

from dakit.contracts import Domain, DomainPair, Provenance
from dakit_astro_mergers.mock.draws import Rng
from dakit_astro_mergers.mock.observe import add_intruders, add_noise, expose, stretch
from dakit_astro_mergers.mock.populations import ILLUSTRIS_Z0, ILLUSTRIS_Z2, SDSS
from dakit_astro_mergers.mock.render import PIXELS, render
from dakit_astro_mergers.mock.scene import FILTERS, Floats, Scene
from dakit_astro_mergers.mock.surveys import (
    HST_NOISY,
    HST_PRISTINE,
    SDSS_CUTOUTS,
    SDSS_SIMULATED,
    Survey,
)
from dakit_astro_mergers.mock.systems import isolated_systems, merging_systems
from dakit_astro_mergers.mock.views import (
    MERGER_SHARE,
    Views,
    several_cameras,
    turned_and_zoomed,
)

CAMERAS = 4
MERGER_COPIES = 2
SIMULATED_MERGERS = 44
OBSERVED_COPIES = 4
CHUNK = 64
CLASS_NAMES = ("non-merger", "merger")


@final
@dataclass(frozen=True)
class Part:
    """The images of one class, and which galaxy each shows."""

    images: Floats
    galaxy: NDArray[np.int64]


def mock_pair(experiment: Literal["sim_sim", "sim_real"], size: int, seed: int) -> DomainPair:
    """Return mock domains of ``size`` images each; they depend on these arguments alone."""
    source, target = _sim_sim(size, seed) if experiment == "sim_sim" else _sim_real(size, seed)
    return DomainPair(
        source=source,
        target=target,
        class_names=CLASS_NAMES,
        provenance=_provenance(experiment, size, seed),
        shared_groups=experiment == "sim_sim",
    )


def _sim_sim(size: int, seed: int) -> tuple[Domain, Domain]:
    mergers = round(MERGER_SHARE * size)
    originals = -(-mergers // MERGER_COPIES)
    merging = several_cameras(originals, CAMERAS)
    isolated = several_cameras(size - mergers, CAMERAS)
    rng = _rng(seed, "sim_sim")
    lights = [
        _light(merging_systems(rng, merging.galaxies, ILLUSTRIS_Z2), merging),
        _light(isolated_systems(rng, isolated.galaxies, ILLUSTRIS_Z2), isolated),
    ]
    domains = []
    for name, survey in (("source", HST_PRISTINE), ("target", HST_NOISY)):
        images = [_photograph(rng, light, survey, 0.0) for light in lights]
        merger = _with_copies(Part(images[0], merging.galaxy), mergers)
        domains.append(_domain(name, merger, Part(images[1], isolated.galaxy)))
    return domains[0], domains[1]


def _sim_real(size: int, seed: int) -> tuple[Domain, Domain]:
    return _simulated(size, _rng(seed, "sim_real source")), _observed(
        size, _rng(seed, "sim_real target")
    )


def _simulated(size: int, rng: Rng) -> Domain:
    half = size // 2
    merging = turned_and_zoomed(rng, half, SIMULATED_MERGERS, CAMERAS)
    isolated = several_cameras(size - half, CAMERAS)
    mergers = merging_systems(rng, merging.galaxies, ILLUSTRIS_Z0)
    others = isolated_systems(rng, isolated.galaxies, ILLUSTRIS_Z0)
    return _domain(
        "source",
        Part(_photograph(rng, _light(mergers, merging), SDSS_SIMULATED, 0.0), merging.galaxy),
        Part(_photograph(rng, _light(others, isolated), SDSS_SIMULATED, 0.0), isolated.galaxy),
    )


def _observed(size: int, rng: Rng) -> Domain:
    half = size // 2
    merging = turned_and_zoomed(rng, half, -(-half // OBSERVED_COPIES), 1)
    isolated = turned_and_zoomed(rng, size - half, size - half, 1)
    mergers = merging_systems(rng, merging.galaxies, SDSS)
    others = isolated_systems(rng, isolated.galaxies, SDSS)
    return _domain(
        "target",
        Part(_photograph(rng, _light(mergers, merging), SDSS_CUTOUTS, 1.0), merging.galaxy),
        Part(_photograph(rng, _light(others, isolated), SDSS_CUTOUTS, 1.0), isolated.galaxy),
    )


def _light(scene: Scene, views: Views) -> Floats:
    """Return the light ``(B, 3, 75, 75)`` of each view, a chunk at a time to stay in cache."""
    light = np.empty((len(views.galaxy), FILTERS, PIXELS, PIXELS), np.float32)
    for start in range(0, len(light), CHUNK):
        rows = slice(start, start + CHUNK)
        light[rows] = render(scene.pick(views.galaxy[rows]), views.cameras.pick(rows))
    return light


def _photograph(rng: Rng, light: Floats, survey: Survey, typical: float) -> Floats:
    images = np.empty_like(light)
    for start in range(0, len(light), CHUNK):
        rows = slice(start, start + CHUNK)
        exposed = expose(add_intruders(rng, light[rows], survey, typical), survey)
        images[rows] = stretch(add_noise(rng, exposed, survey), survey.stretch)
    return images


def _with_copies(part: Part, size: int) -> Part:
    """Append mirrored copies (up-down, the first of the published ones), cut to ``size``."""
    images = np.concatenate([part.images, part.images[:, :, ::-1]])[:size]
    return Part(images, np.tile(part.galaxy, MERGER_COPIES)[:size])


def _domain(name: str, mergers: Part, others: Part) -> Domain:
    images = np.concatenate([mergers.images, others.images])
    first_other = int(mergers.galaxy.max()) + 1
    return Domain(
        name=name,
        inputs=images,
        labels=np.repeat([1, 0], [len(mergers.galaxy), len(others.galaxy)]).astype(np.int64),
        ids=np.arange(len(images)),
        groups=np.concatenate([mergers.galaxy, first_other + others.galaxy]),
    )


def _provenance(experiment: str, size: int, seed: int) -> Provenance:
    return Provenance(
        origin="mock",
        description=(
            f"Mock images drawn by dakit ({experiment}, {size} in each domain, mock seed {seed}): "
            "not Illustris, not SDSS, not any other real data."
        ),
        checksums={"mock recipe": _recipe_checksum(experiment, size, seed)},
        notes=("Numbers from mock images say how the software works, nothing about galaxies.",),
    )


def _recipe_checksum(experiment: str, size: int, seed: int) -> str:
    """Return the SHA-256 of the generator's source code and its arguments.

    Unlike one of the pixels it does not depend on the last bit of a machine's arithmetic, so a
    run keeps its id from machine to machine.
    """
    digest = hashlib.sha256(f"{experiment}/{size}/{seed}".encode())
    for file in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _rng(seed: int, purpose: str) -> Rng:
    return np.random.default_rng([seed, *purpose.encode()])
