"""All figures of a report, by section; training curves are made here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from dakit.reporting import palette
from dakit.reporting.figures.drawing import Drawing, canvas, finish, style
from dakit.reporting.figures.grad_cam import draw_grad_cam, draw_side_by_side
from dakit.reporting.figures.latent_space import draw_latent_space
from dakit.reporting.figures.mosaic import draw_mistakes, draw_mosaic
from dakit.reporting.figures.roc import draw_precision_recall, draw_reliability, draw_roc
from dakit.reporting.report.facts import LATENT_TITLES, ReportFacts
from dakit.runs.records import EpochRow


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


DOMAIN_ACCURACY = ".domain_accuracy"
"""The diagnostic with a figure of its own, which knows what chance is."""

History = Sequence[EpochRow]
Curves = dict[str, list[float | None]]
"""A value over the epochs by its title, None where it was not logged."""


def draw_training_curves(
    history: History, chosen: int, oracles: Sequence[str] = ()
) -> Iterator[Drawing]:
    """Draw what ``metrics.jsonl`` logs against the epoch; the ``chosen`` epoch is marked.

    Scores that were computed from target labels, the ``oracles``, get a figure of their own that
    says so.
    """
    epochs = f"{len(history)} epochs; the dotted line marks epoch {chosen}, the chosen one."
    for name, curves, caption, look in _figures(history, oracles):
        if curves:
            yield _stack(name, curves, history, chosen, f"{caption} {epochs}", **look)


def _figures(
    history: History, oracles: Sequence[str]
) -> Iterator[tuple[str, Curves, str, dict[str, Any]]]:
    """Yield name, curves, caption and further settings of each figure."""
    yield "losses", _losses(history), "Losses, means over an epoch.", {}
    pulls = _logged(history, "gradient_shares")
    yield (
        "gradient_shares",
        {f"{term}: share of the gradient norm": pulls[term] for term in pulls if len(pulls) > 1},
        "How much each weighted term pulls at the features: its share of the sum of the terms' "
        "gradient norms, in the last step of each epoch.",
        {"limits": (-0.03, 1.03)},
    )
    stepped = any(row.losses for row in history)
    rates: Curves = {"learning rate": [row.learning_rate for row in history]} if stepped else {}
    yield "learning_rate", rates, "Learning rate after each epoch.", {}
    scores = _logged(history, "scores")
    seen = {f"ORACLE, from target labels: {o}": scores.pop(o) for o in oracles if o in scores}
    yield "scores", scores, "Validator scores on the validation parts, higher is better.", {}
    yield (
        "oracle",
        seen,
        "ORACLE: computed from target labels, which nobody has where adaptation is needed.",
        {},
    )
    told = _logged(history, "diagnostics")
    accuracies = [name for name in told if name.endswith(DOMAIN_ACCURACY)]
    yield (
        "domain_accuracy",
        {f"{n.removesuffix(DOMAIN_ACCURACY)}: domain accuracy": told.pop(n) for n in accuracies},
        "Share of images whose domain the discriminator tells, mean over an epoch and over both "
        "domains; 0.5 is chance.",
        {"level": 0.5},
    )
    others = {name.replace(".", ": ", 1): values for name, values in told.items()}
    yield "diagnostics", others, "What the terms tell of themselves, means over an epoch.", {}


def _losses(history: History) -> Curves:
    logged = _logged(history, "losses")
    titles = {name: f"{name} ({_weight_text(history, name)})" for name in history[0].weights}
    titles |= {"total": "total, weighted"} if logged else {}
    return {title: logged.get(name, [None] * len(history)) for name, title in titles.items()}


def _logged(
    history: History, part: Literal["losses", "gradient_shares", "diagnostics", "scores"]
) -> Curves:
    names = dict.fromkeys(name for row in history for name in getattr(row, part))
    return {name: [getattr(row, part).get(name) for row in history] for name in names}


def _weight_text(history: History, name: str) -> str:
    """Return the weight of a term: ``weight 0.5``, or ``weight 0 to 1`` where it changes."""
    weights = [row.weights[name] for row in history]
    if max(weights) == min(weights):
        return f"weight {weights[0]:g}"
    return f"weight {weights[0]:.3g} to {weights[-1]:.3g}"


def _stack(
    name: str,
    curves: Mapping[str, Sequence[float | None]],
    history: History,
    chosen: int,
    caption: str,
    level: float | None = None,
    limits: tuple[float, float] | None = None,
) -> Drawing:
    epochs = [row.epoch for row in history]
    height = 0.55 + max(1.15 * len(curves), 1.6)
    figure, axes = canvas(height, len(curves), sharex=True, squeeze=False)
    for place, (title, values) in zip(axes[:, 0], curves.items(), strict=True):
        numbers = [float("nan") if value is None else value for value in values]
        marker = "o" if len(numbers) < 3 else ""
        place.plot(epochs, numbers, color=palette.NAVY, linewidth=1.5, marker=marker)
        place.axvline(chosen, color=palette.MARK, linestyle=":", linewidth=1.3)
        if level is not None:
            place.axhline(level, color=palette.MUTED, linestyle="--", linewidth=0.8)
        place.set_title(title)
        if limits is not None:
            place.set_ylim(limits)
        place.locator_params(axis="y", nbins=4)
    axes[-1, 0].set_xlabel("epoch")
    axes[-1, 0].xaxis.get_major_locator().set_params(integer=True)
    return finish(figure, name, caption)
