"""The spec of the tracker ``mlflow``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from pydantic import Field

from dakit import TrackerSpec


@final
class MLflow(TrackerSpec):
    """A run in MLflow: the spec as parameters, a point of each number an epoch, metrics at the end.

    Without a server it is kept in ``mlflow.db`` beside the folder of the run:
    ``mlflow ui --backend-store-uri sqlite:///runs/mlflow.db``. A run that goes on goes on in the
    same run of MLflow, whose id stands in the run's folder.
    """

    implementation: ClassVar[str] = ".mlflow_tracker:MLflowRun"

    name: Literal["mlflow"] = "mlflow"
    uri: str | None = Field(
        None,
        description=(
            "Where MLflow keeps its runs, as in http://host:5000; null: what MLFLOW_TRACKING_URI "
            "says, or else mlflow.db beside the folder of the run."
        ),
    )
    experiment: str = Field(
        "dakit", min_length=1, description="The experiment, made where it is not there."
    )
