"""Offers the optimal-transport losses."""

from __future__ import annotations

from dakit import TransferLossSpec, hookimpl
from dakit_optimal_transport.deepjdot import DeepJDOT
from dakit_optimal_transport.sinkhorn import Sinkhorn
from dakit_optimal_transport.sliced_wasserstein import SlicedWasserstein
from dakit_optimal_transport.soft_matching import SoftMatching


@hookimpl
def dakit_transfer_losses() -> list[type[TransferLossSpec]]:
    """Offer ``sinkhorn``, ``deepjdot``, ``sliced_wasserstein`` and ``soft_matching``."""
    return [Sinkhorn, DeepJDOT, SlicedWasserstein, SoftMatching]
