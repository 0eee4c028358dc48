"""Reads the value of ``--kind``."""

from __future__ import annotations

from difflib import get_close_matches

from dakit.components import KINDS, Kind
from dakit.errors import InputError


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
    close = get_close_matches(text, KINDS, n=1)
    hint = f"did you mean {close[0]!r}? " if close else ""
    raise InputError(f"--kind: there is no kind {text!r}; {hint}The kinds are {', '.join(KINDS)}.")
