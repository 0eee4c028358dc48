"""The numbers of a run, flat and by name, and libraries that may be missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from dakit import InputError

GROUPS = ("losses", "scores", "diagnostics", "weights", "gradient_shares")


def of_row(row: Mapping[str, Any]) -> dict[str, float]:
    """Return ``{"losses/total": 0.5, "learning_rate": 1e-3, ...}`` of the row of an epoch."""
    grouped = {
        f"{group}/{name}": value
        for group in GROUPS
        for name, value in row.get(group, {}).items()
        if value is not None
    }
    return {**grouped, "learning_rate": row["learning_rate"]}


def of_results(results: Mapping[str, Any] | None) -> dict[str, float]:
    """Return ``{"target_test/accuracy": 0.9, ...}`` of ``results.json``; nothing without it."""
    return {
        f"{part}/{name}": value
        for part, metrics in (results or {"metrics": {}})["metrics"].items()
        for name, value in (metrics or {}).items()
        if isinstance(value, float)
    }


def settings(value: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield ``("model.backbone.name", "mlp")`` and so on: what a spec says, flat."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from settings(part, f"{prefix}{key}.")
    elif isinstance(value, list | tuple) and any(isinstance(part, Mapping) for part in value):
        for index, part in enumerate(value):
            yield from settings(part, f"{prefix}{index}.")
    else:
        yield prefix.removesuffix("."), value


@contextmanager
def importing(extra: str) -> Iterator[None]:
    """Say how to install what an import inside does not find. Raises InputError."""
    try:
        yield
    except ImportError as error:
        raise InputError(
            f"{error}; install what this tracker needs: pip install 'dakit-trackers[{extra}]'"
        ) from error
