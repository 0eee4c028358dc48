"""What is learned from the source labels."""

from dakit import TaskLossSpec
from dakit.builtin.tasks.cross_entropy import CrossEntropySpec

SPECS: tuple[type[TaskLossSpec], ...] = (CrossEntropySpec,)
