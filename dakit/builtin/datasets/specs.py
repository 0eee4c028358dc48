"""The datasets dakit ships: what a spec says of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, final

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from dakit import DatasetSpec, SpecPart
from dakit.images import CatalogueColumns, ImageReading

if TYPE_CHECKING:  # importing the contracts imports torch
    from dakit.contracts import BuildContext, Domain, DomainPair


class _ArrayFiles(SpecPart):
    """One domain's files. A key names an array in an .npz; alone, one in the file of the inputs."""

    inputs: Path = Field(description="(N, ...): .npy (memory-mapped) or .npz.")
    inputs_key: str | None = Field(None, description="Name of the inputs in an .npz.")
    labels: Path | None = Field(
        None, description="(N,) numbers or texts, one for each class; .npy or .npz."
    )
    labels_key: str | None = Field(None, description="Name of the labels in an .npz.")
    ids: Path | None = Field(None, description="(N,) unique ids; by default the row numbers.")
    ids_key: str | None = Field(None, description="Name of the ids in an .npz.")
    groups: Path | None = Field(
        None, description="(N,) the object each input shows; its images stay in one part."
    )
    groups_key: str | None = Field(None, description="Name of the groups in an .npz.")


@final
class ArrayDomain(_ArrayFiles):
    """One domain's files. A key names an array in an .npz; alone, one in the file of the inputs."""


@final
class ArraySource(_ArrayFiles):
    """The source's files. A key names an array in an .npz; alone, one in the file of the inputs."""

    domains: Path | None = Field(
        None, description="(N,) which of several source domains each input is from."
    )
    domains_key: str | None = Field(None, description="Name of the domains in an .npz.")

    @model_serializer(mode="wrap")
    def _only_given(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # a source of one domain is written, and has the run id, as before there were several
        values: dict[str, Any] = serialize(self)
        unused = [key for key in ("domains", "domains_key") if values.get(key) is None]
        return {key: value for key, value in values.items() if key not in unused}


@final
class Arrays(DatasetSpec):
    """Your own arrays: images, feature vectors or series from .npy and .npz files.

    Images are ``(N, C, H, W)``, series ``(N, C, L)``, feature vectors ``(N, D)``, of any integer
    or floating type. Labels of the target are optional and used for evaluation only. Relative
    paths start at the folder of the spec.
    """

    name: Literal["arrays"] = "arrays"
    source: ArraySource = Field(
        description="The labelled domain.",
        examples=[{"inputs": "source_images.npy", "labels": "source_labels.npy"}],
    )
    target: ArrayDomain = Field(
        description="The domain to adapt to.", examples=[{"inputs": "target_images.npy"}]
    )
    class_names: tuple[str, ...] | None = Field(
        None,
        description=(
            "Names of the classes, of which number labels are the indices from 0 (numbers as "
            "names are the labels themselves); by default the values of the source's labels."
        ),
    )
    channels_last: bool = Field(False, description="Images are (N, H, W, C), not (N, C, H, W).")
    shared_groups: bool = Field(
        False, description="Equal groups in both domains mean the same object."
    )

    @model_validator(mode="after")
    def _labelled(self) -> Arrays:
        if self.source.labels is None and self.source.labels_key is None:
            raise ValueError("the source needs 'labels' (a file) or 'labels_key' (in the .npz)")
        return self

    def outline(self, base_dir: Path) -> DomainPair:
        """Return the domains as their files have them, but for the values of the inputs."""
        from dakit.builtin.datasets.arrays import outlined

        return outlined(self, base_dir)

    def build(self, context: Any) -> Any:
        """Map the files; InputError names a file that is missing or not as it must be."""
        from dakit.builtin.datasets.arrays import load_arrays

        return load_arrays(self, context)


@final
class DigitsShift(DatasetSpec):
    """Scikit-learn's 8x8 digits against a turned, noisy copy: tiny, for tests and first steps.

    One half of the 1,797 digits is the source; the other half, turned by ``angle`` and with
    Gaussian noise, the target. No digit is in both.
    """

    name: Literal["digits_shift"] = "digits_shift"
    angle: float = Field(35.0, description="Rotation of the target, in degrees.")
    noise: float = Field(0.1, ge=0, description="Noise of the target; a pixel's range is 1.")
    data_seed: int = Field(0, ge=0, description="Draws the halves and the noise.")

    def build(self, context: Any) -> Any:
        """Make both domains from scikit-learn's copy of the digits."""
        from dakit.builtin.datasets.digits_shift import make_digits_shift

        return make_digits_shift(self)


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


@final
class Images(DatasetSpec):
    """Your own images: PNG, JPEG, FITS or npy files in folders or listed in catalogues.

    Every object becomes ``(bands, height, width)`` of float32: bands chosen, middle cut out,
    resized with the flux of FITS and npy or the brightness of pictures conserved. The files are
    read once, into the cache, and mapped from there. Labels of the target are optional and used
    for evaluation only. Relative paths start at the folder of the spec.
    """

    name: Literal["images"] = "images"
    source: ImageDomain = Field(
        description="The labelled domain.", examples=[{"path": "source_images"}]
    )
    target: ImageDomain = Field(
        description="The domain to adapt to.", examples=[{"path": "target_images.csv"}]
    )
    reading: ImageReading = Field(
        ImageReading.model_construct(), description="How images are read."
    )
    classes: tuple[str, ...] | None = Field(
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

    def outline(self, base_dir: Path) -> None:
        """Check that the images are there, and that their labels are classes."""
        from dakit.builtin.datasets.image_entries import check_images

        check_images(self, base_dir)

    def build(self, context: Any) -> Any:
        """Read or map the images; InputError lists the files and rows that are not right."""
        from dakit.builtin.datasets.images import load_images

        return load_images(self, context)

    def read_inputs(self, paths: Sequence[Path], context: BuildContext) -> Domain | None:
        """Read image files, folders of them or catalogues, as those of ``context.domain``."""
        from dakit.builtin.datasets.images import read_new_images

        return read_new_images(self, paths, context)


SPECS: tuple[type[DatasetSpec], ...] = (Arrays, DigitsShift, Images)
