"""What data must be before anything is trained on them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dakit.components import DatasetSpec, checked_class_names
from dakit.contracts import PARTS, SIDES, Domain, DomainPair, DomainSplit, PairSplit, Provenance
from dakit.data.mapping import chunks
from dakit.errors import InputError, first_few, not_text
from dakit.plugins.faults import check_texts, returned

"""So many offenders are named."""


def check_pair(pair: DomainPair) -> None:
    """Raise InputError, naming the domain and the rows, where ``pair`` cannot be trained on."""
    check_structure(pair)
    for domain in pair.domains:
        _check_finite(domain)


def check_parts(pair: DomainPair, dataset: DatasetSpec, method: str = "build") -> None:
    """Raise RunError, naming the dataset, where a part of ``pair`` is not of its type.

    ``method`` of the dataset is what gave the pair.
    """
    told = returned(pair.provenance, Provenance, dataset, f"{method}.provenance")
    for name in ("origin", "description"):
        returned(getattr(told, name), str, dataset, f"{method}.provenance.{name}")
    check_texts(told.checksums, dataset, f"{method}.provenance.checksums", named=True)
    check_texts(told.notes, dataset, f"{method}.provenance.notes")
    check_texts(pair.class_names, dataset, f"{method}.class_names")
    returned(pair.shared_groups, bool, dataset, f"{method}.shared_groups")
    if pair.split is not None:
        returned(pair.split, PairSplit, dataset, f"{method}.split")
    for side in SIDES:
        check_domain_parts(getattr(pair, side), dataset, f"{method}.{side}")
        if pair.split is not None:
            split = returned(
                getattr(pair.split, side), DomainSplit, dataset, f"{method}.split.{side}"
            )
            for part in PARTS:
                rows = getattr(split, part)
                returned(rows, np.ndarray, dataset, f"{method}.split.{side}.{part}")


def check_domain_parts(domain: object, dataset: DatasetSpec, method: str) -> Domain:
    """Return the domain; RunError, naming the dataset, where it or a part is not of its type."""
    domain = returned(domain, Domain, dataset, method)
    returned(domain.name, str, dataset, f"{method}.name")
    check_texts(domain.domain_names, dataset, f"{method}.domain_names")
    for name in ("inputs", "labels", "ids", "groups", "domains"):
        values = getattr(domain, name)
        if values is not None or name in ("inputs", "ids"):
            returned(values, np.ndarray, dataset, f"{method}.{name}")
    for row in returned(domain.left_out, tuple, dataset, f"{method}.left_out"):
        check_texts(row, dataset, f"{method}.left_out", count=2)
    return domain


def check_structure(pair: DomainPair) -> None:
    """Raise InputError where shapes, labels, ids or groups are wrong; values are not looked at."""
    _check_class_names(pair.class_names)
    for domain in pair.domains:
        _check_rows(domain)
        _check_labels(domain, pair.class_names)
        _check_domains(domain)
    if len(pair.source):
        _check_source_labels(pair)
    _check_alike(pair)


def check_domain(domain: Domain, class_names: tuple[str, ...]) -> None:
    """Raise InputError, naming the domain and the rows, where a model cannot be scored on it."""
    _check_rows(domain)
    _check_labels(domain, class_names)
    _check_finite(domain)


def _check_class_names(names: tuple[str, ...]) -> None:
    try:
        checked_class_names(names)
    except ValueError as error:
        raise InputError(str(error)) from error
    _check_text("the names of the classes", names)


def _check_source_labels(pair: DomainPair) -> None:
    if pair.source.labels is None:
        raise InputError(f"{pair.source.name}: the source must have labels")
    present = np.unique(pair.source.labels)
    if len(present) < 2:
        only = pair.class_names[int(present[0])]
        raise InputError(f"{pair.source.name}: all labels are '{only}'; two classes are needed")


def _check_alike(pair: DomainPair) -> None:
    source, target = pair.source, pair.target
    if source.input_shape != target.input_shape:
        raise InputError(
            f"inputs of {source.name} have shape {source.input_shape}, those of {target.name} "
            f"{target.input_shape}: both domains need the same"
        )
    if pair.shared_groups and len(source):
        _check_shared(source, target)


def _check_shared(source: Domain, target: Domain) -> None:
    if source.groups is None or target.groups is None:
        without = source.name if source.groups is None else target.name
        raise InputError(f"{without}: objects are said to be shared, but it has no groups")
    kinds = {groups.dtype.kind.replace("u", "i") for groups in (source.groups, target.groups)}
    if len(kinds) > 1:  # 1 is not "1"
        raise InputError(
            f"objects are said to be shared, but the groups of {source.name} are "
            f"{source.groups.dtype} and those of {target.name} {target.groups.dtype} (floating "
            "numbers become texts); give both as texts"
        )


def _check_rows(domain: Domain) -> None:
    inputs = domain.inputs
    if inputs.ndim < 2 or 0 in inputs.shape[1:]:
        raise InputError(f"{domain.name}: inputs must be (N, ...), not {inputs.shape}")
    if len(inputs) == 0:
        raise InputError(f"{domain.name}: there are no inputs, its array is {inputs.shape}")
    if inputs.dtype.kind not in "fiub":
        raise InputError(f"{domain.name}: inputs of type {inputs.dtype}; real numbers are needed")
    for name in ("labels", "ids", "groups", "domains"):
        values = getattr(domain, name)
        if values is not None and values.shape != (len(domain),):
            raise InputError(
                f"{domain.name}: {len(domain)} inputs but {name} of shape {values.shape}"
            )
        if values is not None and values.dtype.kind == "U":
            _check_text(f"{domain.name}: {name}", values.tolist())
    unique, counts = np.unique(domain.ids, return_counts=True)
    if len(unique) < len(domain):
        raise InputError(
            f"{domain.name}: ids must be unique; more than once: {first_few(unique[counts > 1])}"
        )


def _check_text(what: str, values: Sequence[str]) -> None:
    strange = not_text(values)
    if strange:
        raise InputError(
            f"{what} must be text that can be written as UTF-8; {len(strange)} cannot: "
            f"{first_few(strange)}"
        )


def _check_labels(domain: Domain, class_names: tuple[str, ...]) -> None:
    labels = domain.labels
    if labels is None:
        return
    if labels.dtype.kind not in "iu":
        raise InputError(f"{domain.name}: labels must be integers, not {labels.dtype}")
    wrong = np.flatnonzero((labels < 0) | (labels >= len(class_names)))
    if len(wrong):
        raise InputError(
            f"{domain.name}: {len(wrong)} label(s) outside 0..{len(class_names) - 1} "
            f"({', '.join(class_names)}): {first_few(np.unique(labels[wrong]))} "
            f"at id {first_few(domain.ids[wrong])}"
        )


def _check_domains(domain: Domain) -> None:
    if domain.domains is None:
        return
    known, found = np.arange(len(domain.domain_names)), np.unique(domain.domains)
    if not np.array_equal(found, known):
        raise InputError(
            f"{domain.name}: domains must be the indices of its domain names "
            f"({', '.join(domain.domain_names) or 'none'}), each present; found {first_few(found)}"
        )


def _check_finite(domain: Domain) -> None:
    if domain.inputs.dtype.kind != "f":
        return
    rows = np.arange(len(domain))
    bad = np.concatenate([piece[_unfit(chunk)] for piece, chunk in chunks(domain.inputs, rows)])
    if len(bad):
        raise InputError(
            f"{domain.name}: {len(bad)} of {len(domain)} inputs hold NaN, infinity or values "
            f"too large for float32 (ids {first_few(domain.ids[bad])}); mend them or leave them out"
        )


def _unfit(chunk: NDArray[np.floating]) -> NDArray[np.bool_]:
    # maximum and minimum hand on NaN, and no comparison with NaN is true
    axes = tuple(range(1, chunk.ndim))
    largest = np.finfo(np.float32).max
    fit = (chunk.max(axis=axes) <= largest) & (chunk.min(axis=axes) >= -largest)
    unfit: NDArray[np.bool_] = ~fit
    return unfit
