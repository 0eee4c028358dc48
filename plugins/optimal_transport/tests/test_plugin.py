"""The plugin module: what it offers, and that it stays light."""

from __future__ import annotations

import subprocess
import sys

from dakit_optimal_transport import plugin
from dakit_optimal_transport.deepjdot import DeepJDOT
from dakit_optimal_transport.sinkhorn import Sinkhorn
from dakit_optimal_transport.sliced_wasserstein import SlicedWasserstein
from dakit_optimal_transport.soft_matching import SoftMatching


def test_it_offers_its_transfer_losses() -> None:
    offered = [Sinkhorn, DeepJDOT, SlicedWasserstein, SoftMatching]
    assert plugin.dakit_transfer_losses() == offered


def test_importing_it_loads_neither_torch_nor_the_solvers() -> None:
    code = (
        "import sys, dakit_optimal_transport.plugin; "
        "print({'torch', 'numpy', 'ot', 'geomloss'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "set()"
