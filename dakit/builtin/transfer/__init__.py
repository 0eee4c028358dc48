"""Losses that bring source and target together."""

from dakit import TransferLossSpec
from dakit.builtin.transfer.adda import ADDASpec
from dakit.builtin.transfer.cdan import CDANSpec
from dakit.builtin.transfer.cdd import CDDSpec
from dakit.builtin.transfer.coral import CORALSpec
from dakit.builtin.transfer.daan import DAANSpec
from dakit.builtin.transfer.dann import DANNSpec
from dakit.builtin.transfer.energy import EnergySpec
from dakit.builtin.transfer.homm import HoMMSpec
from dakit.builtin.transfer.jan import JANSpec
from dakit.builtin.transfer.lmmd import LMMDSpec
from dakit.builtin.transfer.mcd import MCDSpec
from dakit.builtin.transfer.mdd import MDDSpec
from dakit.builtin.transfer.mfsan import MFSANSpec
from dakit.builtin.transfer.mmd import MMDSpec
from dakit.builtin.transfer.moment_matching import MomentMatchingSpec
from dakit.builtin.transfer.nrc import NRCSpec
from dakit.builtin.transfer.osbp import OSBPSpec
from dakit.builtin.transfer.pada import PADASpec
from dakit.builtin.transfer.semantic_alignment import SemanticAlignmentSpec
from dakit.builtin.transfer.shot import SHOTSpec
from dakit.builtin.transfer.tent import TentSpec
from dakit.builtin.transfer.wdgrl import WDGRLSpec

SPECS: tuple[type[TransferLossSpec], ...] = (
    ADDASpec,
    CDANSpec,
    CDDSpec,
    CORALSpec,
    DAANSpec,
    DANNSpec,
    EnergySpec,
    HoMMSpec,
    JANSpec,
    LMMDSpec,
    MCDSpec,
    MDDSpec,
    MFSANSpec,
    MMDSpec,
    MomentMatchingSpec,
    NRCSpec,
    OSBPSpec,
    PADASpec,
    SemanticAlignmentSpec,
    SHOTSpec,
    TentSpec,
    WDGRLSpec,
)
