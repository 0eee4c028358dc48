"""What a loss says of itself is what the page of methods measured."""

from __future__ import annotations

import re

import pytest
from documentation_pages import ROOT

from dakit import LossSpec
from dakit.plugins import catalog

HARM = -0.03
KINDS = ("task", "transfer", "regularizer")
PAGE = (ROOT / "docs" / "methods.md").read_text()


def losses() -> dict[str, type[LossSpec]]:
    offered = [c for kind in KINDS for c in catalog.current().components(kind)]
    return {c.name: c.spec_class for c in offered}  # type: ignore[misc]


def table() -> dict[str, dict[str, str]]:
    """Each row of the measured table, by the name of its method."""
    lines = PAGE[PAGE.index("| method | digits_shift |") :].split("\n\n")[0].splitlines()
    head, _, _, *rows = [[cell.strip(" *`") for cell in line.split("|")[1:-1]] for line in lines]
    return {row[0]: dict(zip(head[1:], row[1:], strict=True)) for row in rows}


ROWS = table()


@pytest.mark.parametrize("name", losses())
def test_every_shipped_loss_names_paper_oracle_and_data(name: str) -> None:
    spec_class = losses()[name]
    assert spec_class.paper
    assert spec_class.oracle
    assert spec_class.measured


@pytest.mark.parametrize("name", ROWS)
def test_what_info_says_is_the_row_of_the_table(name: str) -> None:
    row = dict(ROWS[name])
    average, seeds = row.pop("mean"), row.pop("seeds")
    plural = "seed" if seeds == "1" else "seeds"
    said = losses()[name].measured
    assert said.startswith(f"{average} in the mean of {len(row)} small tasks, {seeds} {plural}")
    harmed = dict(re.findall(r"(\w+) (-0\.\d+)", said.partition(";")[0]))
    assert harmed == {task: gain for task, gain in row.items() if gain and float(gain) < HARM}


def test_only_what_is_for_another_problem_does_harm_in_the_mean() -> None:
    harmful = [name for name, row in ROWS.items() if float(row["mean"]) < HARM]
    assert [name for name in harmful if "; it is for targets " not in losses()[name].measured] == []
