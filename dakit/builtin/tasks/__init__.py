"""What is learned from the source labels."""

from dakit import TaskLossSpec
from dakit.builtin.tasks.cross_entropy import CrossEntropySpec
from dakit.builtin.tasks.focal import FocalSpec
from dakit.builtin.tasks.logit_adjusted import LogitAdjustedSpec

SPECS: tuple[type[TaskLossSpec], ...] = (CrossEntropySpec, FocalSpec, LogitAdjustedSpec)
