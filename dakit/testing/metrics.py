"""What a metric promises: a number within its bounds, better for the better model."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dakit.components import MetricSpec
from dakit.evaluation.further import TAKEN
from dakit.plugins.checks import component_name
from dakit.testing.check import checks_of, require
from dakit.testing.subject import CLASSES, Subject

Case = tuple[NDArray[np.int64], NDArray[np.float64]]


def builds_from_its_spec(subject: Subject) -> None:
    """Its spec builds a callable from labels and probabilities to a number."""
    metric = subject.build()
    require(callable(metric), f"build returned {type(metric).__name__}, not a callable")
    value = metric(*_perfect())
    number = isinstance(value, float | int | np.number)
    require(number, f"it returned {type(value).__name__}, not a number")


def has_a_name_of_its_own(subject: Subject) -> None:
    """Its name is none that every set of metrics holds."""
    name = component_name(subject.spec_class)
    require(name not in TAKEN, f"every result holds a {name!r} already")


def prefers_the_better_model(subject: Subject) -> None:
    """A model that is right and sure is better than one that guesses, as higher_is_better says."""
    metric, higher = subject.build(), _spec_class(subject).higher_is_better
    good, bad = float(metric(*_perfect())), float(metric(*_guesses(60, CLASSES)))
    better = good > bad if higher else good < bad
    told = f"a perfect model has {good:g}, one that guesses {bad:g}"
    require(better, f"{told}, and higher_is_better is {higher}")


def stays_within_its_bounds(subject: Subject) -> None:
    """Its values lie between `lowest` and `highest`, or are NaN where it is undefined."""
    metric, spec_class = subject.build(), _spec_class(subject)
    low, high = spec_class.lowest, spec_class.highest
    for name, case in _cases().items():
        value = float(metric(*case))
        within = np.isnan(value) or low - 1e-9 <= value <= high + 1e-9
        require(bool(within), f"{name}: {value:g} is not between {low:g} and {high:g}")


def does_not_depend_on_the_order(subject: Subject) -> None:
    """Rows in another order give the same value, and what it is given stays as it is."""
    labels, probabilities = _guesses(60, CLASSES)
    order = np.random.default_rng(0).permutation(len(labels))
    untouched = labels.copy(), probabilities.copy()
    first = float(subject.build()(labels, probabilities))
    same = all(
        np.array_equal(*pair) for pair in zip((labels, probabilities), untouched, strict=True)
    )
    require(same, "it changes labels or probabilities in place")
    second = float(subject.build()(labels[order], probabilities[order]))
    same = bool(np.isclose(first, second, rtol=1e-9))
    require(same, f"it is {first:g}, and {second:g} in another order")


def _spec_class(subject: Subject) -> type[MetricSpec]:
    assert issubclass(subject.spec_class, MetricSpec)
    return subject.spec_class


def _perfect() -> Case:
    labels = np.arange(60) % CLASSES
    return labels, np.eye(CLASSES)[labels]


def _guesses(rows: int, classes: int) -> Case:
    random = np.random.default_rng(rows)
    return random.integers(0, classes, rows), random.dirichlet(np.ones(classes), rows)


def _cases() -> dict[str, Any]:
    labels, probabilities = _guesses(40, CLASSES)
    perfect, sure = _perfect()
    return {
        "guesses": (labels, probabilities),
        "two classes": _guesses(40, 2),
        "all right": (perfect, sure),
        "all wrong": ((perfect + 1) % CLASSES, sure),
        "equal probabilities": (labels, np.full_like(probabilities, 1 / CLASSES)),
        "one class": (np.zeros_like(labels), probabilities),
        "one row": _guesses(1, CLASSES),
        "no row": _guesses(0, CLASSES),
    }


CHECKS = checks_of(
    builds_from_its_spec,
    has_a_name_of_its_own,
    prefers_the_better_model,
    stays_within_its_bounds,
    does_not_depend_on_the_order,
)
