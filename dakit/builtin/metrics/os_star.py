"""The spec of the metric ``os_star``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from dakit import MetricSpec


@final
class OSStarSpec(MetricSpec):
    """Open-set accuracy OS*: the mean over the known classes alone.

    ``OS* = 1/K' sum_{c known} a_c`` as in ``os``. Undefined without a row of a known class.
    """

    title: ClassVar[str] = "OS* (known classes)"
    paper: ClassVar[str] = "Saito et al. 2018, ECCV (OSBP), arXiv:1804.10427"
    implementation: ClassVar[str] = ".os_star_metric:OSStar"

    name: Literal["os_star"] = "os_star"
