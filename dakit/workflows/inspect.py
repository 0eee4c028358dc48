"""The story of an inspection: what the data of a spec are, before anyone trains on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from dakit.contracts import SIDES, Domain, DomainPair
from dakit.data.checks import check_structure
from dakit.data.normalization import PairNormalization
from dakit.data.prepare import PreparedData, prepare
from dakit.errors import InputError
from dakit.files.writing import make_folder, write_text
from dakit.inspecting.counts import balanced, counts
from dakit.inspecting.faults import Faults, faults
from dakit.inspecting.flux import FluxHistograms, Images, flux_histograms, normalized, sample
from dakit.inspecting.joining import (
    agreement,
    at_random,
    chained,
    check_groups_name,
    credible,
    join,
    write_groups,
)
from dakit.inspecting.near_duplicates import (
    LOWEST,
    THRESHOLD,
    exact_copies,
    near_duplicates,
    why_not,
)
from dakit.inspecting.polar_maps import ring_spectra
from dakit.reporting.inspection.facts import Found, InspectionFacts
from dakit.reporting.inspection.page import render_inspection
from dakit.reporting.stretch import mosaics
from dakit.spec.loading import LoadedSpec
from dakit.workflows.report import figures_possible
from dakit.workflows.train import build_data, load

PAGE = "inspect.html"
GROUPS = "groups.npz"
EXAMPLES = 4
EXAMPLE_IMAGES = 6


@final
@dataclass(frozen=True)
class Inspection:
    """What was found, the page that shows it, and the file of groups, where there is one."""

    facts: InspectionFacts = field(repr=False)
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

    Raises:
        InputError: the spec is wrong, or the data are not even arrays that fit together.
    """
    if groups is not None:
        check_groups_name(Path(groups))
    if not LOWEST <= threshold <= 1:
        raise InputError(f"threshold must be between {LOWEST} and 1, not {threshold}")
    loaded = load(spec, overrides)
    pair = build_data(loaded)
    check_structure(pair)
    if not len(pair.source):
        raise InputError("the data have no source: what dakit inspect shows is of two domains")
    folder = Path(out) if out is not None else Path("inspections") / loaded.spec.name
    make_folder(folder)
    facts = _gather(loaded, pair, duplicates, threshold)
    written = None
    if any(found.images for found in facts.found.values()):
        written = Path(groups) if groups is not None else folder / GROUPS
        make_folder(written.parent)
        write_groups(written, facts.found["source"].groups, facts.found["target"].groups)
        facts = replace(facts, groups_file=str(written))
    write_text(folder / PAGE, _page(facts))
    return Inspection(facts, folder / PAGE, written)


def _gather(
    loaded: LoadedSpec, pair: DomainPair, duplicates: bool, threshold: float
) -> InspectionFacts:
    spec = loaded.spec
    missing: dict[str, str] = {}
    odd: dict[str, Faults] = {role: faults(getattr(pair, role)) for role in SIDES}
    data, untrainable = _prepared(pair, loaded)
    split = None if data is None else data.split
    if untrainable is not None:
        missing["split"] = f"There is no split: {untrainable}"
    found = _search(pair, odd, threshold, missing) if duplicates else {}
    if not duplicates:
        missing["near"] = "The search for copies was left out (--no-duplicates)."
    return InspectionFacts(
        name=spec.name,
        pair=pair,
        counts={
            role: counts(getattr(pair, role), pair.class_names, getattr(split, role, None))
            for role in SIDES
        },
        balance=spec.data.balance,
        balanced=None if split is None else balanced(pair.source, split.source, pair.class_names),
        faults=odd,
        split=split,
        leakage=None if data is None else data.leakage,
        copies=exact_copies(pair) if duplicates else None,
        found=found,
        flux=_flux(pair, odd, None if data is None else data.normalization, missing),
        mosaics=list(mosaics(pair, _sound(pair, odd), missing)),
        normalization=_normalization_line(loaded),
        untrainable=untrainable,
        missing=missing,
    )


