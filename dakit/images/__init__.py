"""Images in files of their own, read once into one array: for datasets and for new images.

A plugin's light ``plugin.py`` may take :class:`ImageReading` and :class:`CatalogueColumns` as
fields of its spec; whatever reads pixels imports numpy when first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dakit.images.settings import CatalogueColumns, ImageReading
from dakit.lazy import lazily

if TYPE_CHECKING:
    from dakit.images.catalogue import find_images, read_catalogue
    from dakit.images.entries import (
        ARRAYS,
        FITS,
        ImageEntry,
        check_ids,
        is_picture,
        list_folder,
        listed,
    )
    from dakit.images.fits import map_fits_image
    from dakit.images.image_set import BadImage, ImageSet, decode_images, read_images

__all__ = [
    "ARRAYS",
    "FITS",
    "BadImage",
    "CatalogueColumns",
    "ImageEntry",
    "ImageReading",
    "ImageSet",
    "check_ids",
    "decode_images",
    "find_images",
    "is_picture",
    "list_folder",
    "listed",
    "map_fits_image",
    "read_catalogue",
    "read_images",
]

__getattr__, __dir__ = lazily(
    __name__,
    {
        "catalogue": "find_images read_catalogue",
        "entries": "ARRAYS FITS ImageEntry check_ids is_picture list_folder listed",
        "image_set": "BadImage ImageSet decode_images read_images",
        "fits": "map_fits_image",
    },
)
