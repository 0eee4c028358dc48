"""The loss terms that the contract's page shows keep the contract."""

from __future__ import annotations

import dataclasses
import re
import sys
from inspect import signature
from types import ModuleType
from typing import Any, Literal

import documentation_pages as pages
import pytest
from documentation_pages import ROOT

from dakit import TransferLossSpec
from dakit.contracts import (
    BuildContext,
    Domain,
    DomainPair,
    EpochView,
    LossTerm,
    Provenance,
    ValidationView,
)
from dakit.testing import Skipped
from dakit.testing.check import Check
from dakit.testing.kit import LOSS
from dakit.testing.subject import Subject

PAGE = ModuleType("contract_page")
sys.modules[PAGE.__name__] = PAGE  # where pickle finds its classes
for block in pages.blocks(ROOT / "docs" / "contract.md"):
    if block.language == "python":
        exec(compile(block.text, block.place, "exec"), vars(PAGE))

TERMS: list[type[LossTerm]] = [
    shown
    for shown in vars(PAGE).values()
    if isinstance(shown, type) and issubclass(shown, LossTerm) and shown is not LossTerm
]


class Shown(TransferLossSpec):
    """A term of the page."""

    name: Literal["shown"] = "shown"

    def build(self, context: BuildContext) -> Any: ...


def test_the_page_shows_terms() -> None:
    assert {"SecondOpinion", "Critic"} <= {term.__name__ for term in TERMS}


def test_the_tables_name_every_member_and_field() -> None:
    text = (ROOT / "docs" / "contract.md").read_text(encoding="utf-8")
    told = text.partition("\n## A loss term at a glance\n")[2].partition("\n## ")[0]
    columns = "".join(line.split(" | ")[0] for line in told.splitlines() if line[:1] == "|")
    members = {name for name in vars(LossTerm) if not name.startswith("_")}
    fields = {each.name for each in dataclasses.fields(BuildContext)} | {"new_head"}
    assert set(re.findall(r"`(\w+)", columns)) == members | fields


@pytest.mark.parametrize("shown", [DomainPair, Domain, Provenance, ValidationView, EpochView])
def test_the_tables_name_every_field_of_what_a_component_returns_and_sees(shown: type) -> None:
    text = (ROOT / "docs" / "contract.md").read_text(encoding="utf-8")
    told = re.split(rf"\b[Aa]n? `{shown.__name__}`(?:, [^\n]*)?:\n", text)[1]
    table = told.lstrip().partition("\n\n")[0]
    columns = "".join(line.split(" | ")[0] for line in table.splitlines() if line[:1] == "|")
    if dataclasses.is_dataclass(shown):
        fields = {each.name for each in dataclasses.fields(shown)}
    else:  # an EpochView computes its sides when they are asked for
        fields = {"epoch", "progress", *(n for n in vars(shown) if not n.startswith("_"))}
    assert set(re.findall(r"`(\w+)", columns)) == fields


@pytest.mark.parametrize("check", LOSS, ids=lambda check: str(check.name))
@pytest.mark.parametrize("term", TERMS, ids=lambda term: str(term.__name__))
def test_a_term_of_the_page_passes_the_kit(term: type[LossTerm], check: Check) -> None:
    class Spec(Shown):
        def build(self, context: BuildContext) -> LossTerm:
            return term(context) if len(signature(term).parameters) == 1 else term()

    try:
        check.function(Subject(Spec))
    except Skipped as reason:
        pytest.skip(str(reason))
