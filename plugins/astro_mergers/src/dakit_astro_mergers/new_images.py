"""New galaxies for ``dakit predict``: images of the size that the networks were trained on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from dakit.contracts import Domain
from dakit.images import ImageReading, find_images, read_images
from dakit_astro_mergers import mast
from dakit_astro_mergers.record import IMAGE_SHAPE


def read_new_images(paths: Sequence[Path]) -> Domain:
    """Return images of 3 x 75 x 75 from files, folders and catalogues, or one of the MAST files.

    Raises InputError that lists all that are missing or of another shape.
    """
    if len(paths) == 1 and paths[0].name in mast.FILES:
        images = mast.open_images(paths[0])
        return Domain("new images", images, None, np.arange(len(images)))
    entries = find_images(paths)
    read = read_images(entries, ImageReading(), shape=IMAGE_SHAPE)
    return Domain("new images", read.inputs, None, np.array([entry.id for entry in entries]))
