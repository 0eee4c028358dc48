"""The component under test, and what it is built with."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, final

import torch
from torch import nn

from dakit.components import ComponentSpec
from dakit.contracts import BuildContext
from dakit.plugins.checks import component_name

FEATURES, CLASSES = 6, 3
"""The width of the features and the number of classes that the kit's batches have."""
DOMAINS = 2
"""The number of source domains of the kit's batches."""
SIZE = 64
"""Rows of each training part that the kit's batches are from."""


@final
class Subject:
    """A component spec class with the values that its spec is made of.

    ``example`` gives values for fields, those without a default above all. Two subjects are
    equal only if they are the same one.
    """

    def __init__(
        self, spec_class: type[ComponentSpec], example: Mapping[str, Any] | None = None
    ) -> None:
        self.spec_class = spec_class
        self.example: Mapping[str, Any] = MappingProxyType(dict(example or {}))

    @property
    def label(self) -> str:
        """Kind and name, as in ``transfer mmd``."""
        return f"{self.spec_class.kind} {component_name(self.spec_class)}"

    @property
    def missing(self) -> list[str]:
        """Names of the fields that have no default and no example."""
        fields = self.spec_class.model_fields.items()
        return [
            name
            for name, field in fields
            if field.is_required() and not {name, field.alias} & set(self.example)
        ]

    def spec(self) -> ComponentSpec:
        """Return a spec with the example's values and the defaults for all others."""
        return self.spec_class.model_validate(dict(self.example))

    def build(self, context: BuildContext | None = None) -> Any:
        """Return what the spec builds, by default in the context of the kit's batches."""
        return self.spec().build(loss_context() if context is None else context)


def loss_context(seed: int = 1) -> BuildContext:
    """Return what a loss term is built with, and an optimizer."""
    return BuildContext(
        seed=seed,
        input_shape=(FEATURES,),
        feature_dim=FEATURES,
        num_classes=CLASSES,
        class_counts=tuple(len(range(c, SIZE, CLASSES)) for c in range(CLASSES)),
        base_dir=nowhere(),
        source_size=SIZE,
        target_size=SIZE,
        num_source_domains=DOMAINS,
        parameters=[{"params": [nn.Parameter(torch.ones(FEATURES))], "lr_multiplier": 1.0}],
    )


def nowhere() -> Path:
    """Return the folder that relative paths of an example start from."""
    return Path(tempfile.gettempdir())
