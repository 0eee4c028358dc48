"""The spec base classes, one per kind of component.

A component spec is a small frozen pydantic model: the fields a user may write in a run spec,
each with bounds and a description, and a :meth:`ComponentSpec.build` that makes the working
object. Everything heavy (torch above all) is imported inside ``build``, so listing, validating
and describing components stays fast.

Annotations are objects here, not strings (no ``from __future__ import annotations``), and default
parts are made by ``model_construct``: pydantic resolves the strings anew for each class that
extends one of these, and builds a validator for each part that is made by a call.
"""

import math
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from dakit.files.remote_files import RemoteFiles

if TYPE_CHECKING:  # importing the contracts imports torch
    from dakit.contracts import BuildContext, Domain, DomainPair

MOST, LEAST = 1e30, 1e-30
"""The largest number of any spec, and the smallest but 0.

float32 goes from 1e-38 to 3e38, and numbers are multiplied and divided by.
"""


class SpecPart(BaseModel):
    """A frozen piece of a run spec that forbids unknown keys and NaN."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        validate_default=True,
        defer_build=True,  # a listing needs no validators; each is made when it is first used
    )

    @field_validator("*")
    @classmethod
    def _of_float32(cls, value: Any) -> Any:
        """Refuse numbers that no run can mean: networks compute in float32."""
        for number in value if isinstance(value, tuple) else (value,):
            if isinstance(number, int | float) and not -MOST <= number <= MOST:
                raise ValueError(f"must be between {-MOST:g} and {MOST:g}: networks are float32")
            if isinstance(number, float) and 0 < abs(number) < LEAST:
                raise ValueError(f"must be 0 or at least {LEAST:g} in size: networks are float32")
        return value


def checked_class_names(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return ``names``; ValueError where they are fewer than two, blank, or look alike."""
    if len(names) < 2:
        raise ValueError(f"there must be two classes or more, not {list(names)}")
    shown = [name.strip() for name in names]
    if "" in shown:
        raise ValueError(f"class {shown.index('')} has a blank name: {', '.join(names)}")
    if len(set(shown)) < len(names):
        raise ValueError(f"class names must differ: {', '.join(names)}")
    return names


ClassNames = Annotated[tuple[str, ...], AfterValidator(checked_class_names)]
"""The names of all classes in a spec; blanks around a name do not tell it from another."""


class ComponentSpec(SpecPart):
    """What every component spec has: a name, its kind, and how to build it.

    A kind is a class of this module that says ``kind`` and what goes with it; its hook is
    specified in :mod:`dakit.plugins.hooks`. Concrete specs pin the name:
    ``name: Literal["mmd"] = "mmd"``. The first line of their docstring is the summary that
    ``dakit list-plugins`` shows.
    """

    kind: ClassVar[str]
    kind_label: ClassVar[str]
    """What users read: ``transfer loss``."""
    kind_hook: ClassVar[str]
    """The function of a plugin that offers such components."""
    kind_place: ClassVar[str]
    """Where one stands in a :attr:`kind_file`."""
    kind_part: ClassVar[str]
    """Ends the name of the module of what is built: ``loss`` for ``mmd_loss``."""
    kind_file: ClassVar[str] = "run spec"

    paper: ClassVar[str] = ""
    """The publication the method comes from, for ``dakit info``."""
    waives: ClassVar[Mapping[str, str]] = {}
    """Checks of the conformance kit that cannot hold by design, each with the reason why."""

    implementation: ClassVar[str] = ""
    """``module:Name`` of what :meth:`build` calls; ``.module`` stands beside the spec's own."""

    name: str = Field(description="The component's name, unique among components of its kind.")

    def build(self, context: Any) -> Any:
        """Make the working object from a :class:`dakit.contracts.BuildContext`.

        By default what :attr:`implementation` names, called with this spec and the context.
        Override it where one such call is not enough: what is built depends on the settings, or is
        made of several things. Import what is heavy within.
        """
        module, _, name = self.implementation.partition(":")
        package = type(self).__module__.rpartition(".")[0]
        return getattr(import_module(module, package), name)(self, context)


