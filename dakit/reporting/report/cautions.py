"""What a careful colleague would say of a run before anybody quotes its numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from dakit.contracts import SIDES
from dakit.evaluation.latent_space import LatentSpace
from dakit.reporting.report.facts import ReportFacts
from dakit.reporting.scored_set import Counts, ScoredSet, size_words
from dakit.runs.plugin_changes import mixed_versions
from dakit.runs.records import EpochRow
from dakit.runs.results import DataPart, Results, SelectionPart
from dakit.training.scale import scale_cautions

COLLAPSED = 0.02
"""A discriminator this near to 0.5 tells nothing."""
UNBEATEN = 0.98
"""A discriminator above this was never confused."""
APART = 0.5
"""Domains with a larger proxy A-distance are not aligned, whatever the discriminator says."""
STILL_APART = 1.0
"""A proxy A-distance above this, an error of less than 25 %, is no alignment."""
NIL = 1e-6
"""A term whose share of the gradient norm never exceeds this taught the network nothing."""


def cautions(facts: ReportFacts) -> list[str]:
    """Return the warnings of a run, the gravest first, a sentence or two each."""
    results = facts.results
    return [
        *_data(results.data),
        *_selection(results.selection),
        *_ties(results.selection, facts.history),
        *_leakage(results.data.leakage.lines),
        *mixed_versions(facts.history),
        *_negative_transfer(facts),
        *(apart(facts.latent["after"]) if facts.adaptation and "after" in facts.latent else ()),
        *_gap(results),
        *_chance(results),
        *_empty_classes(facts.counts, facts.class_names),
        *_missing_classes(facts.sets, facts.class_names),
        *scale_cautions(results, facts.spec, facts.history),
        *_discriminator(facts),
        *_idle_terms(facts.history),
        *_seeds(results),
    ]


def _data(data: DataPart) -> Iterator[str]:
    if data.mock:
        yield "Mock data: made by a generator; these numbers say nothing about real objects."


def _selection(selection: SelectionPart) -> Iterator[str]:
    if selection.used_target_labels:
        yield (
            f"Oracle: the epoch was chosen by target labels ({selection.validator}); without "
            "them nobody could have chosen it. Do not compare with runs that did not see them."
        )


def _ties(selection: SelectionPart, history: Sequence[EpochRow]) -> Iterator[str]:
    """Yield a caution where several epochs have the score of the one that was kept."""
    scores = [row.scores.get(selection.validator) for row in history]
    tied = scores.count(selection.score)
    if selection.score is not None and tied > 1:
        yield (
            f"{tied} of {len(scores)} epochs have the best score by {selection.validator}; the "
            f"first, epoch {selection.epoch}, was kept. More validation rows, or a score that "
            "averages over probabilities, tell them apart."
        )


def _leakage(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        if line.startswith("LEAKAGE"):
            yield f"{line}. The test numbers are too good."
        elif "not known" in line:
            yield f"Possible leakage: {line}. Images of one object may be on both sides."


def _negative_transfer(facts: ReportFacts) -> Iterator[str]:
    if facts.baseline is None:
        # Without target labels a baseline could not tell either.
        if facts.adaptation and facts.results.test("target") is not None:
            yield (
                "Negative transfer was not looked for: give a run without adaptation on the same "
                "data and seed, `dakit report RUN --baseline RUN2`."
            )
        return
    for role in reversed(SIDES):
        found = facts.baseline.differences.get(role, {}).get("accuracy")
        if found is None or found.low is None or found.high is None or found.low > 0:
            continue
        interval = (
            f"{role} accuracy is {abs(found.value):.3f} {'above' if found.value >= 0 else 'below'} "
            f"that of {facts.baseline.title} [{found.low:+.3f}, {found.high:+.3f}], on the same "
            f"{size_words([facts.sets[role]])}"
        )
        if found.high < 0:
            yield f"Negative transfer: {interval}. The adaptation did harm there."
        elif role == "target":  # in the source no gain is looked for
            yield f"No gain is shown: {interval}. Harm is not excluded."


def apart(space: LatentSpace) -> Iterator[str]:
    """Yield a caution where a classifier still separates the domains after adaptation."""
    distance = space.numbers["proxy_a_distance"]
    if distance is not None and distance > STILL_APART:
        yield (
            "The domains lie apart after adaptation: the proxy A-distance of the features is "
            f"{distance:.2f} (0 alike, 2 apart), so a linear classifier that tells the domains "
            f"errs in {(2 - distance) / 4:.1%} of the images. They were not aligned."
        )


def _gap(results: Results) -> Iterator[str]:
    source, target = results.test("source"), results.test("target")
    if target is None:
        yield "The target has no labels: nothing can be said about how well the run does there."
        return
    if source is None or source.accuracy is None or target.accuracy is None:
        return
    here, there = source.interval("accuracy"), target.interval("accuracy")
    if here is None or there is None:
        return
    (source_low, source_high), (target_low, target_high) = here, there
    difference = source.accuracy - target.accuracy
    if target_high < source_low:
        yield (
            f"A gap is left: target accuracy is {difference:.3f} below the source's and the "
            "intervals do not overlap."
        )
    elif target_low <= source_high:
        widths = (source_high - source_low, target_high - target_low)
        yield (
            "The intervals of source and target accuracy overlap: source minus target is "
            f"{difference:+.3f}, uncertain by about {math.hypot(*widths) / 2:.3f} (the half widths "
            "added in quadrature)."
        )


def _chance(results: Results) -> Iterator[str]:
    chance = 1 / len(results.data.class_names)
    for role in SIDES:
        metrics = results.test(role)
        interval = metrics and metrics.interval("balanced_accuracy")
        if interval and interval[0] <= chance:
            yield (
                f"In the {role} the network may be no better than guessing: the interval of its "
                f"balanced accuracy, {interval[0]:.3f} to {interval[1]:.3f}, reaches down to "
                f"chance ({chance:.3f})."
            )


def _empty_classes(counts: Counts, class_names: Sequence[str]) -> Iterator[str]:
    for domain, parts in counts.items():
        for part, numbers in parts.items():
            empty = [name for name, n in zip(class_names, numbers, strict=True) if n == 0]
            if empty and sum(numbers):
                yield (
                    f"A class is missing: no {part} image in the {domain} is of "
                    f"{', '.join(empty)}. Means over classes count it, as 0, only where it is "
                    "predicted."
                )


def _missing_classes(sets: Mapping[str, ScoredSet], class_names: Sequence[str]) -> Iterator[str]:
    for role, scored in sets.items():
        counts = np.bincount(scored.predicted, minlength=len(class_names))
        never = [name for name, count in zip(class_names, counts, strict=True) if count == 0]
        if never:
            yield f"Never predicted in the {role} test set: {', '.join(never)}."


def _discriminator(facts: ReportFacts) -> Iterator[str]:
    epoch = facts.results.selection.epoch
    chosen = [
        value for row in facts.history if row.epoch == epoch for value in row.diagnostics.items()
    ]
    for name, value in chosen:
        if not name.endswith(".domain_accuracy") or value is None:
            continue
        term = name.removesuffix(".domain_accuracy")
        if abs(value - 0.5) <= COLLAPSED:
            yield (
                f"The discriminator of {term} is at chance in the chosen epoch ({value:.3f}): "
                f"{_aligned_or_collapsed(facts)}"
            )
        elif value > UNBEATEN:
            yield (
                f"The discriminator of {term} tells the domains apart in the chosen epoch "
                f"({value:.3f}): the features were not aligned."
            )


def _aligned_or_collapsed(facts: ReportFacts) -> str:
    after = facts.latent.get("after")
    distance = after.numbers["proxy_a_distance"] if after else None
    if distance is None:
        return "the domains are aligned, or it has collapsed."
    told = (
        f"a classifier trained on the features afterwards gets a proxy A-distance of {distance:.2f}"
    )
    if distance > APART:
        return f"it has collapsed, since {told}."
    return f"the domains are aligned and it has not collapsed, since {told}."


def _idle_terms(history: Sequence[EpochRow]) -> Iterator[str]:
    logged = [row.gradient_shares for row in history if row.gradient_shares]
    for name in dict.fromkeys(name for shares in logged for name in shares):
        if max((shares.get(name) or 0.0) for shares in logged) <= NIL:
            yield (
                f"The gradient of {name} is nil: in none of {len(logged)} epochs did it pull at "
                "the features, so the network is as if it were left out."
            )


def _seeds(results: Results) -> Iterator[str]:
    yield (
        f"One seed only ({results.seed}): the intervals cover the choice of test images, not the "
        "luck of training. Repeat with other seeds."
    )
