"""What stands on the page."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from dakit.evaluation.metrics import metric_set
from dakit.reporting import palette
from dakit.reporting.figures.drawing import style
from dakit.reporting.figures.roc import draw_reliability, draw_roc
from dakit.reporting.page import Figures
from dakit.reporting.report.baseline import Baseline
from dakit.reporting.report.facts import ReportFacts
from dakit.reporting.report.page import render_page
from tests.run_files import changed, with_target

from ..unseen import BAD, SHOWN, unseen

MakeFacts = Callable[..., ReportFacts]

HEADINGS = [
    "1. What was run",
    "2. Metrics",
    "3. Training",
    "4. ROC, precision-recall, reliability",
    "5. Latent space",
    "6. Grad-CAM",
    "7. Most confident mistakes",
    "8. Warnings",
]


def headings(page: str) -> list[str]:
    return re.findall(r"<h2>(.*?)</h2>", page)


def test_the_sections_in_their_order_with_all_figures(
    make_facts: MakeFacts, figures: Figures
) -> None:
    page = render_page(make_facts(), figures)
    assert headings(page) == HEADINGS
    shown = re.findall(r'<figure id="(\w+)">', page)
    assert shown == [
        *("losses", "gradient_shares", "learning_rate", "scores", "domain_accuracy", "diagnostics"),
        *("roc", "precision_recall", "reliability"),
        *("latent_space_before", "latent_space_after", "grad_cam_target", "mistakes_target"),
    ]


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "br", "img"):
            self.open.append(tag)
        self.ids += [value for name, value in attrs if name == "id" and value]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids += [value for name, value in attrs if name == "id" and value]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_and_loads_nothing(make_facts: MakeFacts, figures: Figures) -> None:
    page = render_page(make_facts(), figures)
    tags = _Tags()
    tags.feed(page)
    assert tags.open == []
    assert "<script" not in page
    addresses = re.findall(r"""(?:src|href|url)\s*[=(]\s*["']?([^"')>\s]+)""", page)
    assert {a[:5] for a in addresses} <= {"#s8", "data:"} | {
        a[:5] for a in addresses if a[0] == "#"
    }
    loaded = re.findall(r"https?://[^\"' )]+", page)
    assert {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"} >= set(loaded)


def test_mock_data_say_so_in_the_headline(make_facts: MakeFacts) -> None:
    (headline,) = re.findall(
        r"<h1>(.*?)</h1>", render_page(make_facts(data={"origin": "mock"}), None)
    )
    assert "MOCK DATA" in headline
    assert "MOCK" not in render_page(make_facts(), None)


def test_numbers_with_intervals_confusion_and_fractions(make_facts: MakeFacts) -> None:
    facts = make_facts()
    page = render_page(facts, None)
    metrics = facts.results.test("target")
    low, high = metrics.interval("accuracy")
    assert f"<td>{metrics.accuracy:.3f} [{low:.3f}, {high:.3f}]</td>" in page
    matrix = facts.sets["target"].confusion()
    assert matrix is not None
    assert f"<td>{matrix[1, 0]} ({matrix[1, 0] / 30:.0%})</td>" in page
    assert f"<td>{(facts.sets['target'].predicted == 1).mean():.3f}</td>" in page
    assert "95%, 50 bootstrap resamples of whole objects in the source, images in" in page


def test_purity_completeness_and_counts_by_class(make_facts: MakeFacts) -> None:
    page = render_page(make_facts(), None)
    assert "precision (purity)" in page
    assert "recall (completeness)" in page
    assert '<th scope="row">target validation</th><td>30</td><td>30</td><td>60</td>' in page


def test_beside_a_baseline(make_facts: MakeFacts, beside: Callable[..., Baseline]) -> None:
    facts = make_facts()
    baseline = beside(1.0, 1.5)
    latent = dict.fromkeys(("before", "baseline", "after"), facts.latent["after"])
    facts = replace(facts, baseline=baseline, latent=latent)
    page = render_page(facts, None)
    found = baseline.differences["target"]["accuracy"]
    assert found is not None
    assert f"<td>{found.value:+.3f} [{found.low:+.3f}, {found.high:+.3f}]</td>" in page
    assert page.index("Beside plain (9876543210), target test") < page.index("Confusion, source")
    titles = ("before training", "without adaptation", "after training")
    assert "".join(f'<th scope="col">{title}</th>' for title in titles) in page


def test_what_users_wrote_is_escaped(make_facts: MakeFacts) -> None:
    page = render_page(make_facts(), None)
    assert "images &amp; &lt;numbers&gt;" in page


def test_without_figures_the_page_says_how_to_get_them(make_facts: MakeFacts) -> None:
    page = render_page(make_facts(), None)
    assert headings(page) == HEADINGS
    assert "<figure" not in page
    assert "install the extra" in page


def test_what_is_missing_is_explained_in_its_place(make_facts: MakeFacts) -> None:
    facts = make_facts(latent={}, missing={"latent": "The data are gone."})
    page = render_page(facts, {})
    section = page[page.index('id="s5"') : page.index('id="s6"')]
    assert "The data are gone." in section
    assert "<table" not in section


def test_a_target_without_labels(make_facts: MakeFacts) -> None:
    sets = dict(make_facts().sets)
    sets["target"] = replace(sets["target"], labels=None)
    facts = make_facts(sets=sets, attention=[], mistakes=[])
    with style():
        curves = [
            draw_roc(sets, facts.results, facts.class_names),
            draw_reliability(sets, facts.results, 10),
        ]
    page = render_page(facts, {"curves": curves})
    assert "target n =" not in "".join(curve.caption for curve in curves)
    assert "The target has no labels: no metrics." in page
    assert "Confusion, source test" in page
    assert "Confusion, target test" not in page


@pytest.mark.parametrize("dark", [False, True])
def test_every_colour_of_the_figures_follows_the_page(
    make_facts: MakeFacts, figures: Figures, dark: bool
) -> None:
    page = render_page(make_facts(), figures)
    used = set(re.findall(r"var\((--[\w-]+)\)", page))
    declared = dict(
        re.findall(r"(--[\w-]+): (#\w+);", palette.css_variables(dark) + _own_variables(page))
    )
    assert used <= set(declared)
    drawn = "".join(re.findall(r"<svg.*?</svg>", page, re.S))
    assert not set(re.findall(r"(?:fill|stroke): (#\w{6})", drawn)) & set(palette.IN_THE_DARK)


def _own_variables(page: str) -> str:
    return page[page.index(":root") : page.index("@media")]


def test_metrics_and_warnings_stay_on_one_printed_page(make_facts: MakeFacts) -> None:
    page = render_page(make_facts(), {})
    whole = re.findall(r'<section id="s\d" class="whole"><h2>\d\. (\w+)', page)
    assert whole == ["Metrics", "Warnings"]
    printed = page[page.index("@media print") :].partition("</style>")[0]
    assert re.search(r"\.whole \{[^}]*break-inside: avoid", printed)
    assert re.search(r"\.wide \{[^}]*break-inside: avoid", printed)


def test_texts_of_a_user_reach_the_page_with_nothing_unseen_in_them(
    make_facts: MakeFacts, figures: Figures
) -> None:
    facts = make_facts(data={"class_names": ["a", BAD], "description": BAD, "notes": [BAD]})
    facts = replace(facts, results=changed(facts.results, name=BAD))
    page = render_page(facts, {"curves": [replace(figures["curves"][0], caption=BAD)]})
    assert page.count(SHOWN) > 5
    assert not unseen(page)


@pytest.mark.parametrize(("interval", "told"), [([1.0, 1.0], True), ([0.9, 1.0], False)])
def test_an_interval_without_width_is_called_no_certainty(
    make_facts: MakeFacts, interval: list[float], told: bool
) -> None:
    facts = make_facts()
    metrics = {
        key: changed(found, intervals={**found.intervals, "accuracy": interval}).model_dump()
        for key, found in facts.results.metrics.items()
    }
    facts = replace(facts, results=changed(facts.results, metrics=metrics))
    assert ("no certainty" in render_page(facts, None)) is told


def test_a_test_set_of_a_single_object_says_why_it_has_no_interval(make_facts: MakeFacts) -> None:
    facts = make_facts()
    assert "No interval" not in render_page(facts, None)
    single = metric_set([0, 1, 1], np.full((3, 2), 0.5), groups=np.zeros(3))
    results = with_target(facts.results, single)
    told = render_page(replace(facts, results=results), None)
    assert "No interval in target test: its 3 images show a single object" in told
    assert "No interval in source test" not in told
