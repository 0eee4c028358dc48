"""Offers the transfer loss ``deep_coral``. Imports neither torch nor anything slow."""

from __future__ import annotations

from dakit import TransferLossSpec, hookimpl

from dakit_deep_coral.deep_coral import DeepCoral


@hookimpl
def dakit_transfer_losses() -> list[type[TransferLossSpec]]:
    """Offer ``deep_coral``."""
    return [DeepCoral]
