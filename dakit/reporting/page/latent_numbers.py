"""How far the domains lie apart in feature space, as numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dakit.evaluation.latent_space import LatentSpace
from dakit.reporting.page.markup import paragraph, table

NAMES = {
    "proxy_a_distance": "proxy A-distance (0 alike, 2 apart)",
    "squared_mmd": "squared MMD (0 alike)",
    "silhouette_class": "silhouette by class (1 apart, 0 mixed)",
    "silhouette_domain": "silhouette by domain (1 apart, 0 mixed)",
}


STILL_APART = 1.0
"""A proxy A-distance above this, an error of less than 25 %, is no alignment."""


def latent_numbers(latent: Mapping[str, LatentSpace]) -> str:
    """Return the table of divergences and silhouettes, a column for each latent space by title."""
    if not latent:
        return ""
    rows = [
        [title, *(_number(space.numbers[name]) for space in latent.values())]
        for name, title in NAMES.items()
    ]
    any_space = next(iter(latent.values()))
    targets = int(any_space.is_target.sum())
    count = f"{len(any_space.labels) - targets:,} source and {targets:,} target test images"
    header = ["in feature space", *latent]
    return table(f"Latent space of {count}", header, rows) + paragraph(
        "The A-distance comes from a linear classifier tested on objects it has not seen; the MMD "
        "is unbiased, with one Gaussian kernel as wide as the median distance; silhouettes are in "
        "cosine distance over both domains.",
        "notes",
    )


def apart(space: LatentSpace) -> Iterator[str]:
    """Yield a caution where the domains are still told apart in what adaptation left."""
    distance = space.numbers["proxy_a_distance"]
    if distance is not None and distance > STILL_APART:
        yield (
            "The domains lie apart after adaptation: the proxy A-distance of the features is "
            f"{distance:.2f} (0 alike, 2 apart), so a linear classifier that tells the domains "
            f"errs in {(2 - distance) / 4:.1%} of the images. They were not aligned."
        )


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
