"""The spec of the task ``nearest_neighbour``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from dakit import TaskLossSpec


@final
class NearestNeighbour(TaskLossSpec):
    """The class of the nearest source row, without adaptation.

    With the squared distance ``d_c`` of features ``z`` to the nearest source row of class ``c``
    (Cover & Hart 1967), and the mean ``s`` of the squared distances of the source rows to their
    common mean divided by 10::

        logit_c = -d_c / s

    so that the class is that of the nearest row; the probabilities are soft and not calibrated.
    It is fitted at the end of an epoch and has no loss: ``weight`` and ``ramp`` do nothing.
    """

    paper: ClassVar[str] = "Cover & Hart 1967, IEEE Trans. Inf. Theory 13, 21"
    short: ClassVar[str] = "1-NN"
    oracle: ClassVar[str] = (
        "scikit-learn's KNeighborsClassifier; the 12 published numbers of Office-Caltech10"
    )
    measured: ClassVar[str] = "31.4 % in the mean of 12 tasks of Office-Caltech10 (SURF)"
    implementation: ClassVar[str] = ".nearest_neighbour_loss:NearestNeighbourTask"

    name: Literal["nearest_neighbour"] = "nearest_neighbour"
