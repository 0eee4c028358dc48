"""The spec of the dataset ``arrays``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, final

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from dakit import ClassNames, DatasetSpec, SpecPart

if TYPE_CHECKING:  # importing the contracts imports torch
    from dakit.contracts import DomainPair


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

    implementation: ClassVar[str] = ".arrays_data:load_arrays"

    name: Literal["arrays"] = "arrays"
    source: ArraySource | None = Field(
        None,
        description="The labelled domain; null where a run starts from a model trained earlier.",
        examples=[{"inputs": "source_images.npy", "labels": "source_labels.npy"}],
    )
    target: ArrayDomain = Field(
        description="The domain to adapt to.", examples=[{"inputs": "target_images.npy"}]
    )
    class_names: ClassNames | None = Field(
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
        if self.source is None:
            if self.class_names is None:
                raise ValueError("without a source 'class_names' must name the classes")
        elif self.source.labels is None and self.source.labels_key is None:
            raise ValueError("the source needs 'labels' (a file) or 'labels_key' (in the .npz)")
        return self

    def outline(self, base_dir: Path) -> DomainPair:
        """Return the domains as their files have them, but for the values of the inputs."""
        from dakit.builtin.datasets.arrays_data import outlined

        return outlined(self, base_dir)
