"""The figures as files: whole, legible, with what they must tell."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import replace

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure

from dakit.reporting.figures import latent_space
from dakit.reporting.figures.drawing import Drawing, finish, style
from dakit.reporting.figures.latent_space import draw_latent_space
from dakit.reporting.figures.report import draw_training_curves, make_figures
from dakit.reporting.report.facts import ReportFacts
from tests.run_files import changed

MakeFacts = Callable[..., ReportFacts]


@pytest.fixture
def drawings(figures: dict[str, list[Drawing]]) -> dict[str, Drawing]:
    return {figure.name: figure for section in figures.values() for figure in section}


def texts(figure: Drawing) -> str:
    tree = ElementTree.fromstring(figure.svg)
    return "\n".join("".join(node.itertext()) for node in tree.iter() if node.tag.endswith("text"))


def test_every_figure_is_a_png_a_pdf_and_an_svg_and_says_how_many(
    drawings: dict[str, Drawing],
) -> None:
    for figure in drawings.values():
        assert figure.png.startswith(b"\x89PNG")
        assert figure.pdf.startswith(b"%PDF-")
        assert b"/Subtype /Image" not in figure.pdf or "grad" in figure.name or "mis" in figure.name
        assert figure.svg.rstrip().endswith("</svg>")
        assert any(character.isdigit() for character in figure.caption), figure.name


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("losses", ("cross_entropy (weight 1)", "dann (weight 0.5 to 1.5)", "total", "epoch")),
        ("gradient_shares", ("dann: share of the gradient norm", "epoch")),
        ("learning_rate", ("learning rate", "epoch")),
        ("scores", ("source_accuracy",)),
        ("domain_accuracy", ("dann: domain accuracy",)),
        ("diagnostics", ("dann: omega", "epoch")),
        ("roc", ("true positive rate", "source, AUC 0.", "target, AUC 0.")),
        ("precision_recall", ("recall (completeness)", "precision (purity)")),
        ("reliability", ("confidence", "accuracy", "ECE 0.")),
        ("latent_space_after", ("after training", "merger", "source", "target")),
        ("grad_cam_target", ("merger", "→ non-merger")),
        ("mistakes_target", ("→ non-merger 0.97", "587722984435351614…", "b")),
    ],
)
def test_axes_and_legends(drawings: dict[str, Drawing], name: str, words: tuple[str, ...]) -> None:
    written = texts(drawings[name])
    for word in words:
        assert word in written


def test_captions_count_images_and_name_the_layer(drawings: dict[str, Drawing]) -> None:
    assert "source 60 images, target 60 images" in drawings["roc"].caption
    assert "20 source and 20 target test images" in drawings["latent_space_before"].caption
    assert "layer backbone.conv3" in drawings["grad_cam_target"].caption
    assert "2 of 4 maps are 0 everywhere" in drawings["grad_cam_target"].caption
    assert "2 most confident of 11 mistakes among 60" in drawings["mistakes_target"].caption


def test_the_files_repeat_themselves_and_the_users_own_style_comes_back(
    make_facts: MakeFacts, figures: dict[str, list[Drawing]]
) -> None:
    before = dict(matplotlib.rcParams)
    for section, again in make_figures(make_facts(attention=[], latent={})).items():
        known = {figure.name: figure for figure in figures[section]}
        assert all(figure == known[figure.name] for figure in again)
    assert dict(matplotlib.rcParams) == before


@pytest.mark.usefixtures("svg_alone")
def test_a_run_without_a_discriminator_has_no_such_figure(make_facts: MakeFacts) -> None:
    rows = [changed(row, diagnostics={}) for row in make_facts().history]
    with style():
        names = {figure.name for figure in draw_training_curves(rows, chosen=1)}
    assert names == {"losses", "gradient_shares", "scores", "learning_rate"}


@pytest.mark.usefixtures("svg_alone")
def test_a_run_of_one_term_needs_no_shares(make_facts: MakeFacts) -> None:
    rows = [changed(row, gradient_shares={"cross_entropy": 1.0}) for row in make_facts().history]
    with style():
        names = {figure.name for figure in draw_training_curves(rows, chosen=1)}
    assert "gradient_shares" not in names


@pytest.mark.usefixtures("svg_alone")
def test_what_was_made_from_target_labels_is_stamped(make_facts: MakeFacts) -> None:
    rows = [changed(row, scores={**row.scores, "oracle": 0.8}) for row in make_facts().history]
    with style():
        blind = {figure.name: figure for figure in draw_training_curves(rows, 1, ["oracle"])}
        alone = {f.name for f in draw_training_curves(rows, 1, ["oracle", "source_accuracy"])}
    assert "ORACLE, from target labels: oracle" in texts(blind["oracle"])
    assert "target labels" in blind["oracle"].caption
    assert "source_accuracy" in texts(blind["scores"])
    assert "racle" not in texts(blind["scores"])
    assert "scores" not in alone


@pytest.mark.usefixtures("svg_alone")
def test_ten_classes_and_unknown_ones(make_facts: MakeFacts) -> None:
    space = make_facts().latent["after"]
    labels = np.where(space.is_target, -1, np.arange(len(space.labels)) % 10)
    with style():
        figure = draw_latent_space(
            replace(space, labels=labels), "after", "after training", list("abcdefghij")
        )
    assert "target, class unknown" in texts(figure)


@pytest.mark.parametrize(
    ("names", "unknown"),
    [
        (["non-merger", "merger"], True),
        (["other", "merger"], True),
        (["a", "b"], False),
        (["elliptical, smooth", "barred spiral", "edge-on disc", "irregular or merging"], True),
        (["a class with a very long name that somebody took from a catalogue", "b"], True),
    ],
)
def test_nothing_of_the_legend_is_cut(
    make_facts: MakeFacts, monkeypatch: pytest.MonkeyPatch, names: list[str], unknown: bool
) -> None:
    space = make_facts().latent["after"]
    labels = np.arange(len(space.labels)) % len(names)
    if unknown:
        labels[space.is_target] = -1
    seen: list[Figure] = []

    def keep(figure: Figure, name: str, caption: str) -> Drawing:
        seen.append(figure)
        return finish(figure, name, caption)

    monkeypatch.setattr(latent_space, "finish", keep)
    with style():
        draw_latent_space(replace(space, labels=labels), "after", "after training", names)
    (figure,) = seen
    (legend,) = figure.legends
    box = legend.get_window_extent()
    assert figure.bbox.x0 <= box.x0
    assert box.x1 <= figure.bbox.x1
    assert figure.bbox.y0 <= box.y0
    assert len(legend.get_texts()) == len(names) + 2 + unknown
