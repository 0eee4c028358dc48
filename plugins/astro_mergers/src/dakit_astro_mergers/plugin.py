"""Offers the galaxy-merger components."""

from __future__ import annotations

from dakit import BackboneSpec, DatasetSpec, hookimpl
from dakit_astro_mergers.deepmerge import DeepMerge
from dakit_astro_mergers.galaxy_mergers import GalaxyMergers


@hookimpl
def dakit_backbones() -> list[type[BackboneSpec]]:
    """Offer ``deepmerge``."""
    return [DeepMerge]


@hookimpl
def dakit_datasets() -> list[type[DatasetSpec]]:
    """Offer ``galaxy_mergers``."""
    return [GalaxyMergers]
