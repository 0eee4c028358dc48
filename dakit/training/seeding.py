"""Seeding of torch: initial weights and dropout as functions of (seed, purpose, epoch)."""

from __future__ import annotations

import torch

from dakit.randomness import derived_seed


def seed_torch(seed: int, purpose: str, epoch: int = 0) -> None:
    """Seed torch's generators on all devices for ``purpose`` in ``epoch`` of a run with ``seed``.

    Called at the start of every epoch, it makes dropout the same in a resumed run without any
    generator state in the checkpoint.
    """
    torch.manual_seed(derived_seed(seed, purpose, epoch))
