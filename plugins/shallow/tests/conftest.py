"""The plugin, wherever it is installed, and two domains of vectors."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from dakit.plugins import catalog
from dakit.plugins.catalog import Catalog
from dakit.plugins.loading import LoadedPlugin, PluginInfo, load_plugins
from dakit.plugins.options import PluginOptions
from dakit_shallow import plugin

Domains = tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]


@pytest.fixture
def offered() -> Iterator[None]:
    """Offer the components of the bundle where it is not installed."""
    if catalog.current().offers("transfer", "tca"):
        yield
        return
    hooks = ("dakit_backbones", "dakit_task_losses", "dakit_transfer_losses")
    components = tuple(spec for hook in hooks for spec in getattr(plugin, hook)())
    own = LoadedPlugin(PluginInfo("shallow", "0.1.0", "dakit-shallow", "active", ""), components)
    with catalog.using(Catalog([*load_plugins(PluginOptions()).plugins, own])):
        yield


def _blobs(rows: int, seed: int, classes: int = 3, dim: int = 6) -> Domains:
    """Return source rows and labels, and target rows that are stretched and moved, and labels."""
    rng = np.random.default_rng(seed)
    centres = 3 * np.eye(dim)[:classes]

    def drawn(count: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        labels = np.arange(count) % classes
        return rng.normal(size=(count, dim)) + centres[labels], labels

    (source, labels), (target, hidden) = drawn(rows), drawn(rows + 7)
    mixed = np.eye(dim) + 0.4 * np.random.default_rng(seed + 1).normal(size=(dim, dim))
    return source, labels, target @ mixed + 0.5, hidden


@pytest.fixture
def blobs() -> Callable[..., Domains]:
    return _blobs
