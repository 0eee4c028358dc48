"""Whether the published files are there, and how to get those that are not. Light."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from dakit import InputError
from dakit_astro_mergers import mast, record, zenodo
from dakit_astro_mergers.folders import FOLDER_VARIABLE, candidate_folders

if TYPE_CHECKING:
    from dakit_astro_mergers.galaxy_mergers import GalaxyMergers


def published_folder(spec: GalaxyMergers, base_dir: Path) -> Path | None:
    """Return the folder that has the files of ``spec``; None where mock images are meant.

    Raises:
        InputError: files are asked for that are nowhere; says how to get them.
    """
    if spec.origin == "mock":
        return None
    folders = candidate_folders(spec.folder, base_dir)
    complete = [folder for folder in folders if not _missing(spec, folder)]
    if complete:
        return complete[0]
    if spec.origin == "auto":
        return None
    raise InputError(_how_to_get(spec, folders))


def check_published(spec: GalaxyMergers, base_dir: Path) -> None:
    """Raise InputError where files of Zenodo are asked for that are nowhere, or cut off."""
    folder = published_folder(spec, base_dir)
    if folder is not None and spec.origin != "mast":
        for files in record.FILES[spec.experiment]:
            zenodo.open_images(folder / files.images, files.rows)
            zenodo.open_labels(folder / files.labels, files.rows)


def instead_of_files(spec: GalaxyMergers, base_dir: Path) -> str:
    """Return the note on mock images that stand in for the files."""
    folders = candidate_folders(spec.folder, base_dir)
    return (
        f"Origin auto: {len(_missing(spec, folders[0]))} of the 4 published files (doi "
        f"{record.DOI}) were not found in {_looked(folders)}, so mock images stand in for them; "
        f"`{_command(spec.experiment, folders[0])}` brings them."
    )


def _missing(spec: GalaxyMergers, folder: Path) -> list[str]:
    if spec.origin == "mast":
        return mast.missing_files(folder)
    return record.missing_files(spec.experiment, folder)


def _how_to_get(spec: GalaxyMergers, folders: list[Path]) -> str:
    missing = "\n".join(f"  {name}" for name in _missing(spec, folders[0]))
    if spec.origin == "mast":
        return (
            "galaxy_mergers: files of the DeepMerge HLSP are missing (looked in "
            f"{_looked(folders)}):\n{missing}\nDownload them from doi {mast.DOI} and name their "
            f"folder by 'data.folder' or the environment variable {FOLDER_VARIABLE}."
        )
    return (
        f"galaxy_mergers: files of experiment {spec.experiment!r} are missing (looked in "
        f"{_looked(folders)}):\n{missing}\nThey are at doi {record.DOI}; this brings them:\n"
        f"  {_command(spec.experiment, folders[0])}\n"
        f"or name a folder that has them by 'data.folder' or the environment variable "
        f"{FOLDER_VARIABLE}; or set data.origin to 'mock'."
    )


def _looked(folders: list[Path]) -> str:
    return " and ".join(map(str, folders))


def _command(experiment: record.Experiment, folder: Path) -> str:
    to = shlex.quote(str(folder))
    return f"dakit fetch galaxy_mergers --set experiment={experiment} --to {to}"
