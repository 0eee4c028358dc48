"""dakit: an extensible domain-adaptation toolkit.

Plugin authors import the spec base classes and :data:`hookimpl` from here; notebooks the functions
that the commands call: :func:`run`, :func:`load_run`, :func:`report`, :func:`compare`,
:func:`choose`, :func:`predict`, :func:`score`, :func:`export`, :func:`inspect`. Importing this
module does not import torch; the first use of one of these does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dakit.components import (
    AugmentSpec,
    BackboneSpec,
    ClassNames,
    ComponentSpec,
    DatasetSpec,
    FigureSpec,
    LauncherSpec,
    LossSpec,
    MetricSpec,
    NormalizeSpec,
    OptimizerSpec,
    Ramp,
    RegularizerSpec,
    ScheduleSpec,
    SpecPart,
    SplitSpec,
    StoppingSpec,
    StrongAugmentSpec,
    TaskLossSpec,
    TrackerSpec,
    TransferLossSpec,
    ValidatorSpec,
)
from dakit.errors import DakitError, InputError, RunError, did_you_mean, first_few
from dakit.files.remote_files import RemoteFile, RemoteFiles
from dakit.lazy import lazily
from dakit.plugins.hooks import hookimpl

if TYPE_CHECKING:
    from dakit.workflows.choose import choose
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
    "ClassNames",
    "ComponentSpec",
    "DakitError",
    "DatasetSpec",
    "FigureSpec",
    "InputError",
    "LauncherSpec",
    "LossSpec",
    "MetricSpec",
    "NormalizeSpec",
    "OptimizerSpec",
    "Ramp",
    "RegularizerSpec",
    "RemoteFile",
    "RemoteFiles",
    "RunError",
    "ScheduleSpec",
    "SpecPart",
    "SplitSpec",
    "StoppingSpec",
    "StrongAugmentSpec",
    "TaskLossSpec",
    "TrackerSpec",
    "TransferLossSpec",
    "ValidatorSpec",
    "__version__",
    "choose",
    "compare",
    "did_you_mean",
    "export",
    "first_few",
    "hookimpl",
    "inspect",
    "load_run",
    "predict",
    "report",
    "run",
    "score",
]

__getattr__, __dir__ = lazily(
    __name__,
    {
        "workflows.choose": "choose",
        "workflows.compare": "compare",
        "workflows.evaluate": "score",
        "workflows.export": "export",
        "workflows.inspect": "inspect",
        "workflows.predict": "predict",
        "workflows.report": "report",
        "workflows.train": "load_run run",
    },
)
"""The functions that import torch."""
