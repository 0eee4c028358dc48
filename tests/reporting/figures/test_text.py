"""Texts of a user, in figures: drawn as they are, and kept from the terminal."""

from __future__ import annotations

import warnings
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable

import pytest

from dakit.reporting.figures.drawing import Drawing, canvas, finish, style
from dakit.reporting.figures.inspection import PowersOfTen
from dakit.reporting.figures.latent_space import draw_latent_space
from dakit.reporting.figures.mosaic import draw_mistakes
from dakit.reporting.report.facts import ReportFacts


def texts(svg: str) -> list[str]:
    tree = ElementTree.fromstring(svg)
    return ["".join(n.itertext()).strip() for n in tree.iter() if n.tag.endswith("text")]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a$b$c", "a$b$c"),
        ("$x^$", "$x^$"),
        (r"$\frac{1}{0}$", r"$\frac{1}{0}$"),
        ("_hidden", "_hidden"),
        ("50% <&> {x}", "50% <&> {x}"),
        ("\x1b[31mred\x07", r"\x1b[31mred\x07"),
        ("a\u202eb", r"a\u202eb"),
    ],
)
def test_a_class_name_is_drawn_as_it_is_in_every_figure(
    make_facts: Callable[..., ReportFacts],
    capfd: pytest.CaptureFixture[str],
    name: str,
    shown: str,
) -> None:
    facts, classes = make_facts(), ["other", name]
    with style():
        figures = [
            draw_latent_space(facts.latent["after"], "after", name, classes),
            draw_mistakes(facts.mistakes[0], classes),
        ]
    for figure in figures:
        assert any(shown in text for text in texts(figure.svg)), figure.name
    assert "\x1b" not in "".join(capfd.readouterr())


def test_a_letter_that_the_font_lacks_warns_nobody() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with style():
            figure, axes = canvas()
            axes.set_title("\U00012000 \u661f")
            drawing = finish(figure, "a", "b")
    assert "\U00012000 \u661f" in texts(drawing.svg)


@pytest.mark.parametrize(
    ("value", "text"),
    [(1e-3, "10⁻³"), (-1e5, "-10⁵"), (0, "0"), (100, "100"), (2e-7, "2 × 10⁻⁷"), (1e12, "10¹²")],
)
def test_powers_of_ten_need_no_mathematics(value: float, text: str) -> None:
    with style():
        _, axes = canvas()
        axes.set_yscale("symlog", linthresh=1e-9)
        axes.set_ylim(-1e6, 1e13)
        axes.yaxis.set_major_formatter(PowersOfTen(linthresh=1e-9, labelOnlyBase=False))
        assert axes.yaxis.get_major_formatter()(value) == text


def test_fonts_of_the_pdf_are_those_that_journals_take(
    figures: dict[str, list[Drawing]],
) -> None:
    for section in figures.values():
        for figure in section:
            assert b"/Type3" not in figure.pdf
            assert b"/FontFile2" in figure.pdf  # TrueType, inside the file
