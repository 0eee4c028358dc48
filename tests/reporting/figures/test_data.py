"""The numbers that stand in the figures, against scikit-learn and the log."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from sklearn.calibration import calibration_curve
from sklearn.metrics import (
    average_precision_score,
    precision_recall_curve,
    roc_auc_score,
    roc_curve,
)

from dakit.reporting.figures.drawing import style
from dakit.reporting.figures.grad_cam import draw_grad_cam, draw_side_by_side, overlay
from dakit.reporting.figures.latent_space import draw_latent_space
from dakit.reporting.figures.report import draw_training_curves
from dakit.reporting.figures.roc import draw_precision_recall, draw_reliability, draw_roc
from dakit.reporting.report.facts import ReportFacts
from dakit.reporting.stretch import log_stretch

MakeFacts = Callable[..., ReportFacts]
ROLES = ("source", "target")


@pytest.fixture(autouse=True)
def in_style() -> object:
    with style():
        yield


def line(axes: Axes, start: str) -> tuple[np.ndarray, np.ndarray, str]:
    """The data and the label of the one line whose label begins so."""
    (found,) = [kept for kept in axes.lines if str(kept.get_label()).startswith(start)]
    return np.asarray(found.get_xdata()), np.asarray(found.get_ydata()), str(found.get_label())


@pytest.mark.parametrize("role", ROLES)
def test_roc(make_facts: MakeFacts, drawn: list[Figure], role: str) -> None:
    facts = make_facts()
    draw_roc(facts.sets, facts.results, facts.class_names)
    scored = facts.sets[role]
    x, y, label = line(drawn[0].axes[0], role)
    expected = roc_curve(scored.labels, scored.probabilities[:, 1])
    np.testing.assert_allclose((x, y), expected[:2])
    assert f"{roc_auc_score(scored.labels, scored.probabilities[:, 1]):.3f}" in label


@pytest.mark.parametrize("role", ROLES)
def test_precision_recall(make_facts: MakeFacts, drawn: list[Figure], role: str) -> None:
    facts = make_facts()
    draw_precision_recall(facts.sets, facts.class_names)
    scored = facts.sets[role]
    x, y, label = line(drawn[0].axes[0], role)
    precision, recall, _ = precision_recall_curve(scored.labels, scored.probabilities[:, 1])
    np.testing.assert_allclose((x, y), (recall, precision))
    area = average_precision_score(scored.labels, scored.probabilities[:, 1])
    assert f"AP {area:.3f}" in label


@pytest.mark.parametrize("role", ROLES)
def test_reliability(make_facts: MakeFacts, drawn: list[Figure], role: str) -> None:
    facts = make_facts()
    draw_reliability(facts.sets, facts.results, 10)
    scored = facts.sets[role]
    x, y, _ = line(drawn[0].axes[0], role)
    correct = scored.predicted == scored.labels
    confidence = scored.probabilities.max(axis=1)
    accuracy, mean_confidence = calibration_curve(correct, confidence, n_bins=10)
    np.testing.assert_allclose((x, y), (mean_confidence, accuracy))


def test_training_curves_are_the_log(make_facts: MakeFacts, drawn: list[Figure]) -> None:
    facts = make_facts()
    names = [f.name for f in draw_training_curves(facts.history, chosen=2)]
    shown = {
        place.get_title("left"): place.lines[0].get_xydata()
        for figure in drawn
        for place in figure.axes
    }
    expected = {
        "cross_entropy (weight 1)": [1, 1 / 2, 1 / 3],
        "dann (weight 0.5 to 1.5)": [0.5] * 3,
        "total, weighted": [1.5, 1.5, 1 / 3 + 1.5],
        "cross_entropy: share of the gradient norm": [0.75] * 3,
        "dann: share of the gradient norm": [0.25] * 3,
        "source_accuracy": [0.1, 0.2, 0.3],
        "learning rate": [1e-3, 1e-3 / 2, 1e-3 / 3],
        "dann: domain accuracy": [0.7] * 3,
        "dann: omega": [0.25] * 3,
    }
    assert set(shown) == set(expected)
    for title, values in expected.items():
        np.testing.assert_allclose(shown[title], np.stack([[1, 2, 3], values], axis=1))
    marks = [place.lines[1].get_xdata()[0] for figure in drawn for place in figure.axes]
    assert set(marks) == {2}
    assert len(names) == len(drawn)


def test_latent_space_shows_every_image_once(make_facts: MakeFacts, drawn: list[Figure]) -> None:
    facts = make_facts()
    space = facts.latent["after"]
    draw_latent_space(space, "after", "after training", facts.class_names)
    found = {}
    for points in drawn[0].axes[0].collections:
        colour = tuple(points.get_facecolor()[0, :3].round(4)) if len(points.get_offsets()) else ()
        for place in points.get_offsets():
            found[tuple(np.float32(place))] = (points.get_alpha(), colour)
    assert len(found) == len(space.positions)
    looks = {}
    for place, target, label in zip(space.positions, space.is_target, space.labels, strict=True):
        looks.setdefault((bool(target), int(label)), set()).add(found[tuple(place)])
    assert all(len(look) == 1 for look in looks.values())
    (of_00,), (of_01,), (of_10,) = (looks[key] for key in ((False, 0), (False, 1), (True, 0)))
    assert of_00[0] == of_01[0] > of_10[0]  # domain by opacity, the source opaque
    assert of_00[1] == of_10[1] != of_01[1]  # class by colour


def test_grad_cam_lies_over_the_image(make_facts: MakeFacts, drawn: list[Figure]) -> None:
    facts = make_facts()
    draw_grad_cam(facts.attention[0], facts.class_names)
    axes = np.asarray(drawn[0].axes).reshape(3, 2)
    titles = [place.get_title("center") for place in axes[0]]
    assert titles == ["merger\n→ non-merger", "non-merger\n→ non-merger"]
    assert [place.get_ylabel() for place in axes[1:, 0]] == ["merger", "non-merger"]
    grey = axes[0, 1].images[0].get_array()
    for row in (1, 2):  # the maps of the second image are 0: nothing but the image is seen
        np.testing.assert_allclose(axes[row, 1].images[0].get_array(), np.stack([grey] * 3, -1))


def test_the_same_images_side_by_side_as_two_networks_see_them(
    make_facts: MakeFacts, drawn: list[Figure]
) -> None:
    facts = make_facts()
    target = facts.attention[0]
    source = replace(target, role="source", images=target.images[::-1], labels=target.labels[::-1])
    other = [replace(p, maps=p.maps[::-1], predicted=1 - p.predicted) for p in (source, target)]
    looks = {"without adaptation": [source, target], "MMD": other}
    drawing = draw_side_by_side(looks, facts.class_names, "grad_cam", mock=True)
    assert drawing.wide
    assert "the same 2 source and 2 target test images" in drawing.caption
    assert "8 of 16 maps are 0 everywhere" in drawing.caption
    assert drawn[0].get_suptitle() == "MOCK DATA"
    axes = np.asarray(drawn[0].axes).reshape(5, 5)  # the third column parts the domains
    assert [place.get_ylabel() for place in axes[0, [0, 3]]] == ["source", "target"]
    assert [place.get_ylabel() for place in axes[1:, 0]] == [
        "without\nadaptation\nmerger",
        "without\nadaptation\nnon-merger",
        "MMD\nmerger",
        "MMD\nnon-merger",
    ]
    assert [place.get_title("center") for place in axes[0, [0, 1, 3, 4]]] == [
        *("non-merger", "merger", "merger", "non-merger"),
    ]
    assert axes[1, 3].get_title("center") == "→ non-merger"
    assert axes[3, 3].get_title("center") == "→ merger"
    for column, part, k in ((0, source, 0), (1, source, 1), (3, target, 0), (4, target, 1)):
        grey = log_stretch(part.images[k])
        np.testing.assert_allclose(axes[0, column].images[0].get_array(), grey)
        for first, seen in ((1, part), (3, other[column > 2])):
            for row in range(2):
                expected = overlay(grey, seen.maps[k, row])
                found = axes[first + row, column].images[0].get_array()
                np.testing.assert_allclose(found, expected)


def test_not_more_networks_than_a_page_holds(make_facts: MakeFacts, drawn: list[Figure]) -> None:
    facts = make_facts()
    looks = {f"method {number}": facts.attention for number in range(9)}
    drawing = draw_side_by_side(looks, facts.class_names, "grad_cam", mock=False)
    assert "The first 6 of 9." in drawing.caption
    assert len(drawn[0].axes) == (1 + 6 * 2) * 2
