"""What is told of a run to tools that keep records of many."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final


@final
@dataclass(frozen=True)
class TrackedRun:
    """A run as a tracker sees it; everything is JSON data."""

    name: str
    run_id: str
    """The same for every run that computes the same numbers, and of a resumed run."""
    folder: Path
    """The folder of the run."""
    own_folder: Path
    """A folder in it for the tracker alone, which may not be there yet."""
    spec: Mapping[str, Any]
    """The run spec with all defaults."""
    epochs_done: int = 0
    """Where it goes on: rows of later epochs that the tracker was told of before come again."""
    results: Mapping[str, Any] | None = None
    """What is in ``results.json``, at the end of a run that finished."""


class Tracker(ABC):
    """Abstract base of what is told of a run while it trains.

    A tracker that raises is reported once and told nothing more; the run goes on.
    """

    @abstractmethod
    def begin(self, run: TrackedRun) -> None:
        """A training begins, or goes on: then records of the same ``run_id`` are continued."""

    @abstractmethod
    def epoch(self, row: Mapping[str, Any]) -> None:
        """An epoch is done; ``row`` is its row in ``metrics.jsonl``."""

    @abstractmethod
    def end(self, run: TrackedRun) -> None:
        """The run has ended: with ``results`` well, without them it failed or was interrupted."""
