"""The images of a report: some to look at closely, and those the network is wrongest about.

Why something cannot be shown stands in ``missing``, by section.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import torch
from numpy.typing import NDArray

from dakit.contracts import Domain
from dakit.data.prepare import PreparedData
from dakit.data.statistics import is_wide
from dakit.evaluation.grad_cam import grad_cam, last_convolution
from dakit.network import Network
from dakit.randomness import generator
from dakit.reporting.report.facts import Attention, Mistakes
from dakit.reporting.scored_set import ScoredSet

MOST_MISTAKES = 6
MOST_COLUMNS = 4
MOST_MAPS = 2


def attentions(
    data: PreparedData,
    network: Network,
    sets: Mapping[str, ScoredSet],
    layer: str | None,
    *,
    seed: int,
    device: torch.device,
    missing: dict[str, str],
) -> Iterator[Attention]:
    """Yield the Grad-CAMs of some test images of each domain whose classes are known.

    Raises InputError where the network has no such ``layer``.
    """
    name = layer or last_convolution(network)
    if name is None:
        missing["attention"] = "The network has no convolution to look at."
        return
    for role, scored in sets.items():
        if scored.labels is None:
            missing["attention"] = f"The {role} has no labels: no true classes to show."
            continue
        domain: Domain = getattr(data.pair, role)
        chosen = _examples(scored, seed)
        images = domain.inputs[scored.rows[chosen]]
        normalization = getattr(data.normalization, role)
        # torch knows no big-endian types
        floats = np.ascontiguousarray(images, np.float64 if is_wide(images) else np.float32)
        inputs = normalization(torch.from_numpy(floats).to(device))
        classes = _classes_to_show(scored, chosen)
        with network.for_domain("source" if role == "source" else "target"):
            maps = [grad_cam(network, inputs, column, name) for column in classes.T]
        yield Attention(
            role=role,
            layer=name,
            images=images,
            labels=scored.labels[chosen],
            predicted=scored.predicted[chosen],
            classes=classes,
            maps=np.stack(maps, axis=1),
        )


def _examples(scored: ScoredSet, seed: int) -> NDArray[np.int64]:
    """Pick test images by lot, of other objects, as many of each class: the last class first."""
    assert scored.labels is not None
    random = generator(seed, f"grad-cam {scored.role}")
    classes = np.unique(scored.labels)[::-1][:MOST_COLUMNS]
    each = max(1, MOST_COLUMNS // len(classes))
    drawn = [random.permutation(np.flatnonzero(scored.labels == c)) for c in classes]
    return np.concatenate([scored.one_a_group(rows)[:each] for rows in drawn])


def _classes_to_show(scored: ScoredSet, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return both classes, the last first; with more, the true one and its strongest rival."""
    assert scored.labels is not None
    probabilities, labels = scored.probabilities[chosen], scored.labels[chosen]
    if probabilities.shape[1] <= MOST_MAPS:
        return np.tile(np.arange(probabilities.shape[1])[::-1], (len(chosen), 1))
    others = probabilities.copy()
    others[np.arange(len(chosen)), labels] = -1
    return np.stack([labels, others.argmax(axis=1)], axis=1)


def mistakes(
    data: PreparedData, sets: Mapping[str, ScoredSet], missing: dict[str, str]
) -> Iterator[Mistakes]:
    """Yield the most confident mistakes of each domain that has any."""
    for role, scored in sets.items():
        worst = scored.worst(MOST_MISTAKES)
        if scored.labels is None or len(worst) == 0:
            reason = "has no labels" if scored.labels is None else "test set has no mistakes"
            missing["mistakes"] = f"The {role} {reason}."
            continue
        domain: Domain = getattr(data.pair, role)
        yield Mistakes(
            role=role,
            images=domain.inputs[scored.rows[worst]],
            ids=tuple(scored.ids[i] for i in worst),
            labels=scored.labels[worst],
            predicted=scored.predicted[worst],
            confidence=scored.probabilities[worst].max(axis=1),
            wrong=int((scored.predicted != scored.labels).sum()),
            tested=len(scored),
        )
