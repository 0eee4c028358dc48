"""What is in front of the camera: smooth bodies and small particles, in pixels, around (0, 0, 0).

A scene holds G systems at once. Light is given in three filters and linear units.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar, final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Numbers = NDArray[np.floating[Any]]
FILTERS = 3
SMALLEST = 0.4
"""Pixels: smaller blobs would fall between the pixels."""


@final
@dataclass(frozen=True)
class Bodies:
    """S smooth spheroids or discs for each of G systems."""

    centre: Floats
    """``(G, S, 3)``"""
    axis: Floats
    """``(G, S, 3)``, the unit vector of the short axis"""
    radius: Floats
    """``(G, S)``, the half-light radius along the long axis"""
    thickness: Floats
    """``(G, S)``, short axis over long axis: 1 is a sphere"""
    index: Floats
    """``(G, S)``, the Sérsic index"""
    flux: Floats
    """``(G, S, 3)``; 0 where a system has no such body"""


@final
@dataclass(frozen=True)
class Particles:
    """P round Gaussian blobs for each of G systems: star clusters, tidal debris, satellites."""

    position: Floats
    """``(G, P, 3)``"""
    size: Floats
    """``(G, P)``, the standard deviation"""
    flux: Floats
    """``(G, P, 3)``"""


Part = TypeVar("Part", Bodies, Particles)


@final
@dataclass(frozen=True)
class Scene:
    """Bodies and particles of G systems, and the dust in the disc of their first body."""

    bodies: Bodies
    particles: Particles
    dust: Floats
    """``(G, 3)``, the face-on optical depth of the dust layer in each filter"""

    def __len__(self) -> int:
        return len(self.dust)

    def pick(self, systems: NDArray[np.int64]) -> Scene:
        """Return the scene of the given systems, in the given order."""
        return Scene(
            _pick(self.bodies, systems), _pick(self.particles, systems), self.dust[systems]
        )


def together(parts: Sequence[Part]) -> Part:
    """Join bodies (or particles) of the same G systems along their second axis."""
    columns = zip(*map(_arrays, parts), strict=True)
    return type(parts[0])(*(np.concatenate(column, axis=1) for column in columns))


def shared_light(
    position: Numbers, size: Numbers, weight: Numbers, total: Numbers, colour: Numbers
) -> Particles:
    """Return particles that share the light ``total (G,)`` by their ``weight (G, P)``.

    ``position`` is ``(G, P, 3)``, ``size`` is ``(G, P)``, ``colour (G, 3)`` that of luminosity 1.
    """
    share = weight / weight.sum(axis=1, keepdims=True) * total[:, None]
    flux = share[..., None] * colour[:, None]
    resolved = np.maximum(np.broadcast_to(size, share.shape), SMALLEST)
    return Particles(*(a.astype(np.float32) for a in (position, resolved, flux)))


def _pick(part: Part, systems: NDArray[np.int64]) -> Part:
    return type(part)(*(array[systems] for array in _arrays(part)))


def _arrays(part: Bodies | Particles) -> list[Floats]:
    return [getattr(part, field.name) for field in fields(part)]
