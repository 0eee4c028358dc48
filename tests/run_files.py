"""Files of a run, written by hand where none needs to be trained."""

from __future__ import annotations

from typing import Any


def resolved(name: str, epochs: int) -> dict[str, Any]:
    """Return what ``resolved.json`` must hold at the least."""
    return {
        "schema_version": 1,
        "name": name,
        "seed": 0,
        "data": {"name": "digits_shift"},
        "model": {"backbone": {"name": "mlp"}, "head": {}},
        "objective": {},
        "training": {"epochs": epochs},
        "evaluation": {},
    }
