"""From a pair of domains to data that can be trained on: checked, split, normalised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from dakit.components import DatasetSpec
from dakit.contracts import DomainPair, PairSplit
from dakit.data.checks import check_pair
from dakit.data.fingerprint import fingerprint
from dakit.data.leakage import LeakageReport, leakage
from dakit.data.normalization import PairNormalization, fit_pair
from dakit.data.splits import draw_split


@final
@dataclass(frozen=True)
class PreparedData:
    """Two domains with their split and their normalisation."""

    pair: DomainPair
    split: PairSplit
    normalization: PairNormalization
    leakage: LeakageReport
    fingerprint: str


def prepare(
    pair: DomainPair,
    spec: DatasetSpec,
    seed: int,
    *,
    split: PairSplit | None = None,
    normalization: PairNormalization | None = None,
) -> PreparedData:
    """Check ``pair``, split it and fit its normalisation.

    A ``split`` or ``normalization`` given here, or a split prescribed by the pair's protocol, is
    used instead of a new one. Raises InputError where the data cannot be trained on.
    """
    check_pair(pair)
    split = split or pair.split or draw_split(pair, spec.split, seed)
    normalization = normalization or fit_pair(pair, split, spec.normalize)
    return PreparedData(pair, split, normalization, leakage(pair, split), fingerprint(pair))
