"""What components do at run time: the interfaces between plugins and the trainer.

A plugin's torch modules import from here; its light ``plugin.py`` imports from :mod:`dakit`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dakit.lazy import lazily

if TYPE_CHECKING:
    from dakit.contracts.batch import (
        Batch,
        Need,
        SourceSide,
        StepNetwork,
        TargetSide,
        Teacher,
        View,
        empty_source,
        empty_target,
    )
    from dakit.contracts.building import Backbone, BuildContext
    from dakit.contracts.data import (
        Domain,
        DomainPair,
        DomainSplit,
        PairSplit,
        Provenance,
        no_source,
    )
    from dakit.contracts.drawing import Draw, DrawnRun, Predictions
    from dakit.contracts.gradient_reversal import ganin_strength, reverse_gradient
    from dakit.contracts.launching import Job, JobUpdate, Launcher
    from dakit.contracts.losses import EpochView, LogitPredictor, LossTerm, PartView
    from dakit.contracts.measuring import Metric
    from dakit.contracts.phases import Phase
    from dakit.contracts.scheduling import Schedule
    from dakit.contracts.seeding import seeded
    from dakit.contracts.sides import PARTS, SIDES, Part, Side
    from dakit.contracts.stopping import History, StoppingRule
    from dakit.contracts.tracking import TrackedRun, Tracker
    from dakit.contracts.validation import (
        VALIDATOR_NEEDS,
        ValidationView,
        Validator,
        ValidatorNeed,
    )
    from dakit.randomness import derived_seed

__all__ = [
    "PARTS",
    "SIDES",
    "VALIDATOR_NEEDS",
    "Backbone",
    "Batch",
    "BuildContext",
    "Domain",
    "DomainPair",
    "DomainSplit",
    "Draw",
    "DrawnRun",
    "EpochView",
    "History",
    "Job",
    "JobUpdate",
    "Launcher",
    "LogitPredictor",
    "LossTerm",
    "Metric",
    "Need",
    "PairSplit",
    "Part",
    "PartView",
    "Phase",
    "Predictions",
    "Provenance",
    "Schedule",
    "Side",
    "SourceSide",
    "StepNetwork",
    "StoppingRule",
    "TargetSide",
    "Teacher",
    "TrackedRun",
    "Tracker",
    "ValidationView",
    "Validator",
    "ValidatorNeed",
    "View",
    "derived_seed",
    "empty_source",
    "empty_target",
    "ganin_strength",
    "no_source",
    "reverse_gradient",
    "seeded",
]

__getattr__, __dir__ = lazily(
    __name__,
    {
        ".randomness": "derived_seed",
        "batch": (
            "Batch Need SourceSide StepNetwork TargetSide Teacher View empty_source empty_target"
        ),
        "building": "Backbone BuildContext",
        "data": "Domain DomainPair DomainSplit PairSplit Provenance no_source",
        "drawing": "Draw DrawnRun Predictions",
        "gradient_reversal": "ganin_strength reverse_gradient",
        "launching": "Job JobUpdate Launcher",
        "losses": "EpochView LogitPredictor LossTerm PartView",
        "measuring": "Metric",
        "phases": "Phase",
        "scheduling": "Schedule",
        "seeding": "seeded",
        "sides": "PARTS SIDES Part Side",
        "stopping": "History StoppingRule",
        "tracking": "TrackedRun Tracker",
        "validation": "VALIDATOR_NEEDS ValidationView Validator ValidatorNeed",
    },
)
"""Those of data need no torch."""
