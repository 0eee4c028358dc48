"""Tells the trackers of a run what happens in it; none of them can stop it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, final

from dakit.components import TrackerSpec
from dakit.contracts import BuildContext, TrackedRun, Tracker
from dakit.plugins.faults import built, reason_of
from dakit.training.objective import unique_name


@final
class Trackers:
    """The trackers of one run. One that fails is told of by ``warn``, once, and left out then."""

    def __init__(
        self,
        specs: Sequence[TrackerSpec],
        run: TrackedRun,
        context: BuildContext,
        warn: Callable[[str], None],
    ) -> None:
        self._run, self._warn, self._begun = run, warn, False
        self._trackers: dict[str, Tracker] = {}
        for spec in specs:
            name = unique_name(spec.name, self._trackers)
            self._try(name, partial(self._build, name, spec, context))

    def begin(self, epochs_done: int) -> None:
        """The training begins, or goes on after ``epochs_done``."""
        self._run, self._begun = replace(self._run, epochs_done=epochs_done), True
        self._each(lambda tracker, run: tracker.begin(run))

    def epoch(self, row: Mapping[str, Any]) -> None:
        """An epoch is done."""
        self._each(lambda tracker, _: tracker.epoch(row))

    def end(self, results: Mapping[str, Any] | None) -> None:
        """The run has ended; without ``results`` it failed or was interrupted."""
        self._run = replace(self._run, results=results)
        if self._begun:
            self._each(lambda tracker, run: tracker.end(run))

    def _build(self, name: str, spec: TrackerSpec, context: BuildContext) -> None:
        self._trackers[name] = built(spec, context, Tracker)

    def _each(self, tell: Callable[[Tracker, TrackedRun], None]) -> None:
        for name, tracker in list(self._trackers.items()):
            run = replace(self._run, own_folder=self._run.own_folder / name)
            self._try(name, partial(tell, tracker, run))

    def _try(self, name: str, call: Callable[[], None]) -> None:
        try:
            call()
        except (Exception, SystemExit) as error:  # whatever it is, the run does not depend on it
            self._trackers.pop(name, None)
            self._warn(f"The tracker '{name}' is told nothing more of this run: {reason_of(error)}")
