"""The spec of the dataset ``galaxy_mergers``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, final

from pydantic import Field, PositiveInt, model_validator

from dakit import DatasetSpec, RemoteFiles, SplitSpec
from dakit_astro_mergers import record
from dakit_astro_mergers.folders import folder_to_fill

if TYPE_CHECKING:  # importing the contracts imports torch
    from dakit.contracts import BuildContext, Domain

PAPER_NORMALIZATION: Mapping[str, str] = {
    "method": "standardize",
    "statistics": "per_domain",
    "fit_on": "all",
}


@final
class GalaxyMergers(DatasetSpec):
    """Merging and isolated galaxies, simulated and observed (DeepMerge II), or mock ones."""

    paper: ClassVar[str] = "Ciprijanovic et al. 2021, MNRAS 506, 677; doi 10.5281/zenodo.4507941"
    implementation: ClassVar[str] = ".galaxy_mergers_data:build_galaxy_mergers"

    name: Literal["galaxy_mergers"] = "galaxy_mergers"
    experiment: Literal["sim_sim", "sim_real"] = Field(
        "sim_sim",
        description=(
            "sim_sim: Illustris at z = 2, without and with sky noise. "
            "sim_real: Illustris at z = 0 and SDSS."
        ),
    )
    origin: Literal["zenodo", "mast", "mock", "auto"] = Field(
        "auto",
        description=(
            "zenodo: the published files. mast: the two FITS files of the DeepMerge HLSP, for "
            "sim_sim (needs astropy). mock: images drawn by dakit. "
            "auto: the files of zenodo where they are found, else mock."
        ),
    )
    folder: Path = Field(
        Path("data"),
        description=(
            "Where the published files lie, from the folder of the spec; "
            "the folder named by DAKIT_DATA and ./data are looked at next."
        ),
    )
    protocol: Literal["clean", "paper"] = Field(
        "clean",
        description=(
            "clean: galaxies never straddle the split, statistics from training images. "
            "paper: the published split and statistics, leakage included and reported."
        ),
    )
    groups: Path | None = Field(
        None,
        description=(
            "sim_real only: an .npz with the galaxy of each row, arrays 'source' and 'target', as "
            "`dakit inspect` writes it; images of one galaxy then stay in one part of the split."
        ),
    )
    mock_size: PositiveInt = Field(1200, ge=100, description="Mock images in each domain.")
    mock_seed: int = Field(
        0, ge=0, description="Seed of the mock images, apart from the seed of the run."
    )

    @model_validator(mode="before")
    @classmethod
    def _published_statistics(cls, data: Any) -> Any:
        if isinstance(data, Mapping) and data.get("protocol") == "paper":
            return {"normalize": dict(PAPER_NORMALIZATION), **data}
        return data

    @model_validator(mode="after")
    def _published_split(self) -> GalaxyMergers:
        if self.protocol == "paper" and self.split != SplitSpec():
            raise ValueError(
                "protocol 'paper' prescribes its split: leave out 'split', or use protocol 'clean'"
            )
        return self

    @model_validator(mode="after")
    def _held_by_mast(self) -> GalaxyMergers:
        if self.origin == "mast" and self.experiment != "sim_sim":
            raise ValueError("origin 'mast' has the images of experiment 'sim_sim' only")
        if self.origin == "mast" and self.protocol == "paper":
            raise ValueError(
                "protocol 'paper' is a split of all published images; origin 'mast' seems to have "
                "a part of them: use protocol 'clean', or origin 'zenodo'"
            )
        return self

    @model_validator(mode="after")
    def _groups_where_none_are_known(self) -> GalaxyMergers:
        if self.groups is not None and self.experiment == "sim_sim":
            raise ValueError("the galaxies of sim_sim are known: leave out 'groups'")
        return self

    def remote_files(self) -> RemoteFiles:
        """Return the eight files at Zenodo, or the four of an experiment that was asked for."""
        given = self.model_fields_set
        experiments = (self.experiment,) if "experiment" in given else record.FILES
        return RemoteFiles(
            record.remote_files(experiments),
            folder=folder_to_fill(self.folder, given="folder" in given),
            index=record.INDEX,
            note=(
                "A run finds them in its 'data.folder' (by default 'data' beside the spec), in the "
                "folder named by DAKIT_DATA, or in ./data where it is started."
            ),
        )

    @classmethod
    def published_tables(cls) -> Sequence[Path]:
        """Return the tables of DeepMerge II, of a talk about it, and of its reproduction."""
        return sorted((Path(__file__).parent / "published").glob("*.json"))

    def outline(self, base_dir: Path) -> None:
        """Check that the files of the origin, and those of the groups, are there."""
        from dakit_astro_mergers.groups_file import read_groups
        from dakit_astro_mergers.published_files import check_published

        check_published(self, base_dir)
        if self.groups is not None:
            for name in ("source", "target"):
                read_groups(base_dir / self.groups, name)

    def read_inputs(self, paths: Sequence[Path], context: BuildContext) -> Domain | None:
        """Read galaxies of 3 x 75 x 75 pixels from PNG, JPEG, FITS and npy files."""
        from dakit_astro_mergers.new_images import read_new_images

        return read_new_images(paths, skip_bad=context.skip_bad)
