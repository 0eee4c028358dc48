"""The mock domains and where they come from."""

from __future__ import annotations

import hashlib
from typing import Literal

import numpy as np

from dakit.contracts import Domain, DomainPair, Provenance
from dakit_astro_mergers.mock.draws import Rng
from dakit_astro_mergers.mock.sim_real import observed, simulated
from dakit_astro_mergers.mock.sim_sim import sim_sim

RECIPE = 1
"""Raise it whenever other images are drawn: runs on them then have other ids."""
CLASS_NAMES = ("non-merger", "merger")


def mock_pair(experiment: Literal["sim_sim", "sim_real"], size: int, seed: int) -> DomainPair:
    """Return mock domains of ``size`` images each; they depend on these arguments alone."""
    source, target = _domains(experiment, size, seed)
    return DomainPair(
        source=source,
        target=target,
        class_names=CLASS_NAMES,
        provenance=_provenance(experiment, size, seed),
        shared_groups=experiment == "sim_sim",
    )


def _domains(experiment: str, size: int, seed: int) -> tuple[Domain, Domain]:
    if experiment == "sim_sim":
        return sim_sim(size, _rng(seed, "sim_sim"))
    return (
        simulated(size, _rng(seed, "sim_real source")),
        observed(size, _rng(seed, "sim_real target")),
    )


def _provenance(experiment: str, size: int, seed: int) -> Provenance:
    return Provenance(
        origin="mock",
        description=(
            f"Mock images drawn by dakit ({experiment}, {size} in each domain, mock seed {seed}): "
            "not Illustris, not SDSS, not any other real data."
        ),
        checksums={"mock recipe": _recipe_checksum(experiment, size, seed)},
        notes=("Numbers from mock images say how the software works, nothing about galaxies.",),
    )


def _recipe_checksum(experiment: str, size: int, seed: int) -> str:
    """Return the SHA-256 of the recipe's number and the generator's arguments.

    Unlike one of the pixels it does not depend on the last bit of a machine's arithmetic, so a
    run keeps its id from machine to machine.
    """
    return hashlib.sha256(f"{RECIPE}/{experiment}/{size}/{seed}".encode()).hexdigest()


def _rng(seed: int, purpose: str) -> Rng:
    return np.random.default_rng([seed, *purpose.encode()])