class Ramp(SpecPart):
    """Raises a weight from 0 to its full value between two moments of training.

    With ``q = clip((p - begin) / (end - begin), 0, 1)`` and training progress ``p`` in [0, 1]:
    ``linear`` gives ``q``; ``sigmoid`` gives ``2 / (1 + exp(-10 q)) - 1`` (Ganin et al. 2016,
    section 5.2.2), divided by its value at ``q = 1`` so that the full weight is reached.
    """

    shape: Literal["linear", "sigmoid"] = Field("linear", description="The form of the rise.")
    begin: float = Field(0.0, ge=0, le=1, description="Progress at which the rise begins.")
    end: float = Field(1.0, ge=0, le=1, description="Progress at which the full weight is reached.")

    @model_validator(mode="after")
    def _ordered(self) -> "Ramp":
        if self.begin > self.end:
            raise ValueError(f"begin ({self.begin}) must not be after end ({self.end})")
        return self

    def factor(self, progress: float) -> float:
        """Return the factor in [0, 1] at training progress ``progress`` in [0, 1]."""
        if progress >= self.end:
            return 1.0
        if progress <= self.begin:  # also of a step, whose end is its begin
            return 0.0
        q = (progress - self.begin) / (self.end - self.begin)
        if self.shape == "linear":
            return q
        return math.tanh(5 * q) / math.tanh(5)  # 2/(1+exp(-10q))-1 = tanh(5q)


class BackboneSpec(ComponentSpec):
    """Base of backbones; ``build`` returns a :class:`dakit.contracts.Backbone`."""

    kind: ClassVar[str] = "backbone"
    kind_label: ClassVar[str] = "backbone"
    kind_hook: ClassVar[str] = "dakit_backbones"
    kind_place: ClassVar[str] = "model.backbone"
    kind_part: ClassVar[str] = "backbone"
    published_head: ClassVar[tuple[int, ...]] = ()
    """Widths of the head's hidden layers in the publication: ``model.head.hidden`` by default."""
    takes_whole_numbers: ClassVar[bool] = False
    """Whether inputs are whole numbers (tokens), which it gets as int64 and not normalised."""

    def to_rebuild(self) -> "BackboneSpec":
        """Return the spec that a saved model is rebuilt from, before its own weights are loaded.

        A backbone whose ``build`` reads a file (of pretrained weights) leaves the file out here:
        the model must load where that file is not.
        """
        return self


class LossSpec(ComponentSpec):
    """What all loss terms share: a weight and an optional ramp of it."""

    short: ClassVar[str] = ""
    """What tables and figures call a method with this term; its name, where this is empty."""
    oracle: ClassVar[str] = ""
    """What its value is tested against, for ``dakit info``."""
    measured: ClassVar[str] = ""
    """What it gained with its defaults, on which data, and where it does harm; likewise."""

    weight: float = Field(1.0, ge=0, description="Factor of this term in the total loss.")
    ramp: Ramp | None = Field(None, description="Raises the weight over the training progress.")


class TaskLossSpec(LossSpec):
    """Base of task losses; ``build`` returns a :class:`dakit.contracts.LossTerm`."""

    kind: ClassVar[str] = "task"
    kind_label: ClassVar[str] = "task loss"
    kind_hook: ClassVar[str] = "dakit_task_losses"
    kind_place: ClassVar[str] = "objective.task"
    kind_part: ClassVar[str] = "loss"


class TransferLossSpec(LossSpec):
    """Base of transfer losses; ``build`` returns a :class:`dakit.contracts.LossTerm`."""

    kind: ClassVar[str] = "transfer"
    kind_label: ClassVar[str] = "transfer loss"
    kind_hook: ClassVar[str] = "dakit_transfer_losses"
    kind_place: ClassVar[str] = "objective.transfer"
    kind_part: ClassVar[str] = "loss"
    discrepancy: ClassVar[bool] = False
    """Whether it is near 0 on identical samples and grows with a shift, which the kit checks."""


class RegularizerSpec(LossSpec):
    """Base of regularizers; ``build`` returns a :class:`dakit.contracts.LossTerm`."""

    kind: ClassVar[str] = "regularizer"
    kind_label: ClassVar[str] = "regularizer"
    kind_hook: ClassVar[str] = "dakit_regularizers"
    kind_place: ClassVar[str] = "objective.regularizers.0"
    kind_part: ClassVar[str] = "loss"


