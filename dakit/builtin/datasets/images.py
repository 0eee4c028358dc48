"""The spec of the dataset ``images``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal, final

from pydantic import Field, model_validator

from dakit import ClassNames, DatasetSpec, SpecPart
from dakit.images import CatalogueColumns, ImageReading

if TYPE_CHECKING:  # importing the contracts imports torch
    from dakit.contracts import BuildContext, Domain, Side


@final
class ImageDomain(SpecPart):
    """Where one domain's images are: a folder, or a catalogue that names the files."""

    path: Path = Field(
        description=(
            "A folder, with a sub-folder for each class or flat (no labels); or a catalogue: "
            ".csv, .tsv, .ecsv or a FITS table."
        )
    )
    columns: CatalogueColumns = Field(
        CatalogueColumns.model_construct(), description="The columns of the catalogue."
    )
    root: Path | None = Field(
        None, description="Where paths in the catalogue start; by default its own folder."
    )
    domain: str | None = Field(
        None, description="Take the rows of the catalogue whose domain is this."
    )
    labelled: bool = Field(
        True, description="false: sub-folders, or the column of labels, are not the classes."
    )
    reading: ImageReading | None = Field(
        None, description="How its images are read, where it is not the dataset's reading."
    )

    @model_validator(mode="after")
    def _columns_used(self) -> ImageDomain:
        if self.columns.label is not None and not self.labelled:
            raise ValueError(
                "columns.label names the classes, and labelled is false: leave one out"
            )
        if self.columns.domain is not None and self.domain is None:
            raise ValueError("columns.domain names a column, and 'domain' does not say which rows")
        return self


@final
class Images(DatasetSpec):
    """Your own images: PNG, JPEG, FITS or npy files in folders or listed in catalogues.

    Every object becomes ``(bands, height, width)`` of float32: bands chosen, middle cut out,
    resized with the flux of FITS and npy or the brightness of pictures conserved. The files are
    read once, into the cache, and mapped from there. Labels of the target are optional and used
    for evaluation only. Relative paths start at the folder of the spec.
    """

    implementation: ClassVar[str] = ".images_data:load_images"

    name: Literal["images"] = "images"
    source: ImageDomain | None = Field(
        None,
        description="The labelled domain; null where a run starts from a model trained earlier.",
        examples=[{"path": "source_images"}],
    )
    target: ImageDomain = Field(
        description="The domain to adapt to.", examples=[{"path": "target_images.csv"}]
    )
    reading: ImageReading = Field(
        ImageReading.model_construct(), description="How images are read."
    )
    classes: ClassNames | None = Field(
        None, description="The classes in their order; by default the source's, sorted."
    )
    shared_groups: bool = Field(
        False, description="Equal groups in both domains mean the same object."
    )
    bad_files: Literal["stop", "skip"] = Field(
        "stop",
        description=(
            "Images that are missing or cannot be used: stop and list them all, or leave them out "
            "with a note in the results."
        ),
    )
    cache: Path | None = Field(
        None,
        description=(
            "Folder for the images that were read; by default the one named by DAKIT_CACHE, or "
            "the platform's."
        ),
    )

    @model_validator(mode="after")
    def _reading_used(self) -> Images:
        if self.source is None and self.classes is None:
            raise ValueError("without a source 'classes' must name the classes")
        if self.reading != ImageReading() and all(each.reading for each in self.sides.values()):
            raise ValueError("both domains have a 'reading' of their own: leave the dataset's out")
        return self

    @property
    def sides(self) -> dict[Side, ImageDomain]:
        """The domains that there are, by name."""
        source: dict[Side, ImageDomain] = {} if self.source is None else {"source": self.source}
        return {**source, "target": self.target}

    def outline(self, base_dir: Path) -> None:
        """Check that the images are there, and that their labels are classes."""
        from dakit.builtin.datasets.image_entries import check_images

        check_images(self, base_dir)

    def read_inputs(self, paths: Sequence[Path], context: BuildContext) -> Domain | None:
        """Read image files, folders of them or catalogues, as those of ``context.domain``."""
        from dakit.builtin.datasets.images_data import read_new_images

        return read_new_images(self, paths, context)
