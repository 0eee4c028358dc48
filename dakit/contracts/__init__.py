"""What components do at run time: the interfaces between plugins and the trainer.

A plugin's torch modules import from here; its light ``plugin.py`` imports from :mod:`dakit`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from dakit.randomness import derived_seed

if TYPE_CHECKING:
    from dakit.contracts.batch import Batch, Need, SourceSide, TargetSide, View, empty_target
    from dakit.contracts.building import Backbone, BuildContext
    from dakit.contracts.data import Domain, DomainPair, DomainSplit, PairSplit, Provenance
    from dakit.contracts.gradient_reversal import ganin_strength, reverse_gradient
    from dakit.contracts.launching import Job, JobUpdate, Launcher
    from dakit.contracts.losses import EpochView, LossTerm
    from dakit.contracts.seeding import seeded
    from dakit.contracts.validation import ValidationView, Validator

__all__ = [
    "Backbone",
    "Batch",
    "BuildContext",
    "Domain",
    "DomainPair",
    "DomainSplit",
    "EpochView",
    "Job",
    "JobUpdate",
    "Launcher",
    "LossTerm",
    "Need",
    "PairSplit",
    "Provenance",
    "SourceSide",
    "TargetSide",
    "ValidationView",
    "Validator",
    "View",
    "derived_seed",
    "empty_target",
    "ganin_strength",
    "reverse_gradient",
    "seeded",
]

_MODULES = {
    "Backbone": "building",
    "Batch": "batch",
    "BuildContext": "building",
    "Domain": "data",
    "DomainPair": "data",
    "DomainSplit": "data",
    "EpochView": "losses",
    "Job": "launching",
    "JobUpdate": "launching",
    "Launcher": "launching",
    "LossTerm": "losses",
    "Need": "batch",
    "PairSplit": "data",
    "Provenance": "data",
    "SourceSide": "batch",
    "TargetSide": "batch",
    "ValidationView": "validation",
    "Validator": "validation",
    "View": "batch",
    "empty_target": "batch",
    "ganin_strength": "gradient_reversal",
    "reverse_gradient": "gradient_reversal",
    "seeded": "seeding",
}
"""Where each stands; those of data need no torch."""


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f"dakit.contracts.{_MODULES[name]}"), name)
    raise AttributeError(f"module 'dakit.contracts' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULES})
