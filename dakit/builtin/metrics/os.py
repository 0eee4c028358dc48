"""The spec of the metric ``os``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from dakit import MetricSpec


@final
class OSSpec(MetricSpec):
    """Open-set accuracy OS: the mean over the known classes and the unknown, which is one class.

    Known are the classes of which the source has training rows, of which there are ``K'`` among
    the labels; rows of any other class are unknown, and found where any such class is predicted.
    With the share ``a_c`` of the rows of class ``c`` that are right and ``u`` of the unknown ones
    that are found::

        OS = (sum_{c known} a_c + u) / (K' + 1)

    Undefined without a row of an unknown class.
    """

    title: ClassVar[str] = "OS (open set)"
    paper: ClassVar[str] = "Saito et al. 2018, ECCV (OSBP), arXiv:1804.10427"
    implementation: ClassVar[str] = ".os_metric:OS"

    name: Literal["os"] = "os"
