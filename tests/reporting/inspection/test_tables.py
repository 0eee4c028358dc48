"""The tables of an inspection's page count what is there."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import numpy as np

from dakit.inspecting.faults import ZERO, Faults
from dakit.reporting.inspection.facts import InspectionFacts
from dakit.reporting.inspection.page import SHOWN, render_inspection

Changed = Callable[..., InspectionFacts]


def section(facts: InspectionFacts, number: int) -> str:
    page = render_inspection(facts, {})
    return page[page.index(f'<section id="s{number}"') :].partition("</section>")[0]


def rows(html: str) -> list[list[str]]:
    """Return the cells of every row of every table."""
    return [
        [unescape(re.sub(r"<[^>]*>", "", cell)) for cell in re.findall(r"<t[hd].*?</t[hd]>", row)]
        for row in re.findall(r"<tr.*?</tr>", html, re.DOTALL)
    ]


def test_classes_by_part_and_what_balancing_would_add(facts: InspectionFacts) -> None:
    html = section(facts, 2)
    found = rows(html)
    assert ["round", "9", "75.0%", "5", "1", "3"] in found
    assert ["odd", "3", "25.0%", "1", "1", "1"] in found
    assert ["all", "12", "100%", "6", "2", "4"] in found
    assert ["all", "8", "100%", "4", "2", "2"] in found
    assert "source: 12 images, 10 objects" in html
    assert "target: 8 images, objects not known" in html
    assert "off; with it training would see" in html
    assert "round 5 → 5, odd 1 → 5" in html


def test_without_a_split_there_are_no_parts(changed: Changed) -> None:
    assert "cannot be told without a split" in section(changed(balanced=None), 2)
    assert "on: training sees each class" in section(changed(balance=True), 2)


def test_faults_with_their_ids(facts: InspectionFacts, changed: Changed) -> None:
    found = rows(section(facts, 5))
    assert ["source", ZERO, "2 of 12", "s2, s5"] in found
    assert len(found) == 1 + 2
    assert "None: every value is finite" in section(changed(faults={}), 5)
    many = Faults({ZERO: np.arange(12).repeat(4)})
    (_, row) = rows(section(changed(faults={"source": many}), 5))
    assert row[3].count(",") == SHOWN
    assert row[3].endswith(", ...")


def test_exact_copies_within_and_across_parts(facts: InspectionFacts, changed: Changed) -> None:
    numbers = dict(rows(section(facts, 7))[1:])
    assert numbers == {
        "source, with an equal one in the source": "2",
        "target, with an equal one in the target": "2",
        "target, with an equal one in the source": "2",
        "source test, with an equal one in source training": "1",
        "target test, with an equal one in target training": "0",
        "target test, with an equal one in source training": "2",
    }
    assert len(rows(section(changed(split=None), 7))) == 1 + 3
    assert "--no-duplicates" in section(changed(copies=None), 7)


def test_near_duplicates_by_threshold(facts: InspectionFacts, changed: Changed) -> None:
    html = section(facts, 8)
    found = rows(html)
    assert ["0.9", "3", "6", "3", "2"] in found  # the source, pair of 0.9 included
    assert ["0.97", "2", "4", "2", "2"] in found
    assert ["0.97", "2", "3", "1", "3"] in found  # the target: a chain of three
    assert ["0.98", "1", "2", "1", "2"] in found
    assert "pair precision 1.000, pair recall 1.000" in html
    assert "The groups are in found.npz" in html
    assert "<table" not in section(changed(found={}), 8)


def test_what_the_user_wrote_is_escaped(facts: InspectionFacts) -> None:
    html = section(facts, 1)
    assert "mock: made up &lt;here&gt;" in html
    assert "(1, 6, 6) (channels first)" in html
    assert "n1" in html


def test_the_numbers_for_scripts_are_those_of_the_tables(facts: InspectionFacts) -> None:
    told = facts.to_dict()
    assert told["faults"]["source"][ZERO] == ["s2", "s5"]
    assert told["exact_copies"]["across"] == 2
    assert told["near_duplicates"]["target"]["found"] == [["t0", "t1", 0.975], ["t1", "t2", 0.99]]
    assert told["near_duplicates"]["source"]["known_groups"] == {
        "pair_precision": 1.0,
        "pair_recall": 1.0,
    }
