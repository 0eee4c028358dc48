"""What carries out many runs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, final


@final
@dataclass(frozen=True)
class Job:
    """A command that a launcher is to carry out: one run of a sweep."""

    name: str
    """Unique among the jobs that are launched together."""
    command: tuple[str, ...]
    """The program, as an absolute path, and its arguments; 0 is the exit code of success."""
    log: Path
    """The file for what the command prints; its folder exists, an older file is replaced."""


@final
@dataclass(frozen=True)
class JobUpdate:
    """What has become of a job."""

    name: str
    state: Literal["started", "succeeded", "failed"]
    reason: str = ""
    """Why it failed, as far as the launcher knows: the exit code, the signal, the time limit."""


class Launcher(ABC):
    """Abstract base of what carries out many jobs somewhere: this machine, a cluster."""

    @abstractmethod
    def launch(self, jobs: Sequence[Job]) -> Generator[JobUpdate, None, None]:
        """Carry out ``jobs`` and yield what becomes of them as it happens.

        Every job is yielded once as ``started`` and then once as ``succeeded`` or ``failed``; one
        that cannot be started is yielded as ``failed`` alone. A job that fails or crashes never
        stops the others. When the generator is closed, or an error such as KeyboardInterrupt is
        raised in it, all jobs are stopped before it returns: nothing goes on unseen. A job may
        be killed at any moment: the next launch goes on with its run.

        ``jobs`` are independent of each other and may be carried out in any order and number at
        a time.
        """
