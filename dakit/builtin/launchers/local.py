"""The spec of the launcher ``local``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from pydantic import Field, PositiveInt

from dakit import LauncherSpec


@final
class LocalSpec(LauncherSpec):
    """Several processes at a time on this machine."""

    implementation: ClassVar[str] = ".local_launcher:launch_here"

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
