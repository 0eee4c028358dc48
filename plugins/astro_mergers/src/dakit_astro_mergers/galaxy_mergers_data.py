"""Builds the galaxy-merger domains: published files or mock images, clean or paper protocol."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from dakit.checksums import file_sha256
from dakit.contracts import BuildContext, Domain, DomainPair, Provenance
from dakit_astro_mergers import mast, record, zenodo
from dakit_astro_mergers.galaxy_mergers import GalaxyMergers
from dakit_astro_mergers.groups import sim_sim_groups
from dakit_astro_mergers.groups_file import with_groups
from dakit_astro_mergers.mock.generate import mock_pair
from dakit_astro_mergers.protocol import paper_split
from dakit_astro_mergers.published_files import instead_of_files, published_folder

CLASS_NAMES = ("non-merger", "merger")

TWINS = (
    "Row i of source and target shows the same galaxy from the same camera, without and with sky "
    "noise: a split by galaxy must be shared by both domains."
)
NO_GROUPS = (
    "The sim-real arrays name no galaxies, and 44 simulated and 310 observed mergers were turned "
    "and zoomed to 3,000 images each: copies of one galaxy may fall on both sides of any split, "
    "so the numbers are optimistic by an unknown amount."
)
PAPER_NOTES = (
    "Protocol paper: the seed-1 split by image and the statistics of all images of each domain, "
    "test images included, as published; copies of one galaxy leak across it.",
    "Not reproduced from the published code: the last image of each array stays unnormalised "
    "there, and its MMD and DANN training scripts draw another split than its evaluation.",
)


def build_galaxy_mergers(spec: GalaxyMergers, context: BuildContext) -> DomainPair:
    """Return the two domains; raise InputError where published files are missing or not right."""
    pair = _from_origin(spec, context.base_dir)
    if spec.groups is not None:
        pair = with_groups(pair, context.base_dir / spec.groups)
    return _under_paper_protocol(pair) if spec.protocol == "paper" else pair


def _from_origin(spec: GalaxyMergers, base_dir: Path) -> DomainPair:
    folder = published_folder(spec, base_dir)
    if folder is None:
        pair = mock_pair(spec.experiment, spec.mock_size, spec.mock_seed)
        given = spec.origin == "mock"
        return pair if given else _with_notes(pair, instead_of_files(spec, base_dir))
    if spec.origin == "mast":
        return mast.mast_pair(folder, CLASS_NAMES)
    return _published_pair(spec.experiment, folder)


def _published_pair(experiment: record.Experiment, folder: Path) -> DomainPair:
    source, target = record.FILES[experiment]
    sim_sim = experiment == "sim_sim"
    return DomainPair(
        source=_published_domain("source", source, folder, grouped=sim_sim),
        target=_published_domain("target", target, folder, grouped=sim_sim),
        class_names=CLASS_NAMES,
        provenance=_published_provenance(experiment, folder),
        shared_groups=sim_sim,
    )


def _published_domain(
    name: str, files: record.DomainFiles, folder: Path, *, grouped: bool
) -> Domain:
    return Domain(
        name=name,
        inputs=zenodo.open_images(folder / files.images, files.rows),
        labels=zenodo.open_labels(folder / files.labels, files.rows),
        ids=np.arange(files.rows),
        groups=sim_sim_groups() if grouped else None,
    )


def _published_provenance(experiment: record.Experiment, folder: Path) -> Provenance:
    what = {
        "sim_sim": "Illustris-1 galaxies at z = 2, pristine (source) and with sky noise (target)",
        "sim_real": "Illustris-1 galaxies at z = 0 (source) and SDSS galaxies (target)",
    }
    return Provenance(
        origin="zenodo",
        description=f"{what[experiment]}; DeepMerge II, doi {record.DOI}.",
        checksums={n: file_sha256(folder / n) for n in record.file_names(experiment)},
        notes=(TWINS if experiment == "sim_sim" else NO_GROUPS,),
    )


def _under_paper_protocol(pair: DomainPair) -> DomainPair:
    split = paper_split(len(pair.source), len(pair.target))
    return replace(_with_notes(pair, *PAPER_NOTES), split=split)


def _with_notes(pair: DomainPair, *notes: str) -> DomainPair:
    provenance = replace(pair.provenance, notes=(*pair.provenance.notes, *notes))
    return replace(pair, provenance=provenance)