class SplitSpec(SpecPart):
    """Fractions of each domain used for training, validation and testing."""

    train: float = Field(0.7, gt=0, lt=1, description="Fraction of objects used for training.")
    validation: float = Field(0.1, gt=0, lt=1, description="Fraction used to choose the epoch.")
    test: float = Field(0.2, gt=0, lt=1, description="Fraction the reported numbers come from.")
    seed: int | None = Field(
        None, ge=0, description="Seed of the split; by default the seed of the run."
    )
    stratify: Literal["source", "both"] = Field(
        "source",
        description=(
            "Whose classes each part has its share of. both: the target's too, by its labels, so "
            "that every class is tested: for benchmarks, where there are labels."
        ),
    )
    file: Path | None = Field(
        None,
        description=(
            "Rows of the parts instead of fractions, of both domains or of one: the split.npz of a "
            'run, or JSON such as {"target": {"train": [0], "validation": [1], "test": [2]}}.'
        ),
    )

    @model_validator(mode="after")
    def _complete(self) -> "SplitSpec":
        total = self.train + self.validation + self.test
        if not math.isclose(total, 1.0, abs_tol=1e-6):
            raise ValueError(f"train + validation + test must be 1, not {total:g}")
        return self


class NormalizeSpec(SpecPart):
    """How inputs are brought to the network's scale; the statistics travel with the model."""

    method: Literal["none", "standardize", "asinh", "log", "percentile"] = Field(
        "standardize",
        description=(
            "standardize: (x - mean) / sd per channel. asinh and log: compress x / (softening x sd)"
            " first, then standardize. percentile: map [low, high] percentiles to [0, 1]."
        ),
    )
    statistics: Literal["per_domain", "source", "joint"] = Field(
        "per_domain",
        description=(
            "Whose images give the statistics: each domain its own, the source's for both, "
            "or both together."
        ),
    )
    fit_on: Literal["train", "all"] = Field(
        "train",
        description="Training images only, or all (as published in DeepMerge II, which leaks).",
    )
    softening: float = Field(
        1.0, gt=0, description="asinh, log: linear below this many standard deviations."
    )
    low: float = Field(0.5, ge=0, lt=100, description="percentile: the lower one, in percent.")
    high: float = Field(99.5, gt=0, le=100, description="percentile: the upper one, in percent.")

    @model_validator(mode="after")
    def _ordered(self) -> "NormalizeSpec":
        if self.low >= self.high:
            raise ValueError(f"low ({self.low}) must be below high ({self.high})")
        return self


class StrongAugmentSpec(SpecPart):
    """The second view of target inputs, made only where a loss term needs one.

    Applied to normalised inputs, after symmetries drawn anew. ``m`` and ``s`` are mean and
    standard deviation of a channel in the batch: ``m + g (x - m) + noise s n`` with a gain ``g``
    in ``[1 - gain, 1 + gain]`` for each image and channel and ``n`` from N(0, 1); then a box of
    the image (a stretch of a series) becomes ``m``, as in cut-out (DeVries & Taylor 2017).
    """

    noise: float = Field(0.1, ge=0, description="Noise, in standard deviations of the channel.")
    gain: float = Field(0.2, ge=0, le=1, description="Images, series: largest change of gain.")
    erase: float = Field(
        0.5, ge=0, le=1, description="Images, series: largest part of each side that is erased."
    )
    drop: float = Field(0.1, ge=0, lt=1, description="Vectors: share of entries set to the mean.")


class AugmentSpec(SpecPart):
    """Random symmetries applied to training images of both domains, anew every epoch."""

    flips: bool = Field(False, description="Mirror left-right and up-down, each half of the time.")
    quarter_turns: bool = Field(False, description="Turn by 0, 90, 180 or 270 degrees.")
    strong: StrongAugmentSpec = Field(
        StrongAugmentSpec.model_construct(), description="The second view, where a term needs one."
    )


