"""Reads the value of ``--kind``."""

from __future__ import annotations

from dakit.components import SPEC_BASES
from dakit.errors import InputError, did_you_mean


def parse_kind(text: str | None) -> str | None:
    """Return the kind called ``text``; None stays None.

    Raises:
        InputError: there is no such kind.
    """
    if text is None or text in SPEC_BASES:
        return text
    near, known = did_you_mean(text, SPEC_BASES) or ".", ", ".join(SPEC_BASES)
    raise InputError(f"--kind: there is no kind {text!r}{near} The kinds are {known}.")
