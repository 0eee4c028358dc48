"""Some images of each domain, by class, to see what a network is given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from dakit.contracts import Domain, DomainPair
from dakit.randomness import generator

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