class DatasetSpec(ComponentSpec):
    """Base of datasets; ``build`` returns a :class:`dakit.contracts.DomainPair`."""

    kind: ClassVar[str] = "dataset"
    kind_label: ClassVar[str] = "dataset"
    kind_hook: ClassVar[str] = "dakit_datasets"
    kind_place: ClassVar[str] = "data"
    kind_part: ClassVar[str] = "data"

    split: SplitSpec = Field(
        SplitSpec.model_construct(), description="Training, validation and test fractions."
    )
    normalize: NormalizeSpec = Field(
        NormalizeSpec.model_construct(), description="Scaling of the inputs."
    )
    augment: AugmentSpec = Field(
        AugmentSpec.model_construct(), description="Random symmetries while training."
    )
    balance: bool = Field(
        False,
        description=(
            "Repeat source training images of rarer classes (under random symmetries where the "
            "inputs are images) until all classes are equally frequent."
        ),
    )

    def remote_files(self) -> RemoteFiles | None:
        """Return the files that ``dakit fetch NAME`` brings; none where there are none."""
        return None

    def outline(self, base_dir: Path) -> "DomainPair | None":
        """Check what can be known of the data before inputs are read, for ``dakit validate``.

        Files that are missing, columns that are not there, labels that are no class: whatever
        takes listing folders and reading tables and headers, and no torch, for many specs are
        checked at once. Relative paths start from ``base_dir``.

        Where the shapes are known too, the domains are returned with inputs that have shape and
        type alone (``numpy.broadcast_to(numpy.float32(0), shape)``), and are checked like those
        that ``build`` returns. None, as here, where no more is known.

        Raises:
            InputError: the data are not as they must be; names all that is wrong.
        """
        return None

    def read_inputs(self, paths: Sequence[Path], context: "BuildContext") -> "Domain | None":
        """Read new inputs for ``dakit predict``, without labels, as the trained ones were read.

        ``paths`` are what the user gave, in their order: files or folders, none of them an .npy
        or .npz array, which dakit reads itself. A dataset that knows more formats overrides this
        and applies the settings of this spec (bands, cut-out, resize) but not the normalisation,
        which travels with the model. Where the domains are read in different ways,
        ``context.domain`` says like which. The ids of the domain are those of the predictions.

        With ``context.skip_bad`` inputs that cannot be used are left out, and ``left_out`` of the
        domain names them with the reasons.

        None, as here, says that this dataset has no way of its own to read them.

        Raises:
            InputError: files are missing or not as they must be; names every one.
        """
        return None

    @classmethod
    def published_tables(cls) -> Sequence[Path]:
        """Return files with published numbers on these data, for ``dakit compare``.

        Each is a JSON file as :class:`dakit.spec.reference_table.ReferenceTable` reads it; its
        ``data`` say which settings of the dataset it belongs to.
        """
        return ()


class OptimizerSpec(ComponentSpec):
    """Base of optimizers; ``build`` returns a ``torch.optim.Optimizer`` of ``context.parameters``.

    These are groups, as torch takes them: ``params`` and, to be kept, ``lr_multiplier``. Before
    each step the trainer sets ``lr`` of every group, to what the schedule makes of ``lr`` here
    times that factor. What the optimizer keeps stands in its ``state_dict``.
    """

    kind: ClassVar[str] = "optimizer"
    kind_label: ClassVar[str] = "optimizer"
    kind_hook: ClassVar[str] = "dakit_optimizers"
    kind_place: ClassVar[str] = "optimizer"
    kind_part: ClassVar[str] = "optimizer"
    averages: ClassVar[int] = 0
    """How many numbers it keeps for each weight, at least: what does not fit is refused."""

    lr: float = Field(1e-3, gt=0, le=1e6, description="Peak learning rate.")


class ScheduleSpec(ComponentSpec):
    """Base of schedules; ``build`` returns a :class:`dakit.contracts.Schedule`.

    It is a pure function, so that nothing is stored and a resumed run goes on as it would.
    """

    kind: ClassVar[str] = "schedule"
    kind_label: ClassVar[str] = "schedule"
    kind_hook: ClassVar[str] = "dakit_schedules"
    kind_place: ClassVar[str] = "schedule"
    kind_part: ClassVar[str] = "schedule"


