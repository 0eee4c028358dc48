"""A broken launcher is caught by the check that is there for it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import Any, Literal

import pytest

from dakit import LauncherSpec
from dakit.builtin.launchers.local_launcher import LocalLauncher
from dakit.contracts import BuildContext, Job, JobUpdate, Launcher

Updates = Generator[JobUpdate, None, None]


class Right(Launcher):
    """The built-in launcher, with a place to break it."""

    def launch(self, jobs: Sequence[Job]) -> Updates:
        yield from LocalLauncher([{}]).launch(jobs)


class NeverStarted(Right):
    def launch(self, jobs: Sequence[Job]) -> Updates:
        yield from (u for u in super().launch(jobs) if u.state != "started")


class ToldTwice(Right):
    def launch(self, jobs: Sequence[Job]) -> Updates:
        for update in super().launch(jobs):
            yield update
            yield update


class OneForgotten(Right):
    def launch(self, jobs: Sequence[Job]) -> Updates:
        yield from super().launch(jobs[:-1])


class AlwaysWell(Right):
    def launch(self, jobs: Sequence[Job]) -> Updates:
        for update in super().launch(jobs):
            yield JobUpdate(update.name, "started" if update.state == "started" else "succeeded")


class NoReason(Right):
    def launch(self, jobs: Sequence[Job]) -> Updates:
        yield from (JobUpdate(u.name, u.state) for u in super().launch(jobs))


class StopsAtFailure(Right):
    def launch(self, jobs: Sequence[Job]) -> Updates:
        for update in super().launch(jobs):
            yield update
            if update.state == "failed":
                return


class NoLog(Right):
    def launch(self, jobs: Sequence[Job]) -> Updates:
        yield from super().launch(jobs)
        for job in jobs:
            job.log.write_text("")


class LeavesJobsBehind(Launcher):
    def launch(self, jobs: Sequence[Job]) -> Updates:
        self.kept = LocalLauncher([{}]).launch(jobs)  # not closed with this generator
        while (update := next(self.kept, None)) is not None:
            yield update


class Once(Right):
    used = False

    def launch(self, jobs: Sequence[Job]) -> Updates:
        if not self.used:
            yield from super().launch(jobs)
        self.used = True


@pytest.mark.parametrize(
    ("launcher", "check", "message"),
    [
        (object, "builds_from_its_spec", "build returned object"),
        (NeverStarted, "tells_each_job_once", "was reported as"),
        (ToldTwice, "tells_each_job_once", "was reported as"),
        (OneForgotten, "tells_each_job_once", "was reported as"),
        (NoLog, "keeps_what_jobs_print", "the log holds ''"),
        (AlwaysWell, "goes_on_after_a_failure", "fails was reported as succeeded"),
        (NoReason, "goes_on_after_a_failure", "without a reason"),
        (StopsAtFailure, "goes_on_after_a_failure", "nothing was reported of the job that crashes"),
        (LeavesJobsBehind, "leaves_no_job_behind", "goes on after"),
        (Once, "launches_again", "the second time it reported"),
    ],
)
def test_a_broken_launcher_is_caught(
    launcher: type[Launcher],
    check: str,
    message: str,
    run_check: Callable[..., None],
    assert_caught: Callable[..., None],
) -> None:
    built: list[Any] = []

    def spec_of(cls: type[Launcher]) -> Any:
        class Spec(LauncherSpec):
            name: Literal["mine"] = "mine"

            def build(self, context: BuildContext) -> Launcher:
                built.append(cls())
                return built[-1]

        return Spec

    try:
        run_check(spec_of(Right), check)
        assert_caught(spec_of(launcher), check, message)
    finally:
        for each in built:
            if hasattr(each, "kept"):
                each.kept.close()
