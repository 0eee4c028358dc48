"""How to get what an extra brings."""

from __future__ import annotations


def install_extra(name: str) -> str:
    """Return what to do: by the clone, as a package called ``dakit`` on the index is another's."""
    return f"install the extra '{name}' (pip install -e \".[{name}]\" in the clone)"
