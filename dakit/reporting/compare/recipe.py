"""What a method is made of: its label and its colour come from the terms, not from run names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

from dakit.reporting import palette
from dakit.runs.records import Resolved
from dakit.runs.results import Adaptation

SHORT = {"mmd": "MMD", "dann": "ADA"}
"""How the poster of DeepMerge II calls the transfer losses; others keep their name."""

COLOURS = {
    ("", False): palette.NAVY,
    ("mmd", False): palette.PURPLE,
    ("mmd", True): palette.DARK_PURPLE,
    ("dann", False): palette.YELLOW,
    ("dann", True): palette.PINK,
}
"""By transfer loss and whether the Fisher loss is added, as on the poster."""

TRANSFER_LEARNING = {("mmd", False): palette.YELLOW}
"""With weights from another run, as in the poster's simulation-to-real figures."""

FURTHER = tuple(c for c in palette.CLASSES if c not in COLOURS.values())


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
    def rank(self) -> int:
        """Its place on the poster; what is not on it comes last."""
        order = list(COLOURS)
        key = self.on_the_poster
        return order.index(key) if key in order else len(order)

    @property
    def label(self) -> str:
        """The poster's name of it: noDA, MMD, MMD+F, ADA, ADA+F; TL+ for transfer learning."""
        begin = ("TL+" if self.pretrained else "") + ("" if self.task else "source-free ")
        if self.transfer is None:
            alone = f"{self.batch_norm} BatchNorm" if self.batch_norm else "noDA"
            return begin + ("+".join(self.regularizers) or alone)
        both = set(self.regularizers) == {"fisher", "entropy"}
        further = "+F" if both else "".join(f"+{name}" for name in self.regularizers)
        return begin + SHORT.get(self.transfer, self.transfer) + further

    @property
    def on_the_poster(self) -> tuple[str, bool]:
        """Its transfer loss and whether the Fisher loss is added: a key of COLOURS, or none."""
        if self.transfer is None:
            return ("", bool(self.regularizers or self.batch_norm))
        return (self.transfer, "fisher" in self.regularizers)


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


def colours(recipes: Sequence[Recipe]) -> list[str]:
    """Return a colour for each method of an experiment, no two the same while there are enough.

    The poster's colours go to the first method they are meant for, those of methods without
    transfer learning first; every other method gets a further one.
    """
    chosen: dict[int, str] = {}
    for meant, pretrained in ((COLOURS, False), (TRANSFER_LEARNING, True), (COLOURS, True)):
        for number, recipe in enumerate(recipes):
            colour = meant.get(recipe.on_the_poster)
            fits = recipe.pretrained == pretrained and number not in chosen
            if fits and colour and colour not in chosen.values():
                chosen[number] = colour
    spare = [c for c in (*FURTHER, *palette.CLASSES) if c not in chosen.values()] or [palette.MUTED]
    rest = [number for number in range(len(recipes)) if number not in chosen]
    chosen.update({number: spare[i % len(spare)] for i, number in enumerate(rest)})
    return [chosen[number] for number in range(len(recipes))]
