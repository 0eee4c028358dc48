"""The story of an inspection: what the data of a spec are, before anyone trains on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from dakit.contracts import Domain, DomainPair
from dakit.data.checks import check_structure
from dakit.data.normalization import PairNormalization
from dakit.data.prepare import PreparedData, prepare
from dakit.errors import InputError
from dakit.experiment import build_data, load
from dakit.experiment_report import figures_possible
from dakit.inspecting.counts import balanced, counts
from dakit.inspecting.exact_copies import ROLES, exact_copies
from dakit.inspecting.faults import Faults, faults
from dakit.inspecting.flux import FluxHistograms, flux_histograms, normalized, sample
from dakit.inspecting.groups_file import check_groups_name, write_groups
from dakit.inspecting.joining import agreement, join
from dakit.inspecting.near_duplicates import THRESHOLD, near_duplicates, why_not
from dakit.randomness import generator
from dakit.reporting.inspection.facts import Found, InspectionFacts, Mosaic
from dakit.reporting.inspection.page import render_inspection
from dakit.runs.writing import make_folder, write_text
from dakit.spec.loading import LoadedSpec

PAGE = "inspect.html"
GROUPS = "groups.npz"
MOSAIC_IMAGES = 6
MOST_CLASSES = 10
EXAMPLES = 4
EXAMPLE_IMAGES = 6


@final
@dataclass(frozen=True)
class Inspection:
    """What was found, the page that shows it, and the file of groups, where there is one."""

    facts: InspectionFacts
    page: Path
    groups: Path | None

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers and paths as plain values."""
        return {**self.facts.to_dict(), "page": str(self.page)}


def inspect(
    spec: str | Path | Mapping[str, Any] | LoadedSpec,
    *,
    overrides: Sequence[str] = (),
    out: str | Path | None = None,
    groups: str | Path | None = None,
    duplicates: bool = True,
    threshold: float = THRESHOLD,
) -> Inspection:
    """Look at the data of ``spec``; write ``inspect.html`` and, where copies are found, groups.

    No network is built and nothing is trained. Both files go to the folder ``out``, by default
    ``inspections/NAME`` with the name of the spec; ``groups`` names another file (.npz) for the
    groups. ``duplicates`` False leaves the search for copies out; ``threshold`` is the similarity
    from which on two images are taken for copies of one object.

    Raises InputError where the spec is wrong, or the data are not even arrays that fit together.
    """
    if groups is not None:
        check_groups_name(Path(groups))
    loaded = load(spec, overrides)
    pair = build_data(loaded)
    check_structure(pair)
    folder = Path(out) if out is not None else Path("inspections") / loaded.spec.name
    make_folder(folder)
    facts = _gather(loaded, pair, duplicates, threshold)
    written = None
    if any(found.images for found in facts.found.values()):
        written = Path(groups) if groups is not None else folder / GROUPS
        make_folder(written.parent)
        write_groups(written, facts.found["source"].groups, facts.found["target"].groups)
        facts = _with_groups_file(facts, written)
    write_text(folder / PAGE, _page(facts))
    return Inspection(facts, folder / PAGE, written)
