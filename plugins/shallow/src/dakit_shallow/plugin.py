"""Offers the shallow methods and the backbone that leaves vectors as they are."""

from __future__ import annotations

from dakit import BackboneSpec, TaskLossSpec, TransferLossSpec, hookimpl
from dakit_shallow.coral_map import CoralMap
from dakit_shallow.jdot import JDOT
from dakit_shallow.kmm import KMM
from dakit_shallow.linear_ot import LinearOT
from dakit_shallow.logistic import Logistic
from dakit_shallow.nearest_neighbour import NearestNeighbour
from dakit_shallow.subspace_alignment import SubspaceAlignment
from dakit_shallow.tca import TCA
from dakit_shallow.vectors import Vectors


@hookimpl
def dakit_backbones() -> list[type[BackboneSpec]]:
    """Offer ``vectors``."""
    return [Vectors]


@hookimpl
def dakit_task_losses() -> list[type[TaskLossSpec]]:
    """Offer ``nearest_neighbour`` and ``logistic``, the methods without adaptation."""
    return [NearestNeighbour, Logistic]


@hookimpl
def dakit_transfer_losses() -> list[type[TransferLossSpec]]:
    """Offer ``subspace_alignment``, ``tca``, ``coral_map``, ``linear_ot``, ``jdot``, ``kmm``."""
    return [SubspaceAlignment, TCA, CoralMap, LinearOT, JDOT, KMM]
