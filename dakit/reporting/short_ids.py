"""Ids where there is little room."""

from __future__ import annotations

import re


def short_id(text: str, longest: int) -> str:
    """Return at most ``longest`` characters of an id: those that a reader looks an object up by.

    Folders before it go first (``edge-on/5877...``); then what is farthest from the longest number,
    which is cut only where it has no room itself, and then at its beginning.

    >>> short_id("edge-on/587722981742084144", 20), short_id("SDSS-587722981742-turned-by-30", 20)
    ('587722981742084144', 'SDSS-587722981742-t…')
    """
    name = text if len(text) <= longest else text.rsplit("/", 1)[-1]
    if len(name) <= longest:
        return name
    spans = [number.span() for number in re.finditer(r"\d+", name)]
    begin, end = max(spans, key=lambda span: span[1] - span[0], default=(0, 0))
    if end < longest:
        return f"{name[: longest - 1]}…"
    if len(name) - begin < longest or end == len(name):
        return f"…{name[-(longest - 1) :]}"
    first = min(begin, len(name) - longest) if end - begin <= longest - 2 else end - longest + 2
    return f"…{name[first : first + longest - 2]}…"
