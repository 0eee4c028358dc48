"""What all methods that bring features together before they are classified can be set to."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from dakit import TransferLossSpec


class MappingSpec(TransferLossSpec):
    """The classifier that is fitted to the source features once they are like the target's."""

    classifier: Literal["logistic", "nearest_neighbour"] = Field(
        "logistic", description="What learns the classes, as the tasks of these names."
    )
    inverse_regularization: float = Field(
        0.01, gt=0, description="logistic: C of scikit-learn, the smaller the stronger."
    )


class ComponentsSpec(MappingSpec):
    """The same in a subspace of few dimensions."""

    components: int = Field(
        30, ge=1, description="Dimensions of the subspace; at most those that the rows span."
    )
    unit_length: bool = Field(
        False, description="Divide each projected row by its length before it is classified."
    )
