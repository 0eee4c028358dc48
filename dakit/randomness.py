"""Randomness as a function of (seed, purpose, epoch), so that a resumed run repeats itself.

No generator state is ever stored: whoever needs random numbers asks here with the seed of the
run, what they are for, and the epoch, and gets the same stream every time.
"""

from __future__ import annotations

import hashlib

import numpy as np


def derived_seed(seed: int, purpose: str, epoch: int = 0) -> int:
    """Return a 63-bit seed that depends on all three arguments and on nothing else."""
    digest = hashlib.sha256(f"{seed}/{purpose}/{epoch}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def generator(seed: int, purpose: str, epoch: int = 0) -> np.random.Generator:
    """Return a fresh numpy generator for ``purpose`` in ``epoch`` of the run with ``seed``."""
    return np.random.default_rng(derived_seed(seed, purpose, epoch))
