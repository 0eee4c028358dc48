"""What data must be before anything is trained on them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dakit.contracts import Domain, DomainPair
from dakit.data.mapping import release_pages
from dakit.errors import InputError

CHUNK_BYTES = 32 << 20


def check_pair(pair: DomainPair) -> None:
    """Raise InputError, naming the domain and the rows, where ``pair`` cannot be trained on."""
    if len(pair.class_names) < 2:
        raise InputError(f"there must be two classes or more, not {list(pair.class_names)}")
    if pair.source.labels is None:
        raise InputError(f"{pair.source.name}: the source must have labels")
    for domain in (pair.source, pair.target):
        _check_rows(domain)
        _check_labels(domain, pair.class_names)
    if pair.source.input_shape != pair.target.input_shape:
        raise InputError(
            f"source inputs are {pair.source.input_shape} and target inputs are "
            f"{pair.target.input_shape}: both domains need the same shape"
        )
    present = np.unique(pair.source.labels)
    if len(present) < 2:
        only = pair.class_names[int(present[0])]
        raise InputError(f"{pair.source.name}: all labels are '{only}'; two classes are needed")
    for domain in (pair.source, pair.target):
        _check_finite(domain)


def _check_rows(domain: Domain) -> None:
    if len(domain) == 0:
        raise InputError(f"{domain.name}: there are no inputs")
    if len(domain.input_shape) == 0:
        raise InputError(f"{domain.name}: inputs must be (N, ...), not {domain.inputs.shape}")
    for name in ("labels", "ids", "groups"):
        values = getattr(domain, name)
        if values is not None and values.shape != (len(domain),):
            raise InputError(
                f"{domain.name}: {len(domain)} inputs but {name} of shape {values.shape}"
            )
    unique, counts = np.unique(domain.ids, return_counts=True)
    if len(unique) < len(domain):
        twice = ", ".join(map(str, unique[counts > 1][:5]))
        raise InputError(f"{domain.name}: ids must be unique; more than once: {twice}")


def _check_labels(domain: Domain, class_names: tuple[str, ...]) -> None:
    labels = domain.labels
    if labels is None:
        return
    if not np.issubdtype(labels.dtype, np.integer):
        raise InputError(f"{domain.name}: labels must be integers, not {labels.dtype}")
    wrong = np.flatnonzero((labels < 0) | (labels >= len(class_names)))
    if len(wrong):
        raise InputError(
            f"{domain.name}: label {labels[wrong[0]]} (id {domain.ids[wrong[0]]}) and "
            f"{len(wrong) - 1} more are not in 0..{len(class_names) - 1} "
            f"({', '.join(class_names)})"
        )


def _check_finite(domain: Domain) -> None:
    if not np.issubdtype(domain.inputs.dtype, np.floating):
        return
    bad = np.concatenate([_not_finite(domain, rows) for rows in _row_chunks(domain)])
    if len(bad):
        ids = ", ".join(str(domain.ids[row]) for row in bad[:5])
        raise InputError(
            f"{domain.name}: {len(bad)} of {len(domain)} inputs hold NaN or infinity "
            f"(ids {ids}{', ...' if len(bad) > 5 else ''}); mend them or leave them out"
        )


def _not_finite(domain: Domain, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    chunk = domain.inputs[rows[0] : rows[-1] + 1]
    # a sum is finite unless a value is not (or it overflows, which the second look sorts out)
    with np.errstate(over="ignore", invalid="ignore"):
        sums = chunk.reshape(len(chunk), -1).sum(axis=1, dtype=np.float64)
    suspects = np.flatnonzero(~np.isfinite(sums))
    bad = [row for row in suspects if not np.isfinite(chunk[row]).all()]
    release_pages(domain.inputs)
    return rows[np.array(bad, dtype=np.int64)]


def _row_chunks(domain: Domain) -> list[NDArray[np.int64]]:
    row_bytes = int(np.prod(domain.input_shape)) * domain.inputs.dtype.itemsize
    size = max(1, CHUNK_BYTES // max(1, row_bytes))
    rows = np.arange(len(domain))
    return [rows[begin : begin + size] for begin in range(0, len(rows), size)]
