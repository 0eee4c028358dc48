"""Which images a finished run has learned from, to know them again in other data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from dakit.contracts import SIDES, Domain, DomainPair, Side
from dakit.contracts.naming import ALONE


@final
@dataclass(frozen=True)
class TrainedRows:
    """Ids and groups, as text, of the rows a run learned from or chose its epoch by."""

    ids: Mapping[Side, frozenset[str]]
    groups: Mapping[Side, frozenset[str]]

    @classmethod
    def of(cls, predictions: Iterable[Mapping[str, str]]) -> TrainedRows:
        """Take them from the rows of ``predictions.csv``."""
        used = [row for row in predictions if row["split"] in ("train", "validation")]
        ids, groups = (
            {side: frozenset(r[key] for r in used if r["domain"] == side) for side in SIDES}
            for key in ("id", "group")
        )
        known = {
            s: {n for n in names if n and not n.startswith(ALONE)} for s, names in groups.items()
        }
        return cls(ids, {side: frozenset(names) for side, names in known.items()})

    def cautions(
        self, pair: DomainPair, side: Side, rows: NDArray[np.int64], *, own: bool
    ) -> Iterator[str]:
        """Yield what must be said of ``rows`` of a domain that the run has, or may have, seen.

        Of the run's own data a name means the same thing. In other data it may be chance: row
        numbers as ids say nothing there.
        """
        domain: Domain = getattr(pair, side)
        known = _texts(domain.ids[rows], self._names(self.ids, side, own))
        numbered = not own and np.array_equal(domain.ids, np.arange(len(domain)))
        if numbered:
            known[:] = False
        if domain.groups is not None:
            names = self._names(self.groups, side, own and not pair.shared_groups)
            known |= _texts(domain.groups[rows], names)
        seen, of = int(known.sum()), len(rows)
        if seen and own:
            yield (
                f"LEAKAGE: {seen} of the {of} {side} images, or others of the same objects, were "
                "used in the training of this run; score its test rows alone with --part test"
            )
        elif seen:
            yield (
                f"CAUTION: {seen} of the {of} {side} images have an id or a group that training "
                "images of this run had: if names mean the same here and there, this is leakage"
            )
        elif numbered:
            yield (
                f"CAUTION: the ids of the {side} are row numbers: whether its images were among "
                "the run's training images cannot be told"
            )

    @staticmethod
    def _names(names: Mapping[Side, frozenset[str]], side: Side, same_side: bool) -> frozenset[str]:
        return names[side] if same_side else names["source"] | names["target"]


def _texts(values: NDArray[Any], names: frozenset[str]) -> NDArray[np.bool_]:
    return np.array([str(value) in names for value in values.tolist()], np.bool_)
