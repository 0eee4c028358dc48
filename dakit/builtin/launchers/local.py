"""Several processes at a time on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, final

from pydantic import Field, PositiveInt

from dakit import LauncherSpec

if TYPE_CHECKING:
    from dakit.contracts import BuildContext, Launcher


@final
class LocalSpec(LauncherSpec):
    """Several processes at a time on this machine."""

    name: Literal["local"] = "local"
    jobs: PositiveInt | None = Field(
        None,
        description=(
            "Jobs at a time; null: what the machine carries, which is one per GPU, or without a "
            "GPU one per processor core as long as 2 GB of memory are there for each."
        ),
    )
    threads: PositiveInt | None = Field(
        None,
        description=(
            "Threads of each job; null: the cores shared out evenly, or what OMP_NUM_THREADS says."
        ),
    )

    def build(self, context: BuildContext) -> Launcher:
        """Build the launcher."""
        from dakit.builtin.launchers.local_launcher import LocalLauncher
        from dakit.builtin.launchers.machine import fitting_jobs, job_environments

        jobs = self.jobs or fitting_jobs()
        return LocalLauncher(job_environments(jobs, self.threads))
