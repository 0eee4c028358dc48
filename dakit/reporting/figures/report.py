"""All figures of a report, by section."""

from __future__ import annotations

from collections.abc import Iterator

from dakit.reporting.figures.drawing import Drawing, style
from dakit.reporting.figures.grad_cam import draw_grad_cam, draw_side_by_side
from dakit.reporting.figures.latent_space import draw_latent_space
from dakit.reporting.figures.mosaic import draw_mistakes, draw_mosaic
from dakit.reporting.figures.roc import draw_precision_recall, draw_reliability, draw_roc
from dakit.reporting.figures.training_curves import draw_training_curves
from dakit.reporting.report.facts import LATENT_TITLES, ReportFacts


def make_figures(facts: ReportFacts) -> dict[str, list[Drawing]]:
    """Draw everything that ``facts`` allow: a list of drawings for each section's name."""
    mock = "MOCK DATA. " if facts.mock else ""
    with style():
        return {
            "mosaic": [draw_mosaic(mosaic, mock) for mosaic in facts.mosaics],
            "training": _training(facts),
            "curves": list(_curves(facts)),
            "latent": [
                draw_latent_space(space, when, LATENT_TITLES[when], facts.class_names)
                for when, space in facts.latent.items()
            ],
            "attention": list(_attention(facts)),
            "mistakes": [draw_mistakes(part, facts.class_names) for part in facts.mistakes],
        }


def _attention(facts: ReportFacts) -> Iterator[Drawing]:
    if facts.attention_beside:
        looks = {LATENT_TITLES["baseline"]: facts.attention_beside, "this run": facts.attention}
        yield draw_side_by_side(looks, facts.class_names, "grad_cam", mock=facts.mock)
    else:
        yield from (draw_grad_cam(part, facts.class_names) for part in facts.attention)


def _training(facts: ReportFacts) -> list[Drawing]:
    if not facts.history:
        return []
    chosen = facts.results.selection.epoch
    return list(draw_training_curves(facts.history, chosen, facts.oracles))


def _curves(facts: ReportFacts) -> Iterator[Drawing]:
    yield draw_roc(facts.sets, facts.results, facts.class_names)
    yield draw_precision_recall(facts.sets, facts.class_names)
    yield draw_reliability(facts.sets, facts.results, facts.spec.evaluation.ece_bins)
