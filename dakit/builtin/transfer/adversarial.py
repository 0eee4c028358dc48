"""What losses with a domain classifier behind a gradient reversal share."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, PositiveInt

from dakit import TransferLossSpec


class AdversarialSpec(TransferLossSpec):
    """What all losses with a domain classifier behind a gradient reversal can be set to."""

    schedule: Literal["ganin", "constant"] = Field(
        "ganin", description="How the strength of the reversal goes with training progress."
    )
    reversal: float = Field(
        0.1,
        gt=0,
        description=(
            "Strength of the reversal: constant, or what ganin rises to (published: 1, which costs "
            "a small network several points)."
        ),
    )
    hidden: tuple[PositiveInt, ...] = Field(
        (1024, 1024), description="Widths of the discriminator's hidden layers."
    )
    dropout: float = Field(
        0.5, ge=0, lt=1, description="Dropout after each hidden layer of the discriminator."
    )
    lr_multiplier: float = Field(
        1.0,
        gt=0,
        le=1e6,
        description=(
            "Factor on the learning rate of the discriminator (DeepMerge II: 0.1 by default, 0.01 "
            "in its example)."
        ),
    )
