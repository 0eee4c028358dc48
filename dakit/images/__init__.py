"""Images in files of their own, read once into one array: for datasets and for new images.

A plugin's light ``plugin.py`` may take :class:`ImageReading` and :class:`CatalogueColumns` as
fields of its spec; whatever reads pixels imports numpy when first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from dakit.images.settings import CatalogueColumns, ImageReading

if TYPE_CHECKING:
    from dakit.images.catalogue import find_images, read_catalogue
    from dakit.images.entries import ImageEntry, check_ids, is_picture, list_folder, listed
    from dakit.images.image_set import BadImage, ImageSet, decode_images, read_images
    from dakit.images.mapped_fits import map_fits_image

__all__ = [
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

_MODULES = {
    "BadImage": "image_set",
    "ImageEntry": "entries",
    "ImageSet": "image_set",
    "check_ids": "entries",
    "decode_images": "image_set",
    "find_images": "catalogue",
    "is_picture": "entries",
    "list_folder": "entries",
    "listed": "entries",
    "map_fits_image": "mapped_fits",
    "read_catalogue": "catalogue",
    "read_images": "image_set",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f"dakit.images.{_MODULES[name]}"), name)
    raise AttributeError(f"module 'dakit.images' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULES})
