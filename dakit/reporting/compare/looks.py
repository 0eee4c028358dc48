"""How publications call and draw the methods of runs on their data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, final

from dakit.reporting import palette
from dakit.reporting.compare.published import published_rows
from dakit.reporting.compare.recipe import Recipe
from dakit.spec.reference_table import ReferenceTable


@final
@dataclass(frozen=True)
class Looks:
    """Label and colour of each method that a publication draws, in its order."""

    known: Mapping[Recipe, tuple[str, str]] = field(default_factory=dict)

    def label(self, recipe: Recipe) -> str:
        """Return what the publication calls it, or else its terms; TL+ for transfer learning."""
        if recipe in self.known:
            return self.known[recipe][0]
        if recipe.pretrained and _fresh(recipe) in self.known:
            return f"TL+{self.known[_fresh(recipe)][0]}"
        return recipe.label

    def rank(self, recipe: Recipe) -> int:
        """Return its place in the publication, whatever it starts from; others come last."""
        order = list(self.known)
        known = _fresh(recipe) if _fresh(recipe) in self.known else recipe
        return order.index(known) if known in self.known else len(order)

    def colours(self, recipes: Sequence[Recipe]) -> list[str]:
        """Return a colour for each method, no two the same while there are enough.

        A published colour goes to the first method it is meant for, to those without transfer
        learning first; every other method gets the next free one.
        """
        chosen: dict[int, str] = {}
        for number, recipe in sorted(enumerate(recipes), key=lambda pair: pair[1].pretrained):
            meant = [self.known[each][1] for each in (recipe, _fresh(recipe)) if each in self.known]
            free = [colour for colour in meant if colour not in chosen.values()]
            if free:
                chosen[number] = free[0]
        published = {colour for _, colour in self.known.values()}
        order = sorted(palette.CLASSES, key=lambda colour: colour in published)
        spare = [c for c in order if c not in chosen.values()] or [palette.MUTED]
        rest = [number for number in range(len(recipes)) if number not in chosen]
        chosen.update({number: spare[i % len(spare)] for i, number in enumerate(rest)})
        return [chosen[number] for number in range(len(recipes))]


def looks_of(tables: Iterable[ReferenceTable], data: dict[str, Any]) -> Looks:
    """Return the looks of the ``tables`` on the dataset of ``data``, those on the same data first.

    ``data`` is the data part of a resolved run spec. Rows without a colour say nothing here.
    """
    same = [table for table in tables if table.data.get("name") == data["name"]]
    same.sort(key=lambda table: not table.belongs_to(data))
    known: dict[Recipe, tuple[str, str]] = {}
    for row in published_rows(same):
        if row.method.colour is not None:
            known.setdefault(row.recipe, (row.method.method, row.method.colour))
    return Looks(known)


def _fresh(recipe: Recipe) -> Recipe:
    return replace(recipe, pretrained=False)
