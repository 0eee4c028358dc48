"""Modules that are drawn from the seed of the run, though torch's layers take no generator."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from dakit.randomness import derived_seed


@contextmanager
def seeded(seed: int, purpose: str) -> Iterator[None]:
    """Let what torch draws here, on the CPU, follow from ``seed`` and ``purpose`` alone.

    For layers, which take no generator: build them in ``with seeded(context.seed, "critic"):``.
    Outside, torch's generator goes on as if nothing had been drawn.
    """
    with torch.random.fork_rng(devices=[]), torch.device("cpu"):
        torch.default_generator.manual_seed(derived_seed(seed, purpose))
        yield
