"""Training curves: losses, learning rate, scores, the discriminator's accuracy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from dakit.reporting import palette
from dakit.reporting.figures.drawing import Drawing, canvas, finish
from dakit.runs.records import EpochRow

DOMAIN_ACCURACY = ".domain_accuracy"
"""The diagnostic with a figure of its own, which knows what chance is."""

History = Sequence[EpochRow]
Part = Literal["losses", "gradient_shares", "diagnostics", "scores"]


def draw_training_curves(
    history: History, chosen: int, oracles: Sequence[str] = ()
) -> Iterator[Drawing]:
    """Draw what ``metrics.jsonl`` logs against the epoch; the ``chosen`` epoch is marked.

    Scores that were computed from target labels, the ``oracles``, get a figure of their own that
    says so.
    """
    epochs = f"{len(history)} epochs; the dotted line marks epoch {chosen}, the chosen one."
    losses = {
        f"{name} ({weight_text(history, name)})": column(history, "losses", name)
        for name in history[0].weights
    }
    losses["total, weighted"] = column(history, "losses", "total")
    yield _stack("losses", losses, history, chosen, f"Losses, means over an epoch. {epochs}")
    pulls = gradient_shares(history)
    if len(pulls) > 1:
        yield _stack(
            "gradient_shares",
            {f"{name}: share of the gradient norm": values for name, values in pulls.items()},
            history,
            chosen,
            "How much each weighted term pulls at the features: its share of the sum of the "
            f"terms' gradient norms, in the last step of each epoch. {epochs}",
            limits=(-0.03, 1.03),
        )
    rates = {"learning rate": [row.learning_rate for row in history]}
    yield _stack(
        "learning_rate", rates, history, chosen, f"Learning rate after each epoch. {epochs}"
    )
    scores = {name: column(history, "scores", name) for name in history[0].scores}
    seen = {
        f"ORACLE, from target labels: {name}": scores.pop(name)
        for name in oracles
        if name in scores
    }
    if scores:
        caption = f"Validator scores on the validation parts, higher is better. {epochs}"
        yield _stack("scores", scores, history, chosen, caption)
    if seen:
        caption = (
            "ORACLE: computed from target labels, which nobody has where adaptation is needed. "
            f"{epochs}"
        )
        yield _stack("oracle", seen, history, chosen, caption)
    told = domain_accuracies(history)
    if told:
        yield _stack(
            "domain_accuracy",
            {f"{name}: domain accuracy": values for name, values in told.items()},
            history,
            chosen,
            "Share of images whose domain the discriminator tells, mean over an epoch and over "
            f"both domains; 0.5 is chance. {epochs}",
            level=0.5,
        )
    others = other_diagnostics(history)
    if others:
        caption = f"What the terms tell of themselves, means over an epoch. {epochs}"
        yield _stack("diagnostics", others, history, chosen, caption)


def column(history: History, part: Part, name: str) -> list[float | None]:
    """Return one logged value over the epochs, None where it was not logged."""
    return [getattr(row, part).get(name) for row in history]


def gradient_shares(history: History) -> dict[str, list[float | None]]:
    """Return each term's share of the gradient norm over the epochs; empty in older logs."""
    names = dict.fromkeys(name for row in history for name in row.gradient_shares)
    return {name: column(history, "gradient_shares", name) for name in names}


def domain_accuracies(history: History) -> dict[str, list[float | None]]:
    """Return the discriminator's accuracy over the epochs for each term that has one."""
    names = [name for name in _diagnostics(history) if name.endswith(DOMAIN_ACCURACY)]
    return {
        name.removesuffix(DOMAIN_ACCURACY): column(history, "diagnostics", name) for name in names
    }


def other_diagnostics(history: History) -> dict[str, list[float | None]]:
    """Return every further diagnostic over the epochs, as ``<term>: <what>``."""
    names = [name for name in _diagnostics(history) if not name.endswith(DOMAIN_ACCURACY)]
    return {name.replace(".", ": ", 1): column(history, "diagnostics", name) for name in names}


def _diagnostics(history: History) -> list[str]:
    return list(dict.fromkeys(name for row in history for name in row.diagnostics))


def weight_text(history: History, name: str) -> str:
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
