"""The figures of a comparison: their data, and what is written in them."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from sklearn.metrics import roc_auc_score

from dakit.reporting import palette
from dakit.reporting.compare.compared_run import ComparedRun
from dakit.reporting.compare.facts import METRICS, ComparisonFacts, Spread
from dakit.reporting.figures import compare, latent_space
from dakit.reporting.figures.compare import draw_comparison, roc_curves
from dakit.reporting.figures.drawing import WIDTH, Drawing, finish, style

MakeRun = Callable[..., ComparedRun]
MakeFacts = Callable[..., ComparisonFacts]
POSTER = [palette.NAVY, palette.PURPLE, palette.DARK_PURPLE, palette.YELLOW, palette.PINK]


@pytest.fixture(scope="module")
def drawings(full_facts: ComparisonFacts) -> dict[str, Drawing]:
    found = draw_comparison(full_facts)
    return {drawing.name: drawing for part in found.values() for drawing in part}


def texts(figure: Drawing) -> list[str]:
    tree = ElementTree.fromstring(figure.svg)
    return ["".join(n.itertext()).strip() for n in tree.iter() if n.tag.endswith("text")]


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """The matplotlib figures before they become files."""
    seen: list[Figure] = []

    def keep(figure: Figure, name: str, caption: str) -> Drawing:
        seen.append(figure)
        return Drawing(name, caption, b"", b"", "<svg>")

    monkeypatch.setattr(compare, "finish", keep)
    monkeypatch.setattr(latent_space, "finish", keep)
    return seen


def test_all_figures_are_files_that_say_how_many(drawings: dict[str, Drawing]) -> None:
    assert list(drawings) == ["roc_source", "roc_target", "metrics", "latent_space"]
    for drawing in drawings.values():
        assert drawing.png.startswith(b"\x89PNG")
        assert re.search(r"60 images of 30 objects|20 source", drawing.caption)


def test_the_legend_gives_the_auc_of_every_method(
    drawings: dict[str, Drawing], full_facts: ComparisonFacts
) -> None:
    written = texts(drawings["roc_target"])
    for label in ("noDA", "MMD", "MMD+F", "ADA", "ADA+F"):
        auc = full_facts.experiments[0].spreads[label, "target", "auc"]
        assert auc is not None
        assert f"{label}, AUC {auc.mean:.3f} ± {auc.sd:.3f}" in written
    assert "true positive rate" in written
    assert "Bold: mean" in drawings["roc_target"].caption


def test_roc_curves_of_seeds_thin_and_their_mean_bold(
    full_facts: ComparisonFacts, drawn: list[Figure]
) -> None:
    (part,) = full_facts.experiments
    with style():
        compare.draw_compared_roc(part, "target", "roc")
    lines = drawn[0].axes[0].get_lines()[1:]  # the first is the diagonal
    bold = [line for line in lines if line.get_linewidth() > 1]
    assert [line.get_color() for line in bold] == POSTER
    assert len(lines) == 15
    for method, line in zip(part.methods, bold, strict=True):
        found = roc_curves(method, "target")
        assert found is not None
        x = np.asarray(line.get_xdata())
        expected = np.mean([np.interp(x, c.x, c.y) for c in found.seeds], axis=0)
        assert np.allclose(line.get_ydata(), expected)
        areas = [
            roc_auc_score(run.sets["target"].labels, run.sets["target"].probabilities[:, 1])
            for run in method.runs
        ]
        assert np.trapezoid(line.get_ydata(), x) == pytest.approx(np.mean(areas), abs=0.01)


def test_the_source_is_dashed_and_the_target_solid(
    full_facts: ComparisonFacts, drawn: list[Figure]
) -> None:
    (part,) = full_facts.experiments
    with style():
        for role in ("source", "target"):
            compare.draw_compared_roc(part, role, "roc")
        compare.draw_metric_bars(part, "metrics")
    source, target = (figure.axes[0].get_lines()[-1].get_linestyle() for figure in drawn[:2])
    assert (source, target) == ("--", "-")
    bars = drawn[2].axes[0].patches
    assert [bar.get_fill() and bar.get_facecolor()[3] > 0 for bar in bars] == [False, True] * 5
    assert {bar.get_linestyle() for bar in bars[1::2]} == {"solid"}
    assert "solid" not in {bar.get_linestyle() for bar in bars[::2]}


def test_bars_are_as_high_as_the_means(full_facts: ComparisonFacts, drawn: list[Figure]) -> None:
    (part,) = full_facts.experiments
    with style():
        compare.draw_metric_bars(part, "metrics")
    for metric, axes in zip(METRICS, drawn[0].axes, strict=True):
        expected = []
        for method in part.methods:
            for role in ("source", "target"):
                spread = part.spreads[method.label, role, metric]
                assert spread is not None
                expected.append(spread.mean)
        assert [bar.get_height() for bar in axes.patches] == pytest.approx(expected)
        assert len(axes.collections) == 10  # an error line each


@pytest.mark.parametrize(
    ("metric", "found", "low", "high"),
    [
        ("brier", Spread(0.747, None, 1), 0, 0.747),
        ("brier", Spread(0.4, 0.2, 2), 0, 0.6),
        ("brier", Spread(1.9, 0.2, 2), 0, 2),
        ("accuracy", Spread(0.97, 0.06, 2), 0, 1),
        ("recall", Spread(0.1, 0.2, 2), 0, 1),
    ],
)
def test_no_bar_is_cut_and_no_error_line_leaves_the_metric(
    full_facts: ComparisonFacts,
    drawn: list[Figure],
    metric: str,
    found: Spread,
    low: float,
    high: float,
) -> None:
    (part,) = full_facts.experiments
    spreads = {**part.spreads, ("MMD", "target", metric): found}
    with style():
        compare.draw_metric_bars(replace(part, spreads=spreads), "metrics")
    for name, axes in zip(METRICS, drawn[0].axes, strict=True):
        bottom, top = axes.get_ylim()
        if name == metric:
            ends = np.concatenate([c.get_segments()[0][:, 1] for c in axes.collections])
            assert ends.min() >= low
            assert ends.max() <= high + 1e-9
            assert bottom == 0
            assert top == 1 if high == 1 else high < top < high * 1.05
        else:
            assert (bottom, top) == (0, 0.5 if name == "brier" else 1)


def test_panels_are_as_wide_as_the_page_allows(
    full_facts: ComparisonFacts, drawn: list[Figure]
) -> None:
    draw_comparison(full_facts)
    for figure in drawn[2:]:
        figure.draw_without_rendering()
        pixels = 1024 / figure.bbox.width  # of a page on a screen of 1280
        assert min(axes.bbox.width for axes in figure.axes) * pixels > 250
    assert [figure.get_figwidth() > WIDTH for figure in drawn] == [False, False, True, True]


def test_no_legend_lies_on_the_curves_and_nothing_is_cut(
    full_facts: ComparisonFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Figure] = []

    def keep(figure: Figure, name: str, caption: str) -> Drawing:
        seen.append(figure)
        return finish(figure, name, caption)

    monkeypatch.setattr(compare, "finish", keep)
    (part,) = full_facts.experiments
    with style():
        compare.draw_compared_roc(part, "target", "roc")
        compare.draw_metric_bars(part, "metrics")
    for figure in seen:
        (legend,) = figure.legends
        assert not any(axes.get_legend() for axes in figure.axes)
        assert not any(legend.get_window_extent().overlaps(axes.bbox) for axes in figure.axes)
        box, (width, height) = figure.get_tightbbox(), figure.get_size_inches()
        assert min(box.x0, box.y0) > -0.02
        assert box.x1 < width + 0.02
        assert box.y1 < height + 0.02


LACKING = {
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
    "nothing": np.eye(3).tolist(),
}
"""Machado et al. 2009, severity 1, on linear RGB."""


def lab(colour: str, matrix: list[list[float]]) -> np.ndarray:
    """CIELAB (D65) of a colour as a reader sees it whose eyes lack what the matrix takes."""
    rgb = np.asarray(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.asarray(matrix) @ linear, 0, 1)
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    x, y, z = np.asarray(to_xyz) @ seen / [0.9505, 1, 1.089]
    f = [np.cbrt(t) if t > (6 / 29) ** 3 else t / (3 * (6 / 29) ** 2) + 4 / 29 for t in (x, y, z)]
    return np.asarray([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("eyes", LACKING)
def test_no_two_methods_look_the_same_whatever_a_readers_eyes_lack(
    full_facts: ComparisonFacts, drawn: list[Figure], eyes: str
) -> None:
    (part,) = full_facts.experiments
    with style():
        compare.draw_compared_roc(part, "target", "roc")
    bold = [line for line in drawn[0].axes[0].get_lines() if line.get_linewidth() > 1]
    assert len(bold) == 5
    for one, other in combinations(bold, 2):
        colours = [lab(line.get_color(), LACKING[eyes]) for line in (one, other)]
        marks = {(line.get_linestyle(), line.get_marker()) for line in (one, other)}
        assert np.linalg.norm(np.subtract(*colours)) > 15 or len(marks) == 2
    legend = [line.get_marker() for line in drawn[0].legends[0].get_lines()]
    assert legend == [line.get_marker() for line in bold]


def test_the_measure_of_colours_knows_the_pair_that_was_mistaken() -> None:
    distance = lab(palette.NAVY, LACKING["protanopia"]) - lab(
        palette.DARK_PURPLE, LACKING["protanopia"]
    )
    assert np.linalg.norm(distance) < 10


def test_side_by_side_under_the_methods_names(drawings: dict[str, Drawing]) -> None:
    written = texts(drawings["latent_space"])
    for label in ("noDA", "MMD", "MMD+F", "ADA", "ADA+F", "merger", "target"):
        assert label in written
    assert "seed 1 of each method" in drawings["latent_space"].caption


def test_mock_data_are_called_so_in_every_figure(
    make_run: MakeRun, full_facts: ComparisonFacts, make_facts: MakeFacts, drawn: list[Figure]
) -> None:
    space = full_facts.experiments[0].latent["noDA"]
    draw_comparison(make_facts((make_run(origin="mock"),), latent={"noDA": space}))
    assert len(drawn) == 4
    for figure in drawn:
        assert "MOCK DATA" in figure.get_suptitle() + figure.axes[0].get_title(loc="left")


def test_a_domain_without_labels_has_no_roc(
    make_run: MakeRun, make_facts: MakeFacts, drawn: list[Figure]
) -> None:
    base = make_run()
    sets = {**base.sets, "target": replace(base.sets["target"], labels=None)}
    figures = draw_comparison(make_facts((make_run(sets=sets),)))
    assert [drawing.name for drawing in figures["roc 0"]] == ["roc_source"]
    (bars,) = figures["bars 0"]
    assert "target" not in bars.caption
    assert [text.get_text() for text in drawn[-1].legends[0].get_texts()][-1] == "source"
