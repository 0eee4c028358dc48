"""What a figure promises: a picture of any finished run, or of several, and nothing left open."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import Any

import numpy as np

from dakit.contracts import DrawnRun, Predictions
from dakit.testing.check import Skipped, checks_of, require
from dakit.testing.subject import Subject

ROWS = 12


def builds_from_its_spec(subject: Subject) -> None:
    """Its spec builds a callable from runs to a picture."""
    draw = subject.build()
    require(callable(draw), f"build returned {type(draw).__name__}, not a callable")


def draws_what_a_page_can_show(subject: Subject) -> None:
    """Of a run, of several, of many classes, without target labels: a picture, or None."""
    from_matplotlib()
    from dakit.reporting.figures.drawing import style
    from dakit.reporting.figures.further import as_drawing

    cases = {
        "a run": [_run()],
        "two runs": [_run(), _run(seed=1, classes=2)],
        "five classes": [_run(classes=5)],
        "a target without labels": [_run(labelled=False)],
    }
    draw, found = subject.build(), []
    with style():
        for case, runs in cases.items():
            made = draw(runs)
            try:
                found.append(as_drawing(made, draw, "kit", ""))
            except Exception as error:
                raise AssertionError(f"{case}: {error}") from error
    require(any(found), "it draws nothing of any run")


def leaves_what_it_is_given(subject: Subject) -> None:
    """Predictions stay as they are, and no figure stays open in pyplot."""
    from_matplotlib()
    run, same = _run(), _run()
    subject.build()([run])
    for side in ("source", "target"):
        given, kept = getattr(run, side), getattr(same, side)
        require(np.array_equal(given.probabilities, kept.probabilities), "it changes probabilities")
        require(np.array_equal(given.labels, kept.labels), "it changes labels")
    pyplot = sys.modules.get("matplotlib.pyplot")
    left = pyplot is not None and bool(pyplot.get_fignums())
    require(not left, "it leaves a figure open; make a matplotlib.figure.Figure, without pyplot")


def from_matplotlib() -> None:
    """Raise Skipped where no figure can be drawn."""
    if find_spec("matplotlib") is None:
        raise Skipped("matplotlib is not installed")


def _run(*, seed: int = 0, classes: int = 3, labelled: bool = True) -> DrawnRun:
    random = np.random.default_rng(seed)

    def side(known: bool) -> Predictions:
        labels = np.arange(ROWS) % classes
        rows = random.dirichlet(np.ones(classes), ROWS)
        return Predictions([f"image {i}" for i in range(ROWS)], rows, labels if known else None)

    metrics: dict[str, Any] = {"source_test": {"accuracy": 0.5, "n": ROWS}}
    metrics["target_test"] = {**metrics["source_test"]} if labelled else None
    rows = [{"epoch": e, "losses": {"total": 1 / e}, "scores": {"s": 0.5}} for e in (1, 2)]
    return DrawnRun(
        name="kit",
        run_id="0123456789",
        method="MMD",
        seed=seed,
        class_names=[f"class {c}" for c in range(classes)],
        spec={"name": "kit"},
        results={"name": "kit", "run_id": "0123456789", "metrics": metrics},
        history=rows,
        source=side(True),
        target=side(labelled),
    )


CHECKS = checks_of(builds_from_its_spec, draws_what_a_page_can_show, leaves_what_it_is_given)
