"""Images of one class, and a domain from the images of both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from dakit.contracts import Domain
from dakit_astro_mergers.mock.draws import Rng
from dakit_astro_mergers.mock.observe import add_intruders, add_noise, expose, stretch
from dakit_astro_mergers.mock.render import PIXELS, render
from dakit_astro_mergers.mock.scene import FILTERS, Floats, Scene
from dakit_astro_mergers.mock.surveys import Survey
from dakit_astro_mergers.mock.views import Views

CHUNK = 64
"""Images drawn at once: few enough to stay in the processor's cache."""


@final
@dataclass(frozen=True)
class Photographs:
    """Images ``(B, 3, 75, 75)`` of one class, and the galaxy ``(B,)`` each shows, from 0."""

    images: Floats
    galaxy: NDArray[np.int64]


def collect_light(scene: Scene, views: Views) -> Floats:
    """Return the light ``(B, 3, 75, 75)`` that reaches the telescope in each view."""
    light = np.empty((len(views.galaxy), FILTERS, PIXELS, PIXELS), np.float32)
    for rows in _chunks(len(light)):
        light[rows] = render(scene.pick(views.galaxy[rows]), views.cameras.pick(rows))
    return light


def photograph(rng: Rng, light: Floats, survey: Survey) -> Floats:
    """Return the survey's images ``(B, 3, 75, 75)`` of this light."""
    images = np.empty_like(light)
    for rows in _chunks(len(light)):
        exposed = expose(add_intruders(rng, light[rows], survey), survey)
        images[rows] = stretch(add_noise(rng, exposed, survey), survey.stretch)
    return images


def domain(name: str, mergers: Photographs, others: Photographs) -> Domain:
    """Return a domain in the published order: mergers (class 1) first, then the others (0)."""
    galaxies = int(mergers.galaxy.max()) + 1
    images = np.concatenate([mergers.images, others.images])
    return Domain(
        name=name,
        inputs=images,
        labels=np.repeat([1, 0], [len(mergers.galaxy), len(others.galaxy)]).astype(np.int64),
        ids=np.arange(len(images)),
        groups=np.concatenate([mergers.galaxy, galaxies + others.galaxy]),
    )


def _chunks(size: int) -> list[slice]:
    return [slice(start, start + CHUNK) for start in range(0, size, CHUNK)]
