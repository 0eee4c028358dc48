"""Images for people: some of each domain, by class; and made visible, grey or in colour."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from dakit.contracts import Domain, DomainPair
from dakit.randomness import generator

STRENGTH = 30.0
"""How much faint light is lifted; the 1000 of DS9's log scale lifts the noise of the sky too."""
SOFTENING = 10.0
"""Q of Lupton et al. 2004: how much faint light is lifted."""
BRIGHT = 99.8
"""The percentile of an image that is drawn at full brightness."""
NOISES = 8.0
"""But nothing below so many standard deviations of the sky is: noise alone stays faint."""
MOSTLY_BRIGHT = 0.6
"""Where the median lies so far up, it is no sky; in noise alone it lies in the middle."""


@final
@dataclass(frozen=True)
class Visible:
    """Pixels in [0, 1], ``(K, H, W)`` or in colour ``(K, H, W, 3)``, and how they came about."""

    pixels: NDArray[np.float64]
    stretch: str


def visible(images: NDArray[Any]) -> Visible:
    """Return images ``(K, C, H, W)`` as one can look at them.

    The first three of their channels make the colours. Values from 0 to 1 or to 255 are those of
    pictures, red first, and stay as they are. Others are light in three filters, blue first, after
    Lupton et al. 2004 (eqs. 1 and 2): with I the mean of the three, 0 at the sky and 1 at the
    99.8th percentile of each image, each filter is multiplied by ``asinh(Q I) / (Q I)``. Before,
    each filter is divided by its typical bright light in these images, so that their colours can
    be compared. With fewer channels images are grey.
    """
    if images.shape[1] < 3:
        grey = np.stack([log_stretch(image) for image in images])
        return Visible(grey, "log stretch" if images.shape[1] == 1 else "mean channel, log stretch")
    three = np.moveaxis(images[:, :3], 1, -1).astype(np.float64)
    more = "" if images.shape[1] == 3 else "first three channels, "
    white = _white(three)
    if white is not None:
        return Visible(three / white, f"{more}in colour as stored")
    words = "channels blue to red, asinh stretch (Lupton et al. 2004), each image on its own scale"
    return Visible(_lupton(three[..., ::-1]), more + words)


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


def _white(pictures: NDArray[np.float64]) -> float | None:
    """Return 1 or 255 where these ``(K, H, W, 3)`` are pictures.

    They hold whole numbers up to 255, or parts of 255, or, where they were resized, most of them
    have pixels near white, and half of all pixels are not almost black as the sky is in fluxes.
    """
    white = 1.0 if pictures.max() <= 1 else 255.0
    if pictures.min() < 0 or pictures.max() > white:
        return None
    levels = pictures * (255 / white)
    whole = np.abs(levels - np.rint(levels)).max() < 1e-3 and levels.max() > 1
    bright = np.median(levels.max(axis=(1, 2, 3))) > 127 and np.median(levels) > 2
    return white if whole or bright else None


def _lupton(light: NDArray[np.float64]) -> NDArray[np.float64]:
    light = light - _sky(light)
    typical = np.median(np.percentile(light, BRIGHT, axis=(1, 2)), axis=0)
    light /= np.where(typical > 0, typical, np.inf)
    mean = np.maximum(light.mean(axis=-1, keepdims=True), 0)
    noise = 1.4826 * np.median(np.abs(light.mean(axis=-1)), axis=(1, 2))[:, None, None, None]
    peak = np.maximum(np.percentile(mean, BRIGHT, axis=(1, 2, 3), keepdims=True), NOISES * noise)
    scaled = SOFTENING * mean / np.where(peak > 0, peak, np.inf)
    lifted = np.arcsinh(scaled) / np.arcsinh(SOFTENING)
    colour = np.maximum(light, 0) * lifted / np.where(mean > 0, mean, np.inf)
    colour /= np.maximum(colour.max(axis=-1, keepdims=True), 1)  # too bright keeps its colour
    result: NDArray[np.float64] = colour
    return result


def _sky(light: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the median of each band ``(K, 1, 1, 3)``, or the least where most is bright."""
    low, middle, high = np.percentile(light.mean(axis=-1), [0.5, 50, BRIGHT], axis=(1, 2))
    bright = np.median((middle - low) / np.where(high > low, high - low, np.inf)) > MOSTLY_BRIGHT
    sky: NDArray[np.float64] = np.percentile(
        light, 0.5 if bright else 50, axis=(1, 2), keepdims=True
    )
    return sky


IN_A_ROW = 6
MOST_CLASSES = 10


@final
@dataclass(frozen=True)
class Mosaic:
    """Some images of one domain by class: ``images[k] (K, C, H, W)`` with their ids."""

    role: str
    classes: tuple[str, ...]
    images: tuple[NDArray[Any], ...]
    ids: tuple[tuple[str, ...], ...]
    what: str = "images"


def mosaics(
    pair: DomainPair,
    rows: Mapping[str, NDArray[np.int64]],
    missing: dict[str, str],
    what: str = "images",
) -> Iterator[Mosaic]:
    """Yield a few of the ``rows`` of each domain, by lot; ``missing`` says why none is drawn."""
    if len(pair.source.input_shape) != 3:
        missing["mosaic"] = "The inputs are not images."
        return
    for role, possible in rows.items():
        domain: Domain = getattr(pair, role)
        drawn = generator(0, f"mosaic {role}").permutation(possible)
        by_class = {"class unknown": drawn[:IN_A_ROW]}
        if domain.labels is not None:
            of_class = domain.labels[drawn]
            names = list(enumerate(pair.class_names))[:MOST_CLASSES]
            by_class = {name: drawn[of_class == label][:IN_A_ROW] for label, name in names}
        shown = {name: chosen for name, chosen in by_class.items() if len(chosen)}
        if shown:
            yield Mosaic(
                role,
                tuple(shown),
                tuple(domain.inputs[chosen] for chosen in shown.values()),
                tuple(tuple(map(str, domain.ids[chosen])) for chosen in shown.values()),
                what,
            )
