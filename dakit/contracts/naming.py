"""What rows are called: ids and groups in one form, whatever type a dataset holds them in."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

ALONE = "alone: "
"""Begins the name of the group of a row that is in none."""
MISSING = frozenset({"", "nan", "nat", "none", "null", "<na>", "n/a", "--"})
"""Texts that stand for no group, in any case of letters."""
_LONGEST = max(map(len, MISSING))


def as_names(values: NDArray[Any]) -> NDArray[Any]:
    """Return bytes, dates and objects as texts (bytes as UTF-8, or else Latin-1); others as is."""
    if values.dtype.kind == "S":
        try:
            return np.strings.decode(values, "utf-8")
        except UnicodeDecodeError:
            return np.strings.decode(values, "latin-1")
    if values.dtype.kind == "O":
        return np.array([_text(value) for value in values.tolist()], dtype=np.str_)
    return values.astype(np.str_) if values.dtype.kind in "Mm" else values


def as_groups(values: NDArray[Any], name: str, ids: NDArray[Any]) -> NDArray[Any] | None:
    """Return groups ``(N,)`` of the rows of the domain ``name``; None where no row has one.

    A row without a group is an object of its own, named after its domain and id. What means
    *missing* depends on the type: NaN, NaT, a mask, and of texts :data:`MISSING`. Floating
    numbers become texts, whole ones without a point.
    """
    masked = np.ma.getmaskarray(values)
    plain = np.ma.getdata(values)
    groups = as_names(plain if plain.dtype.kind != "f" else np.array(_numbers(plain), np.str_))
    missing = masked | (_missing_texts(groups) if groups.dtype.kind == "U" else False)
    if not missing.any():
        return groups
    if missing.all():
        return None
    alone = [f"{ALONE}{name} {row}" for row in ids[missing].tolist()]
    named = groups.astype(np.result_type(groups.astype(np.str_), np.array(alone)))
    named[missing] = alone
    return named


def is_missing(text: str) -> bool:
    """Return whether ``text`` stands for no group."""
    return text.strip().lower() in MISSING


def _missing_texts(texts: NDArray[np.str_]) -> NDArray[np.bool_]:
    short = np.strings.str_len(np.strings.strip(texts)) <= _LONGEST
    found = np.zeros(len(texts), np.bool_)
    found[short] = [is_missing(text) for text in texts[short].tolist()]
    return found


def _numbers(values: NDArray[np.floating]) -> list[str]:
    return [str(int(value)) if value.is_integer() else str(value) for value in values.tolist()]


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
