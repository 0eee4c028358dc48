"""Everything that a report tells, gathered before anything is drawn or written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from dakit.evaluation.latent_space import LatentSpace
from dakit.reporting.report.baseline import Baseline
from dakit.reporting.scored_set import Counts, ScoredSet
from dakit.reporting.stretch import Mosaic
from dakit.runs.records import Environment, EpochRow, Resolved
from dakit.runs.results import Adaptation, Results

LATENT_TITLES = {
    "before": "before training",
    "baseline": "without adaptation",
    "after": "after training",
}


@final
@dataclass(frozen=True)
class Attention:
    """Grad-CAMs of some test images of one domain.

    ``images (K, C, H, W)`` are as the data have them; ``maps (K, R, H, W)`` are for the classes
    ``classes (K, R)``; ``labels (K,)`` are the true ones.
    """

    role: str
    layer: str
    images: NDArray[Any]
    labels: NDArray[np.int64]
    predicted: NDArray[np.int64]
    classes: NDArray[np.int64]
    maps: NDArray[np.float32]


@final
@dataclass(frozen=True)
class Mistakes:
    """The most confident mistakes in one domain's test set, the worst first."""

    role: str
    images: NDArray[Any]
    ids: tuple[str, ...]
    labels: NDArray[np.int64]
    predicted: NDArray[np.int64]
    confidence: NDArray[np.float64]
    wrong: int
    """How many mistakes there are in all."""
    tested: int


@final
@dataclass(frozen=True)
class ReportFacts:
    """What is known of a run; empty parts are explained in ``missing``, by section."""

    results: Results
    spec: Resolved
    environment: Environment
    history: Sequence[EpochRow]
    sets: Mapping[str, ScoredSet]
    latent: Mapping[str, LatentSpace] = field(default_factory=dict)
    """By ``before``, ``baseline`` and ``after``; see ``latent_by_title``."""
    attention: Sequence[Attention] = ()
    attention_beside: Sequence[Attention] = ()
    """The same images, as the baseline sees them."""
    mistakes: Sequence[Mistakes] = ()
    mosaics: Sequence[Mosaic] = ()
    missing: Mapping[str, str] = field(default_factory=dict)
    baseline: Baseline | None = None
    counts: Counts = field(default_factory=dict)
    """Images of each class, by domain and part."""
    objects: Counts = field(default_factory=dict)
    """Objects likewise, in the domains where they are known."""
    oracles: Sequence[str] = ()
    """Names among the validator scores that were computed from target labels."""
    adaptation: Adaptation = field(default_factory=Adaptation)

    @property
    def class_names(self) -> list[str]:
        """The classes, in order of their index."""
        return self.results.data.class_names

    @property
    def latent_by_title(self) -> dict[str, LatentSpace]:
        """The latent spaces under the titles of figures and tables."""
        return {LATENT_TITLES[when]: space for when, space in self.latent.items()}

    @property
    def mock(self) -> bool:
        """Whether the numbers come from mock data."""
        return self.results.data.mock
