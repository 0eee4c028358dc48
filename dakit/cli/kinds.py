"""Reads the value of ``--kind``."""

from __future__ import annotations

from dakit.components import KINDS, Kind
from dakit.errors import InputError, did_you_mean


def parse_kind(text: str | None) -> Kind | None:
    """Return the kind called ``text``; None stays None.

    Raises:
        InputError: there is no such kind.
    """
    if text is None:
        return None
    for kind in KINDS:
        if kind == text:
            return kind
    near = did_you_mean(text, KINDS) or "."
    raise InputError(f"--kind: there is no kind {text!r}{near} The kinds are {', '.join(KINDS)}.")
