"""The spec of the metric ``h_score``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from dakit import MetricSpec


@final
class HScoreSpec(MetricSpec):
    """H-score of open sets: high where the known classes are right and the unknown is found.

    ``H = 2 OS* u / (OS* + u)``, the harmonic mean of the accuracies of the known classes and of
    the unknown, as in ``os`` and ``os_star``. In OS the unknown counts as one class of many: a
    model that finds none can have a high OS, and has the H-score 0. Undefined without rows of both.
    """

    title: ClassVar[str] = "H-score"
    paper: ClassVar[str] = "Fu et al. 2020, ECCV (CMU)"
    implementation: ClassVar[str] = ".h_score_metric:HScore"

    name: Literal["h_score"] = "h_score"
