"""How a training tells of itself: a line an epoch, or nothing. See also progress_bar.py."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, TextIO, final

from dakit.errors import printable


class Reporter:
    """Is told what happens while a network is trained, and says nothing of it."""

    def start(self, total_epochs: int, steps_per_epoch: int) -> None:
        """Training begins, or goes on after it was interrupted."""

    def step(self, epoch: int, step: int, losses: Mapping[str, float]) -> None:
        """Step ``step`` of ``epoch`` is done; both are counted from 1."""

    def epoch(self, row: Mapping[str, Any]) -> None:
        """An epoch is done; ``row`` is its row in metrics.jsonl."""

    def note(self, text: str) -> None:
        """Something the user should know happened."""

    def close(self) -> None:
        """Training has ended, well or not."""


@final
class SilentReporter(Reporter):
    """Says nothing."""


@final
class LineReporter(Reporter):
    """Writes one plain line an epoch, for log files and pipes."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self._total_epochs = 0

    def start(self, total_epochs: int, steps_per_epoch: int) -> None:
        """Note the number of epochs."""
        self._total_epochs = total_epochs

    def epoch(self, row: Mapping[str, Any]) -> None:
        """Write the epoch's line."""
        self.note(epoch_line(row, self._total_epochs))

    def note(self, text: str) -> None:
        """Write ``text`` as a line of its own."""
        with suppress(OSError, ValueError):  # a full disk, a closed stream: the run goes on
            self._stream.write(printable(text) + "\n")
            self._stream.flush()


def epoch_line(row: Mapping[str, Any], total_epochs: int) -> str:
    """Return an epoch in one line; a star marks the best selection score so far.

    >>> epoch_line({"epoch": 3, "losses": {"total": 0.6, "cross_entropy": 0.4},
    ...     "scores": {"source_accuracy": 0.84}, "best": True, "seconds": 6.1}, 20)
    'epoch 3/20  total 0.600  cross_entropy 0.400 | source_accuracy 0.840 * | 6.1 s'
    """
    losses = dict(row["losses"])
    ordered = {name: losses.pop(name) for name in ("total",) if name in losses} | losses
    selecting, *monitors = (numbers_line({name: s}) for name, s in row["scores"].items())
    scores = "  ".join([f"{selecting} *" if row["best"] else selecting, *monitors])
    epoch = f"epoch {row['epoch']}/{total_epochs}"
    return f"{epoch}  {numbers_line(ordered)} | {scores} | {row['seconds']:.1f} s"


def numbers_line(values: Mapping[str, float]) -> str:
    """Return ``name value`` pairs in one line, three digits after the point."""
    return "  ".join(f"{name} {value:.3f}" for name, value in values.items())
