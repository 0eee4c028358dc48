"""Further terms of the total loss."""

from dakit import RegularizerSpec
from dakit.builtin.regularizers.afn import AFNSpec
from dakit.builtin.regularizers.bbse import BBSESpec
from dakit.builtin.regularizers.bnm import BNMSpec
from dakit.builtin.regularizers.bsp import BSPSpec
from dakit.builtin.regularizers.center_alignment import CenterAlignmentSpec
from dakit.builtin.regularizers.consistency import ConsistencySpec
from dakit.builtin.regularizers.entropy import EntropySpec
from dakit.builtin.regularizers.fisher import FisherSpec
from dakit.builtin.regularizers.fixmatch import FixMatchSpec
from dakit.builtin.regularizers.information_maximization import InformationMaximizationSpec
from dakit.builtin.regularizers.mcc import MCCSpec
from dakit.builtin.regularizers.mean_teacher import MeanTeacherSpec
from dakit.builtin.regularizers.mixup import MixupSpec
from dakit.builtin.regularizers.pseudo_labels import PseudoLabelsSpec
from dakit.builtin.regularizers.saerens import SaerensSpec
from dakit.builtin.regularizers.vat import VATSpec

SPECS: tuple[type[RegularizerSpec], ...] = (
    AFNSpec,
    BBSESpec,
    BNMSpec,
    BSPSpec,
    CenterAlignmentSpec,
    ConsistencySpec,
    EntropySpec,
    FisherSpec,
    FixMatchSpec,
    InformationMaximizationSpec,
    MCCSpec,
    MeanTeacherSpec,
    MixupSpec,
    PseudoLabelsSpec,
    SaerensSpec,
    VATSpec,
)
