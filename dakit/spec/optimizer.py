"""The optimizer and the learning-rate schedule of a run."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, final

from pydantic import Field

from dakit.components import SpecPart

Beta = Annotated[float, Field(ge=0, lt=1)]


class _Optimizer(SpecPart):
    averages: ClassVar[int]
    """How many numbers it keeps for each weight, at least."""

    lr: float = Field(1e-3, gt=0, le=1e6, description="Peak learning rate.")
    weight_decay: float = Field(
        0.0, ge=0, le=1e6, description="L2 penalty (adam, sgd) or decay (adamw)."
    )


@final
class AdamSpec(_Optimizer):
    """Adam (Kingma & Ba 2015) with coupled weight decay."""

    averages = 2
    name: Literal["adam"] = "adam"
    betas: tuple[Beta, Beta] = Field((0.9, 0.999), description="Decay of the two moments.")
    eps: float = Field(1e-8, gt=0, le=1, description="Added to the root of the second moment.")
    amsgrad: bool = Field(False, description="Use the largest second moment seen so far.")


@final
class AdamWSpec(_Optimizer):
    """Adam with decoupled weight decay (Loshchilov & Hutter 2019)."""

    averages = 2
    name: Literal["adamw"] = "adamw"
    betas: tuple[Beta, Beta] = Field((0.9, 0.999), description="Decay of the two moments.")
    eps: float = Field(1e-8, gt=0, le=1, description="Added to the root of the second moment.")
    amsgrad: bool = Field(False, description="Use the largest second moment seen so far.")


@final
class SGDSpec(_Optimizer):
    """Stochastic gradient descent with momentum."""

    averages = 0
    name: Literal["sgd"] = "sgd"
    momentum: float = Field(0.9, ge=0, lt=1, description="Momentum.")
    nesterov: bool = Field(True, description="Nesterov's form of the momentum.")


OptimizerSpec = Annotated[AdamSpec | AdamWSpec | SGDSpec, Field(discriminator="name")]


@final
class ConstantSpec(SpecPart):
    """The learning rate stays as it is."""

    name: Literal["constant"] = "constant"


@final
class OneCycleSpec(SpecPart):
    """One cycle over the whole training (Smith & Topin 2019): up, down, then far down."""

    name: Literal["one_cycle"] = "one_cycle"
    warmup: float = Field(0.3, gt=0, lt=1, description="Fraction of training spent rising.")
    start_factor: float = Field(0.04, gt=0, le=1, description="Start, as a fraction of the peak.")
    final_factor: float = Field(1e-4, gt=0, le=1, description="End, as a fraction of the start.")


@final
class TriangularSpec(SpecPart):
    """The repeating triangle that DeepMerge II calls one-cycle: lr/10 -> lr -> lr/10."""

    name: Literal["triangular"] = "triangular"
    cycle_length: float = Field(
        5.0, gt=0, description="In epochs; the period is 0.9 of it, as in the published code."
    )
    floor_factor: float = Field(0.1, gt=0, le=1, description="Lowest rate, as a fraction of lr.")


@final
class CosineSpec(SpecPart):
    """Linear warm-up, then half a cosine down to a floor (Loshchilov & Hutter 2017, no restart)."""

    name: Literal["cosine"] = "cosine"
    warmup: float = Field(0.0, ge=0, lt=1, description="Fraction of training spent rising.")
    floor_factor: float = Field(0.0, ge=0, le=1, description="Last rate, as a fraction of lr.")


@final
class InverseSpec(SpecPart):
    """lr (1 + gamma i)^-power with i the step (Ganin et al. 2016 use 10 p for gamma i)."""

    name: Literal["inverse"] = "inverse"
    gamma: float = Field(1e-3, gt=0, description="Decay per step.")
    power: float = Field(0.75, gt=0, description="Exponent.")


ScheduleSpec = Annotated[
    ConstantSpec | OneCycleSpec | TriangularSpec | CosineSpec | InverseSpec,
    Field(discriminator="name"),
]
