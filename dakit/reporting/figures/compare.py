"""All figures of a comparison, by section and experiment."""

from __future__ import annotations

from collections.abc import Iterator

from dakit.contracts import SIDES
from dakit.reporting.compare.facts import ComparisonFacts, ExperimentFacts
from dakit.reporting.figures.compared_roc import draw_compared_roc
from dakit.reporting.figures.drawing import Drawing, style
from dakit.reporting.figures.grad_cam import draw_side_by_side
from dakit.reporting.figures.latent_space import draw_methods
from dakit.reporting.figures.metric_bars import draw_metric_bars


def draw_comparison(facts: ComparisonFacts) -> dict[str, list[Drawing]]:
    """Draw everything: ``roc 0``, ``bars 0``, ``latent 0``, ``attention 0``, ``roc 1`` ..."""
    with style():
        found = {}
        for number, part in enumerate(facts.experiments):
            ending = f"_{number + 1}" if len(facts.experiments) > 1 else ""
            found[f"roc {number}"] = list(_rocs(part, ending))
            found[f"bars {number}"] = [draw_metric_bars(part, f"metrics{ending}")]
            found[f"latent {number}"] = list(_latent(part, ending))
            found[f"attention {number}"] = list(_attention(part, ending))
        return found


def _rocs(facts: ExperimentFacts, ending: str) -> Iterator[Drawing]:
    for role in SIDES:
        drawing = draw_compared_roc(facts, role, f"roc_{role}{ending}")
        if drawing is not None:
            yield drawing


def _attention(facts: ExperimentFacts, ending: str) -> Iterator[Drawing]:
    if facts.attention:
        mock, classes = facts.experiment.mock, facts.experiment.class_names
        yield draw_side_by_side(facts.attention, classes, f"grad_cam{ending}", mock=mock)


def _latent(facts: ExperimentFacts, ending: str) -> Iterator[Drawing]:
    if facts.latent:
        seed = facts.latent_seed
        whose = f"seed {seed} of each method" if seed is not None else "one run of each method"
        mock = " (MOCK DATA)" if facts.experiment.mock else ""
        classes = facts.experiment.class_names
        titled = {f"{label}{mock}": space for label, space in facts.latent.items()}
        yield draw_methods(titled, f"latent_space{ending}", whose, classes)
