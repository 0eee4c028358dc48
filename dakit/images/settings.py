"""What a spec says of the reading of images: light, without numpy."""

from __future__ import annotations

from typing import Annotated, Literal, final

from pydantic import Field, StrictInt, StrictStr

from dakit.components import SpecPart

Side = Annotated[int, Field(ge=1)]
Extent = Side | tuple[Side, Side]
Plane = Annotated[StrictInt, Field(ge=0)] | StrictStr
"""A band or an HDU, by index or by name."""


@final
class ImageReading(SpecPart):
    """How the files of one object become one image ``(bands, height, width)`` of float32.

    In this order: the planes of all files (and HDUs) are joined, ``bands`` are taken from them,
    the middle is cut out, blank pixels are dealt with, and the image is resized. FITS rows are
    kept in the order of the file, from the bottom up; pictures are turned as their EXIF says.
    """

    hdu: Plane | tuple[Plane, ...] | None = Field(
        None,
        description=(
            "FITS: the HDU by number or EXTNAME; several are joined. By default the first image."
        ),
    )
    bands: tuple[Plane, ...] | None = Field(
        None,
        min_length=1,
        description=(
            "Bands to take, in this order, by index from 0 or by name: R, G, B, grey, alpha of "
            "pictures, the EXTNAME of a FITS HDU, the column of a catalogue with a file per band. "
            "By default all but alpha."
        ),
    )
    channels_last: bool = Field(
        False, description="npy: images are (height, width, bands), not (bands, height, width)."
    )
    cut: Extent | None = Field(
        None, description="Cut out the middle: pixels of the file, one number or (height, width)."
    )
    size: Extent | None = Field(
        None, description="Resize to so many pixels: one number or (height, width)."
    )
    conserve: Literal["flux_or_picture_brightness", "flux", "surface_brightness"] = Field(
        "flux_or_picture_brightness",
        description=(
            "What resizing keeps: flux, the sum of the pixels (images in flux per pixel); "
            "surface_brightness, their mean (flux per area, pictures); by default the flux of FITS "
            "and npy and the brightness of PNG and JPEG."
        ),
    )
    blank: Literal["bad", "zero", "median"] = Field(
        "bad",
        description=(
            "Pixels that are NaN, infinite or blank in FITS: the image is bad, or they become 0 "
            "or the median of their band, and are counted."
        ),
    )


@final
class CatalogueColumns(SpecPart):
    """The columns of a catalogue. One that is named here must be there."""

    path: str | tuple[str, ...] | None = Field(
        None,
        description=(
            "The file of an image, or the columns of its files, a band (or more) each; by "
            "default 'path', or all that begin with 'path_'."
        ),
    )
    id: str | None = Field(None, description="Unique; by default 'id', or else the file's stem.")
    label: str | None = Field(None, description="Name of the class; by default 'label' if there.")
    group: str | None = Field(
        None, description="The object the image shows; by default 'group' if there."
    )
    domain: str | None = Field(
        None, description="For catalogues of several domains; by default 'domain' if there."
    )
