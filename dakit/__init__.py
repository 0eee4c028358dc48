"""dakit: an extensible domain-adaptation toolkit.

Plugin authors import the spec base classes and :data:`hookimpl` from here. Importing this
module does not import torch; :func:`run` and :func:`load_run` do so when first called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dakit.components import (
    AugmentSpec,
    BackboneSpec,
    ComponentSpec,
    DatasetSpec,
    LauncherSpec,
    LossSpec,
    NormalizeSpec,
    Ramp,
    RegularizerSpec,
    SpecPart,
    SplitSpec,
    StrongAugmentSpec,
    TaskLossSpec,
    TransferLossSpec,
    ValidatorSpec,
)
from dakit.errors import DakitError, InputError, RunError
from dakit.hookspecs import hookimpl
from dakit.remote_files import RemoteFile, RemoteFiles

if TYPE_CHECKING:
    from dakit.experiment import load_run, run

__version__ = "0.1.0"

__all__ = [
    "AugmentSpec",
    "BackboneSpec",
    "ComponentSpec",
    "DakitError",
    "DatasetSpec",
    "InputError",
    "LauncherSpec",
    "LossSpec",
    "NormalizeSpec",
    "Ramp",
    "RegularizerSpec",
    "RemoteFile",
    "RemoteFiles",
    "RunError",
    "SpecPart",
    "SplitSpec",
    "StrongAugmentSpec",
    "TaskLossSpec",
    "TransferLossSpec",
    "ValidatorSpec",
    "__version__",
    "hookimpl",
    "load_run",
    "run",
]


def __getattr__(name: str) -> Any:
    if name in {"run", "load_run"}:
        from dakit import experiment

        return getattr(experiment, name)
    raise AttributeError(f"module 'dakit' has no attribute {name!r}")
