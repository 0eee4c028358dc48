"""New galaxies for ``dakit predict``: images of the size that the networks were trained on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from dakit.contracts import Domain
from dakit.images import ImageReading, find_images, read_images
from dakit_astro_mergers import mast
from dakit_astro_mergers.record import IMAGE_SHAPE


def read_new_images(paths: Sequence[Path], *, skip_bad: bool = False) -> Domain:
    """Return images of 3 x 75 x 75 from files, folders and catalogues, or one of the MAST files.

    With ``skip_bad`` those that are missing or of another shape are left out. Raises InputError
    that lists them otherwise, and where no image is left.
    """
    if len(paths) == 1 and paths[0].name in mast.FILES:
        images = mast.open_images(paths[0])
        return Domain("new images", images, None, np.arange(len(images)))
    entries = find_images(paths)
    read = read_images(
        entries,
        ImageReading(),
        on_bad="skip" if skip_bad else "stop",
        shape=IMAGE_SHAPE,
        how_to_skip="--skip-bad (skip_bad=True)",
    )
    ids = np.array([entries[row].id for row in read.kept])
    left_out = tuple((bad.id, bad.reason) for bad in read.bad)
    return Domain("new images", read.inputs, None, ids, left_out=left_out)
