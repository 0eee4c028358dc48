"""Which galaxy each row of the sim-sim arrays shows, from the row index alone.

The published arrays come without galaxy names. Their order gives them: rows 0-8119 are the 406
mergers in five blocks (as simulated, flipped up-down, flipped left-right, turned by 90 and by 180
degrees), each galaxy seen by 4 cameras in a row; rows 8120-15425 are 1,827 isolated galaxies, 4
cameras each, save the one at rows 8240-8241 which has 2. That makes 2,233 galaxies, of which
none has two classes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CAMERAS = 4
MERGERS = 406
COPIES = 5
FIRST_NON_MERGER = MERGERS * COPIES * CAMERAS
SHORT_RUN_START = 8240
SHORT_RUN_LENGTH = 2
SIM_SIM_ROWS = 15426


def sim_sim_groups() -> NDArray[np.int64]:
    """Return the galaxy of each of the 15,426 sim-sim rows, ``(15426,)``, numbered from 0."""
    mergers = np.tile(np.repeat(np.arange(MERGERS), CAMERAS), COPIES)
    rows = np.arange(FIRST_NON_MERGER, SIM_SIM_ROWS)
    missing = CAMERAS - SHORT_RUN_LENGTH
    shift = np.where(rows >= SHORT_RUN_START + SHORT_RUN_LENGTH, missing, 0)
    others = MERGERS + (rows + shift - FIRST_NON_MERGER) // CAMERAS
    return np.concatenate([mergers, others]).astype(np.int64)
