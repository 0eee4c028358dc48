"""Scores that choose the epoch a run keeps."""

from dakit import ValidatorSpec
from dakit.builtin.validators.information_maximization import InformationMaximizationSpec
from dakit.builtin.validators.oracle import OracleSpec
from dakit.builtin.validators.source_accuracy import SourceAccuracySpec
from dakit.builtin.validators.source_loss import SourceLossSpec
from dakit.builtin.validators.target_entropy import TargetEntropySpec

SPECS: tuple[type[ValidatorSpec], ...] = (
    InformationMaximizationSpec,
    OracleSpec,
    SourceAccuracySpec,
    SourceLossSpec,
    TargetEntropySpec,
)
