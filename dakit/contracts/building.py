"""What components are built from, and the backbone."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, final

from torch import Tensor, nn

from dakit.contracts.seeding import seeded
from dakit.contracts.sides import Side


@final
@dataclass(frozen=True)
class BuildContext:
    """What a component may want to know when it is built.

    A dataset is built first, when the shapes are not known yet: it sees the seed and ``base_dir``
    only. A backbone sees ``input_shape``; loss terms see everything.
    """

    seed: int
    input_shape: tuple[int, ...] = ()
    """Shape of one input, without the batch."""
    feature_dim: int = 0
    num_classes: int = 0
    class_counts: tuple[int, ...] = ()
    """Source training images of each class; for loss terms."""
    base_dir: Path = field(default_factory=Path.cwd)
    """Folder that relative paths in the spec start from."""
    source_size: int = 0
    """Rows of the source's training part: a term's ``indices`` are below it."""
    target_size: int = 0
    """Rows of the target's training part."""
    num_source_domains: int = 1
    make_head: Callable[[int, int], nn.Module] = nn.Linear
    """From the width of the features and the number of classes to a head like the model's."""
    parameters: Sequence[dict[str, Any]] = ()
    """The groups of what an optimizer is to move, each with ``params`` and ``lr_multiplier``."""
    domain: Side = "target"
    """Whose images new inputs are read like; for ``DatasetSpec.read_inputs``."""
    skip_bad: bool = False
    """Whether new inputs that cannot be used are left out; for ``DatasetSpec.read_inputs``."""

    def new_head(self, purpose: str = "extra head") -> nn.Module:
        """Return a new head like the model's: features ``(B, D)`` to logits ``(B, C)``.

        Its weights follow from ``seed`` and ``purpose`` alone.
        """
        with seeded(self.seed, purpose):
            return self.make_head(self.feature_dim, self.num_classes)


class Backbone(nn.Module, ABC):
    """Abstract base of networks from inputs ``(B, *input_shape)`` to features ``(B, D)``."""

    feature_dim: int
    """D, the number of features."""

    @abstractmethod
    def forward(self, inputs: Tensor) -> Tensor:
        """Return the features ``(B, feature_dim)`` of ``inputs`` ``(B, *input_shape)``."""

    def lr_multiplier(self, parameter_name: str) -> float:
        """Return the factor on the learning rate of one of this module's parameters."""
        return 1.0
