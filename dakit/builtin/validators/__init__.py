"""Scores that choose the epoch a run keeps."""

from dakit import ValidatorSpec
from dakit.builtin.validators.bnm import BNMSpec
from dakit.builtin.validators.class_ami import ClassAMISpec
from dakit.builtin.validators.dev import DEVSpec
from dakit.builtin.validators.information_maximization import InformationMaximizationSpec
from dakit.builtin.validators.iwv import IWVSpec
from dakit.builtin.validators.last import LastSpec
from dakit.builtin.validators.mano import MaNoSpec
from dakit.builtin.validators.mixval import MixValSpec
from dakit.builtin.validators.oracle import OracleSpec
from dakit.builtin.validators.proxy_distance import ProxyDistanceSpec
from dakit.builtin.validators.silhouette import SilhouetteSpec
from dakit.builtin.validators.snd import SNDSpec
from dakit.builtin.validators.source_accuracy import SourceAccuracySpec
from dakit.builtin.validators.source_loss import SourceLossSpec
from dakit.builtin.validators.target_entropy import TargetEntropySpec
from dakit.builtin.validators.transfer_score import TransferScoreSpec

SPECS: tuple[type[ValidatorSpec], ...] = (
    BNMSpec,
    ClassAMISpec,
    DEVSpec,
    InformationMaximizationSpec,
    IWVSpec,
    LastSpec,
    MaNoSpec,
    MixValSpec,
    OracleSpec,
    ProxyDistanceSpec,
    SilhouetteSpec,
    SNDSpec,
    SourceAccuracySpec,
    SourceLossSpec,
    TargetEntropySpec,
    TransferScoreSpec,
)
