"""What a figure of a report or a comparison is drawn from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, final, runtime_checkable

import numpy as np
from numpy.typing import NDArray


@final
@dataclass(frozen=True)
class Predictions:
    """What a run says of the test set of one domain; of a source that is not there, no row."""

    ids: Sequence[str]
    probabilities: NDArray[np.float64]
    """``(N, C)``."""
    labels: NDArray[np.int64] | None
    """``(N,)`` class indices; None where they are not known."""
    groups: Sequence[str] | None = None
    """The object that each row shows, where that is known."""


@final
@dataclass(frozen=True)
class DrawnRun:
    """A finished run as a figure sees it."""

    name: str
    run_id: str
    method: str
    """What tables call it: ``MMD+fisher``."""
    seed: int
    class_names: Sequence[str]
    spec: Mapping[str, Any]
    """The run spec with all defaults."""
    results: Mapping[str, Any]
    """What is in ``results.json``."""
    history: Sequence[Mapping[str, Any]]
    """The rows of ``metrics.jsonl``."""
    source: Predictions
    target: Predictions


@runtime_checkable
class Draw(Protocol):
    """Draws a figure."""

    def __call__(self, runs: Sequence[DrawnRun]) -> Any:
        """Return a picture of ``runs``: the one of a report, or all of an experiment compared.

        That is a ``matplotlib.figure.Figure`` (drawn in the style of the page), the bytes of a PNG,
        or the text of an SVG; None where there is nothing to show of these.
        """
