"""The learning rate over a training."""

from dakit import ScheduleSpec
from dakit.builtin.schedules.constant import ConstantSpec
from dakit.builtin.schedules.cosine import CosineSpec
from dakit.builtin.schedules.inverse import InverseSpec
from dakit.builtin.schedules.one_cycle import OneCycleSpec
from dakit.builtin.schedules.triangular import TriangularSpec

SPECS: tuple[type[ScheduleSpec], ...] = (
    ConstantSpec,
    CosineSpec,
    InverseSpec,
    OneCycleSpec,
    TriangularSpec,
)
