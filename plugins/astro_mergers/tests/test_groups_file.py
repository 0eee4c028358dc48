"""Groups of sim-real from a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from dakit import InputError
from dakit.contracts import BuildContext, DomainPair
from dakit.data.splits import draw_split
from dakit.inspecting.joining import agreement, join
from dakit.inspecting.near_duplicates import THRESHOLD, near_duplicates
from dakit.inspecting.polar_maps import ring_spectra
from dakit_astro_mergers.galaxy_mergers import GalaxyMergers


def build(folder: Path, **fields: object) -> DomainPair:
    given = {"origin": "mock", "experiment": "sim_real", "mock_size": 100, "groups": "groups.npz"}
    spec = GalaxyMergers.model_validate({**given, **fields})
    pair: DomainPair = spec.build(BuildContext(seed=0, base_dir=folder))
    return pair


def write(folder: Path, **arrays: object) -> None:
    np.savez(folder / "groups.npz", **arrays)  # type: ignore[arg-type]


def test_the_split_keeps_them_together_and_their_checksum_counts(tmp_path: Path) -> None:
    groups = np.arange(100) // 5
    write(tmp_path, source=groups, target=groups)
    pair = build(tmp_path)
    split = draw_split(pair, GalaxyMergers().split, 0)
    for side in (split.source, split.target):
        assert not np.isin(groups[side.test], groups[side.train]).any()
    assert "groups" in pair.provenance.checksums
    assert any("file of groups" in note for note in pair.provenance.notes)


def test_files_that_do_not_fit_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"groups\.npz"):
        build(tmp_path)
    write(tmp_path, source=np.arange(100))
    with pytest.raises(InputError, match="target"):
        build(tmp_path)
    write(tmp_path, source=np.arange(100), target=np.arange(99))
    with pytest.raises(InputError, match=r"shape \(100,\)"):
        build(tmp_path)


def test_sim_sim_takes_none() -> None:
    with pytest.raises(ValidationError, match="are known"):
        GalaxyMergers(experiment="sim_sim", groups=Path("groups.npz"))


def test_the_search_finds_turned_and_zoomed_mock_galaxies(
    drawn: Callable[..., DomainPair],
) -> None:
    """Clear lower bounds; tests/benchmarks/near_duplicates.py measures on larger sets."""
    pair = drawn("sim_real", 400, 0)
    for domain, least in ((pair.source, 0.6), (pair.target, 0.05)):
        assert domain.groups is not None
        assert domain.labels is not None
        rows = np.arange(len(domain))
        camera = rows % 4 if domain is pair.source else 0 * rows
        view = np.where(domain.labels == 1, 4 * domain.groups + camera, 10**6 + rows)
        pairs = near_duplicates(ring_spectra(domain.inputs, rows), rows).at(THRESHOLD).pairs
        found = join(len(domain), pairs)
        assert (agreement(found, domain.groups).precision or 0) >= 0.95
        assert (agreement(found, view).recall or 0) >= least
