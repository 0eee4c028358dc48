"""Numbers that say how well a model does, beside those of every run."""

from dakit import MetricSpec
from dakit.builtin.metrics.h_score import HScoreSpec
from dakit.builtin.metrics.os import OSSpec
from dakit.builtin.metrics.os_star import OSStarSpec

SPECS: tuple[type[MetricSpec], ...] = (HScoreSpec, OSSpec, OSStarSpec)