class StoppingSpec(ComponentSpec):
    """Base of stopping rules; ``build`` returns a :class:`dakit.contracts.StoppingRule`."""

    kind: ClassVar[str] = "stopping"
    kind_label: ClassVar[str] = "stopping rule"
    kind_hook: ClassVar[str] = "dakit_stoppings"
    kind_place: ClassVar[str] = "training.early_stopping.rule"
    kind_part: ClassVar[str] = "rule"
    follows_task: ClassVar[bool] = False
    """Whether it sees the task's loss on one random batch of source-validation rows an epoch."""


class ValidatorSpec(ComponentSpec):
    """Base of validators; ``build`` returns a callable that scores a model.

    The callable takes a :class:`dakit.contracts.ValidationView` and returns a float, the better
    the higher. A validator that reads target labels must say so here; its runs are stamped. So
    must one that needs more than the outputs on the validation parts. One that reads nothing of
    the source says ``uses_source = False`` and can score a run without.
    """

    kind: ClassVar[str] = "validator"
    kind_label: ClassVar[str] = "validator"
    kind_hook: ClassVar[str] = "dakit_validators"
    kind_place: ClassVar[str] = "training.selection"
    kind_part: ClassVar[str] = "score"
    uses_target_labels: ClassVar[bool] = False
    uses_source: ClassVar[bool] = True
    needs: ClassVar[frozenset[str]] = frozenset()
    """Of ``train_features``, ``inputs`` and ``network``: what its view holds beyond the outputs."""


class MetricSpec(ComponentSpec):
    """Base of metrics; ``build`` returns a :class:`dakit.contracts.Metric`.

    A run that names it in ``evaluation.metrics`` has its value and interval in results, tables and
    reports, beside those of the metrics that every run has.
    """

    kind: ClassVar[str] = "metric"
    kind_label: ClassVar[str] = "metric"
    kind_hook: ClassVar[str] = "dakit_metrics"
    kind_place: ClassVar[str] = "evaluation.metrics.0"
    kind_part: ClassVar[str] = "metric"
    title: ClassVar[str] = ""
    """What tables and figures call it; its name, where this is empty."""
    higher_is_better: ClassVar[bool] = True
    lowest: ClassVar[float] = 0.0
    """The smallest value that it can have."""
    highest: ClassVar[float] = 1.0
    """The largest one: where all resamples agree, an interval reaches this far at most."""


class FigureSpec(ComponentSpec):
    """Base of figures; ``build`` returns a :class:`dakit.contracts.Draw`.

    Figures are no part of the run id: they are drawn of finished runs.
    """

    kind: ClassVar[str] = "figure"
    kind_label: ClassVar[str] = "figure"
    kind_hook: ClassVar[str] = "dakit_figures"
    kind_place: ClassVar[str] = "figures.0"
    kind_part: ClassVar[str] = "figure"
    caption: ClassVar[str] = ""
    """What stands below it on the page."""


class TrackerSpec(ComponentSpec):
    """Base of trackers; ``build`` returns a :class:`dakit.contracts.Tracker`.

    Trackers are no part of the run id: the numbers of a run do not depend on who is told.
    """

    kind: ClassVar[str] = "tracker"
    kind_label: ClassVar[str] = "tracker"
    kind_hook: ClassVar[str] = "dakit_trackers"
    kind_place: ClassVar[str] = "trackers.0"
    kind_part: ClassVar[str] = "tracker"


class LauncherSpec(ComponentSpec):
    """Base of launchers; ``build`` returns a :class:`dakit.contracts.Launcher`.

    ``dakit sweep --jobs N`` sets the field ``jobs``, where a launcher has it.
    """

    kind: ClassVar[str] = "launcher"
    kind_label: ClassVar[str] = "launcher"
    kind_hook: ClassVar[str] = "dakit_launchers"
    kind_place: ClassVar[str] = "launcher"
    kind_part: ClassVar[str] = "launcher"
    kind_file: ClassVar[str] = "sweep file"


SPEC_BASES: dict[str, type[ComponentSpec]] = {
    base.kind: base
    for base in tuple(vars().values())
    if isinstance(base, type) and issubclass(base, ComponentSpec) and "kind" in vars(base)
}
"""The kinds of component that a plugin may offer, each with the base of its specs."""
