"""What stands on the page of a comparison."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from dakit.reporting.compare.compared_run import ComparedRun
from dakit.reporting.compare.facts import ComparisonFacts
from dakit.reporting.compare.page import render_page
from dakit.reporting.compare.tables import interval_words
from dakit.reporting.figures.drawing import Drawing
from tests.run_files import changed

from ..unseen import BAD, SHOWN, unseen

MakeRun = Callable[..., ComparedRun]
MakeFacts = Callable[..., ComparisonFacts]

HEADINGS = [
    "1. What is compared",
    "2. ROC curves",
    "3. Metrics",
    "4. Tables",
    "5. Latent space and Grad-CAM",
    "6. Published numbers",
    "7. Warnings",
]


FIGURE = Drawing("roc_target", "n = 3", b"", b"", "<svg></svg>")


def section(page: str, number: int) -> str:
    return page[page.index(f'id="s{number}"') :].partition("</section>")[0]


@pytest.fixture(scope="module")
def page(full_facts: ComparisonFacts) -> str:
    return render_page(full_facts, {"roc 0": [FIGURE]})


def test_the_sections_in_their_order(page: str) -> None:
    assert re.findall(r"<h2>(.*?)</h2>", page) == HEADINGS
    assert '<figure id="roc_target">' in section(page, 2)
    assert "<h1>  Comparison of 10 runs</h1>" in page


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_and_loads_nothing(page: str) -> None:
    tags = _Tags()
    tags.feed(page)
    assert tags.open == []
    assert "<script" not in page
    assert not re.findall(r"""(?:src|href)\s*=\s*["'](?!#)""", page)


def test_what_is_compared(page: str) -> None:
    first = section(page, 1)
    for words in (
        "cross_entropy + mmd + 0.1 fisher + 0.1 entropy",
        "<td>1,\N{NO-BREAK SPACE}2</td>",
        "noDA",
    ):
        assert words in first
    assert "Images &amp; &lt;numbers&gt;. Baseline: noDA" in first


def test_tables_and_what_was_resampled(page: str, full_facts: ComparisonFacts) -> None:
    tables = section(page, 4)
    spread = full_facts.experiments[0].spreads["ADA+F", "target", "auc"]
    assert spread is not None
    assert (
        f"<td>{spread.mean:.3f}\N{NO-BREAK SPACE}±\N{NO-BREAK SPACE}{spread.sd:.3f}</td>" in tables
    )
    assert "0.58 (!)" in tables
    assert "see section 6" in tables
    assert "1,000 resamples" in tables
    assert "objects of all test sets together" in tables
    assert "seeds, independently of them, for MMD, MMD+F, ADA, ADA+F" in tables


def test_with_one_seed_no_seeds_are_drawn(make_run: MakeRun, make_facts: MakeFacts) -> None:
    (part,) = make_facts((make_run(), make_run("mmd"), make_run("mmd", seed=2))).experiments
    assert "and no seeds, as there are not two on both sides" in interval_words(part)


def test_latent_numbers_published_sources_and_warnings(page: str) -> None:
    assert "<td>1.234</td>" in section(page, 5)
    sources = section(page, 6)
    assert "paper: A &amp; B" in sources
    assert "Models selected without target labels: by lot." in sources
    assert "the printed accuracy 0.58 contradicts" in sources
    assert "contradicts" in section(page, 7)


def test_mock_and_oracle_in_the_headline(make_run: MakeRun, make_facts: MakeFacts) -> None:
    facts = make_facts((make_run(origin="mock", oracle=True),))
    page = render_page(facts, {})
    (headline,) = re.findall(r"<h1>(.*?)</h1>", page)
    assert "MOCK DATA" in headline
    assert "ORACLE" in headline
    assert "<title>MOCK DATA: " in page
    assert "Left out, as asked" in section(page, 5)


def test_without_figures_the_tables_stand(full_facts: ComparisonFacts) -> None:
    page = render_page(full_facts, None)
    assert re.findall(r"<h2>(.*?)</h2>", page) == HEADINGS
    assert "<figure" not in page
    assert "install the extra" in section(page, 2)
    assert "<table>" in section(page, 4)


def test_two_experiments_each_have_their_heading(make_run: MakeRun, make_facts: MakeFacts) -> None:
    facts = make_facts((make_run(), make_run(experiment="sim_real")))
    page = render_page(facts, {})
    assert "Comparison of 2 runs in 2 experiments" in page
    assert section(page, 4).count("<h3>") == 2


def test_an_unlabelled_target_has_no_tables_and_is_said_once(
    make_run: MakeRun, make_facts: MakeFacts
) -> None:
    sets = make_run().sets
    sets = {**sets, "target": replace(sets["target"], labels=None)}
    runs = (make_run(sets=sets), make_run("mmd", sets=sets))
    page = render_page(make_facts(runs), {})
    assert "Target test set" not in page
    assert "ource test set" in page
    assert "on the target test set" not in page
    assert page.count("The target has no labels") == 1
    assert "No baseline" not in render_page(make_facts(runs[1:], baseline=False), {})


def test_captions_wrap_at_the_width_of_the_screen(page: str) -> None:
    """Not at that of their table, which scrolls: half of a caption would not be seen."""
    assert re.search(r"\.wide {[^}]*container-type: inline-size", page)
    assert re.search(r"^caption {[^}]*max-width: 100cqi", page, re.M)


def test_texts_of_a_user_reach_the_page_with_nothing_unseen_in_them(
    make_run: MakeRun, make_facts: MakeFacts
) -> None:
    runs = tuple(make_run(transfer, name=BAD, experiment=BAD) for transfer in (None, "mmd"))
    told = {**runs[0].results.document["data"], "description": BAD, "class_names": ["a", BAD]}
    runs = tuple(replace(run, results=changed(run.results, data=told)) for run in runs)
    page = render_page(make_facts(runs), {"roc 0": [FIGURE]})
    assert page.count(SHOWN) > 3
    assert not unseen(page)
