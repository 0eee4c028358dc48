"""The plugin module: what it offers, and that it stays light."""

from __future__ import annotations

import subprocess
import sys

from dakit_astro_mergers import plugin
from dakit_astro_mergers.deepmerge import DeepMerge
from dakit_astro_mergers.galaxy_mergers import GalaxyMergers


def test_it_offers_the_network_and_the_dataset() -> None:
    assert list(plugin.dakit_backbones()) == [DeepMerge]
    assert list(plugin.dakit_datasets()) == [GalaxyMergers]


def test_importing_it_loads_neither_torch_nor_numpy() -> None:
    code = "import sys, dakit_astro_mergers.plugin; print({'torch', 'numpy'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "set()"
