"""A broken figure is caught by the check that is there for it."""

from typing import Any, Literal

import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure

from dakit import FigureSpec


def spec_of(draw: Any) -> type[FigureSpec]:
    class BrokenSpec(FigureSpec):
        """A figure."""

        name: Literal["broken"] = "broken"

        def build(self, context: Any) -> Any:
            return draw

    return BrokenSpec


def curves(runs: Any) -> Figure:
    figure = Figure()
    axes = figure.subplots()
    for run in runs:
        axes.hist(run.target.probabilities.max(1))
    return figure


def of_labels(runs: Any) -> str:
    return f"<svg>{runs[0].target.labels.sum()}</svg>"


def sorting(runs: Any) -> Figure:
    runs[0].source.probabilities.sort()
    return curves(runs)


def with_pyplot(runs: Any) -> Any:
    return pyplot.figure()


CASES = [
    ("figure", "builds_from_its_spec", "returned str"),
    (lambda runs: [1], "draws_what_a_page_can_show", "returned list"),
    (lambda runs: b"GIF89a", "draws_what_a_page_can_show", "returned bytes"),
    (of_labels, "draws_what_a_page_can_show", "NoneType"),
    (lambda runs: None, "draws_what_a_page_can_show", "nothing of any run"),
    (sorting, "leaves_what_it_is_given", "changes probabilities"),
    (with_pyplot, "leaves_what_it_is_given", "leaves a figure open"),
]


@pytest.fixture(autouse=True)
def _closed():
    yield
    pyplot.close("all")


@pytest.mark.parametrize(("draw", "check", "message"), CASES)
def test_the_check_for_it_catches(assert_caught, draw, check, message):
    assert_caught(spec_of(draw), check, message)


@pytest.mark.parametrize("check", sorted({check for _, check, _ in CASES}))
@pytest.mark.parametrize("draw", [curves, lambda runs: "<svg></svg>" if len(runs) > 1 else None])
def test_a_sound_one_passes(run_check, check, draw):
    run_check(spec_of(draw), check)
