"""The split of DeepMerge II: 70/10/20 of a seed-1 permutation of each domain's images.

The published evaluation script seeds torch with 1 and draws ``randperm(N)`` for the source, then
``randperm(N)`` for the target; the last 20 % of each are the test images. The published *training*
scripts of MMD and DANN draw other random numbers in between and so train on most of these test
images; that mismatch is not reproduced: training, validation and test parts here are those of one
permutation. What the protocol does reproduce is a split by image: copies and views of one galaxy
fall on both sides of it, and dakit's leakage report says how many.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from dakit.contracts import DomainSplit, PairSplit

PAPER_SEED = 1


def paper_permutations(
    source_size: int, target_size: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the published order of the rows of both domains, ``(N,)`` and ``(M,)``."""
    stream = torch.Generator().manual_seed(PAPER_SEED)
    source = torch.randperm(source_size, generator=stream).numpy()
    target = torch.randperm(target_size, generator=stream).numpy()
    return source, target


def cut(permutation: NDArray[np.int64]) -> DomainSplit:
    """Cut a permutation ``(N,)`` at int(0.7 N) and int(0.8 N); each part is then sorted."""
    size = len(permutation)
    train, validation, test = np.split(permutation, [int(0.7 * size), int(0.8 * size)])
    return DomainSplit(np.sort(train), np.sort(validation), np.sort(test))


def paper_split(source_size: int, target_size: int) -> PairSplit:
    """Return the published split of two domains of these sizes."""
    source, target = paper_permutations(source_size, target_size)
    return PairSplit(cut(source), cut(target))
