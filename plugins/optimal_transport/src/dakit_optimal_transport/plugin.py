"""Offers the optimal-transport losses."""

from __future__ import annotations

from dakit import TransferLossSpec, hookimpl
from dakit_optimal_transport.specs import DeepJDOT, Sinkhorn, SlicedWasserstein


@hookimpl
def dakit_transfer_losses() -> list[type[TransferLossSpec]]:
    """Offer ``sinkhorn``, ``deepjdot`` and ``sliced_wasserstein``."""
    return [Sinkhorn, DeepJDOT, SlicedWasserstein]
