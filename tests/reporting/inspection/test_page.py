"""The page, its figures and the printed table of an inspection agree."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from io import StringIO

import numpy as np
from rich.console import Console

from dakit.inspecting.counts import counts
from dakit.reporting.figures.inspection import make_inspection_figures
from dakit.reporting.inspection.console import print_inspection
from dakit.reporting.inspection.facts import InspectionFacts
from dakit.reporting.inspection.page import NO_MATPLOTLIB, render_inspection

from ..unseen import BAD, SHOWN, unseen

Changed = Callable[..., InspectionFacts]


def texts(svg: str) -> list[str]:
    tree = ElementTree.fromstring(svg)
    return ["".join(n.itertext()).strip() for n in tree.iter() if n.tag.endswith("text")]


def test_figures_show_the_images_and_values_there_are(facts: InspectionFacts) -> None:
    shown = replace(
        facts.found["target"], examples=((facts.pair.target.inputs[:3], ("t0", "t1", "t2")),)
    )
    figures = make_inspection_figures(replace(facts, found={"target": shown}))
    (mosaic,), (flux,), (copies,) = figures["mosaic"], figures["flux"], figures["near"]
    assert [mosaic.name, flux.name, copies.name] == [
        "mosaic_source",
        "flux_before",
        "copies_target",
    ]
    assert {"odd", "s9", "s10"} <= set(texts(mosaic.svg))
    assert mosaic.svg.count("<image") == 2
    assert mosaic.caption.startswith("MOCK DATA. 2 source images")
    written = texts(flux.svg)
    assert {"source, n = 12 images", "target, n = 8 images", "channel 0"} <= set(written)
    assert "pixel value as stored" in written
    assert {"group 1", "t0", "t1", "t2"} <= set(texts(copies.svg))
    assert "1 of 1 groups of alike images found in the target (3 images, similarity 0.97" in (
        copies.caption
    )


def test_sections_in_their_order_and_mock_data_in_the_headline(facts: InspectionFacts) -> None:
    page = render_inspection(facts, {})
    assert re.findall(r"<h2>(?:<[^>]*>|\d+\. ?)*([^<]*)", page) == [
        "What the data are",
        "Classes and parts",
        "Some of the images",
        "Pixel values",
        "Broken and odd images",
        "Leakage of the split",
        "Exact copies",
        "Near-duplicates",
        "Warnings",
    ]
    assert '<span class="mock">MOCK DATA</span>' in page
    assert "9 warnings" in page


def test_what_is_missing_is_explained(changed: Changed) -> None:
    page = render_inspection(changed(missing={"mosaic": "The inputs are no images."}), None)
    assert "The inputs are no images." in page
    assert NO_MATPLOTLIB in unescape(page)


def test_the_printed_table_counts_the_same(facts: InspectionFacts) -> None:
    console = Console(file=StringIO(), width=200)
    print_inspection(console, facts, "inspect.html", figures=True)
    lines = [line.split() for line in console.file.getvalue().splitlines()]  # type: ignore[attr-defined]
    for line in (
        ["images", "12", "8"],
        ["odd", "3", "4"],
        ["test", "4", "2"],
        ["broken", "2", "0"],
        ["broken", "or", "odd", "3", "0"],
        ["with", "an", "exact", "copy", "2", "2"],
        ["with", "a", "near-duplicate", "4", "3"],
        ["Groups:", "found.npz"],
        ["Page:", "inspect.html"],
    ):
        assert line in lines


def test_texts_of_a_user_reach_the_page_with_nothing_unseen_in_them(
    facts: InspectionFacts, changed: Changed
) -> None:
    ids = np.array([f"{BAD}{row}" for row in range(12)])
    source = replace(facts.pair.source, ids=ids)
    bad = replace(facts.pair, class_names=("round", BAD), source=source)
    numbers = {r: counts(getattr(bad, r), bad.class_names, None) for r in ("source", "target")}
    shown = changed(name=BAD, pair=bad, counts=numbers, balanced=None, missing={"split": BAD})
    page = render_inspection(shown, make_inspection_figures(shown))
    assert page.count(SHOWN) > 5
    assert not unseen(page)
