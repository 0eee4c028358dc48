"""dakit: an extensible domain-adaptation toolkit.

Plugin authors import the spec base classes and :data:`hookimpl` from here; notebooks the functions
that the commands call: :func:`run`, :func:`load_run`, :func:`report`, :func:`compare`,
:func:`predict`, :func:`score`, :func:`export`, :func:`inspect`. Importing this module does not
import torch; the first use of one of these does.
"""

from __future__ import annotations

from importlib import import_module
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
from dakit.errors import DakitError, InputError, RunError, did_you_mean
from dakit.files.remote_files import RemoteFile, RemoteFiles
from dakit.plugins.hooks import hookimpl

if TYPE_CHECKING:
    from dakit.workflows.compare import compare
    from dakit.workflows.evaluate import score
    from dakit.workflows.export import export
    from dakit.workflows.inspect import inspect
    from dakit.workflows.predict import predict
    from dakit.workflows.report import report
    from dakit.workflows.train import load_run, run

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
    "compare",
    "did_you_mean",
    "export",
    "hookimpl",
    "inspect",
    "load_run",
    "predict",
    "report",
    "run",
    "score",
]

_MODULES = {
    "compare": "compare",
    "export": "export",
    "inspect": "inspect",
    "load_run": "train",
    "predict": "predict",
    "report": "report",
    "run": "train",
    "score": "evaluate",
}
"""Where the functions live that import torch."""


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f"dakit.workflows.{_MODULES[name]}"), name)
    raise AttributeError(f"module 'dakit' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULES})