def _prepared(pair: DomainPair, loaded: LoadedSpec) -> tuple[PreparedData | None, str | None]:
    """Return the data as a run would have them, or why it could not."""
    try:
        spec = loaded.spec
        whole = spec.model.backbone.takes_whole_numbers
        return prepare(pair, spec.data, spec.seed, whole=whole), None
    except InputError as error:
        return None, str(error)


def _normalization_line(loaded: LoadedSpec) -> str:
    normalize, init = loaded.spec.data.normalize, loaded.spec.init_from
    line = f"{normalize.method}, statistics {normalize.statistics}, fitted on {normalize.fit_on}"
    if init is not None and init.normalization != "refit":
        line += "; the run itself takes over that of the run it starts from"
    return line


def _search(
    pair: DomainPair, odd: Mapping[str, Faults], threshold: float, missing: dict[str, str]
) -> dict[str, Found]:
    reason = why_not(pair.source.input_shape)
    if reason is not None:
        missing["near"] = f"Near-duplicates cannot be looked for: {reason}."
        return {}
    return {role: _found(getattr(pair, role), odd[role], threshold) for role in SIDES}


def _found(domain: Domain, odd: Faults, threshold: float) -> Found:
    rows = np.setdiff1d(np.arange(len(domain)), odd.broken)
    spectra = ring_spectra(domain.inputs, rows)
    near = near_duplicates(spectra, rows)
    pairs = near.at(threshold).pairs
    joined = join(len(domain), pairs)
    possible, random = credible(joined, domain.labels), at_random(pairs, domain.labels)
    chain = np.zeros(len(domain), bool)
    chain[rows] = chained(spectra, joined[rows], threshold)
    offered = pairs[:0] if random else pairs[(possible & ~chain)[pairs[:, 0]]]
    chains = joined[possible & chain]
    alone = join(len(domain), offered)
    return Found(
        near=near,
        threshold=threshold,
        offered=offered,
        contradicting=None
        if domain.labels is None
        else int((domain.labels[pairs[:, 0]] != domain.labels[pairs[:, 1]]).sum()),
        random=random,
        chains=(len(np.unique(chains)), len(chains)),
        groups=join(len(domain), offered, domain.groups),
        agreement=None if domain.groups is None else agreement(alone, domain.groups),
        examples=tuple(_examples(domain, alone)),
    )


def _examples(
    domain: Domain, groups: NDArray[np.int64]
) -> Iterator[tuple[NDArray[Any], tuple[str, ...]]]:
    """Return some of the groups with two images or more, spread over the domain."""
    several = np.flatnonzero(np.bincount(groups) > 1)
    for group in several[np.linspace(0, len(several) - 1, min(EXAMPLES, len(several)), dtype=int)]:
        rows = np.flatnonzero(groups == group)[:EXAMPLE_IMAGES]
        yield domain.inputs[rows], tuple(map(str, domain.ids[rows]))


def _flux(
    pair: DomainPair,
    odd: Mapping[str, Faults],
    normalization: PairNormalization | None,
    missing: dict[str, str],
) -> dict[str, FluxHistograms]:
    drawn = ((role, sample(getattr(pair, role), odd[role].broken)) for role in SIDES)
    samples: dict[str, Images] = {role: images for role, images in drawn if len(images)}
    if not samples:
        missing["flux"] = "All images are broken."
        return {}
    before = {"before": flux_histograms(samples)}
    if normalization is None:
        missing["flux"] = "Without a split there is no normalisation: only the values as they are."
        return before
    after = {role: normalized(s, getattr(normalization, role)) for role, s in samples.items()}
    return {**before, "after": flux_histograms(after)}


def _sound(pair: DomainPair, odd: Mapping[str, Faults]) -> dict[str, NDArray[np.int64]]:
    return {r: np.setdiff1d(np.arange(len(getattr(pair, r))), odd[r].broken) for r in SIDES}


def _page(facts: InspectionFacts) -> str:
    if not figures_possible():
        return render_inspection(facts, None)
    from dakit.reporting.figures.inspection import make_inspection_figures

    return render_inspection(facts, make_inspection_figures(facts))
