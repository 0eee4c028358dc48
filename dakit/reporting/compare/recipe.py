"""What a method is made of: its label comes from the terms, not from run names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from dakit.components import LossSpec
from dakit.errors import InputError
from dakit.plugins import catalog
from dakit.runs.records import Resolved
from dakit.runs.results import Adaptation


@final
@dataclass(frozen=True)
class Recipe:
    """The terms of an objective that have a weight, and whether it starts from another run."""

    task: bool
    transfer: str | None
    regularizers: tuple[str, ...]
    pretrained: bool
    batch_norm: str | None = None
    """The mode of BatchNorm, where nothing but its statistics adapts."""

    @property
    def label(self) -> str:
        """Its terms: noDA, MMD, MMD+fisher; TL+ for transfer learning."""
        begin = ("TL+" if self.pretrained else "") + ("" if self.task else "source-free ")
        terms = [_called("transfer", self.transfer)] if self.transfer else []
        terms += [_called("regularizer", name) for name in self.regularizers]
        alone = f"{self.batch_norm} BatchNorm" if self.batch_norm else "noDA"
        return begin + ("+".join(terms) or alone)


def recipe_of(spec: Resolved, adaptation: Adaptation) -> Recipe:
    """Return the recipe of a resolved run spec, whose run adapts by ``adaptation``."""
    names: dict[str, list[str]] = {"task": [], "transfer": [], "regularizer": []}
    for kind, term in spec.objective.terms:
        names[kind].append(term.name)
    return Recipe(
        task=bool(names["task"]),
        transfer=next(iter(names["transfer"]), None),
        regularizers=tuple(sorted(names["regularizer"])),
        pretrained=spec.init_from is not None,
        batch_norm=None if adaptation.terms else adaptation.batch_norm,
    )


def _called(kind: str, name: str) -> str:
    """Return what the component itself wants to be called in tables."""
    try:
        found = catalog.current().find(kind, name)
    except InputError:  # its plugin is not here any more
        return name
    assert issubclass(found, LossSpec)  # of these kinds
    return found.short or name
