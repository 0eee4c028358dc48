"""The columns of a table of predictions, and the rows of a batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from dakit.evaluation.averaging import Averaged, Averaging


def prediction_columns(
    class_names: Sequence[str], longest_id: int, how: Averaging, *, with_distance: bool
) -> dict[str, int]:
    """Return the columns in their order and how wide their texts are, 0 for numbers."""
    longest_name = max(len(name.encode()) for name in class_names)
    numbers = [*(f"p_{name}" for name in class_names), "entropy"]
    if how.symmetries:
        numbers += [f"symmetry_sd_{name}" for name in class_names]
    if how.dropout_samples:
        numbers += [*(f"dropout_sd_{name}" for name in class_names), "mutual_information"]
    if with_distance:
        numbers.append("distance")
    return {"id": max(1, longest_id), "predicted": longest_name, **dict.fromkeys(numbers, 0)}


def prediction_rows(
    ids: Sequence[str],
    averaged: Averaged,
    class_names: Sequence[str],
    distance: NDArray[np.float64] | None,
) -> dict[str, Any]:
    """Return a batch column by column, numbers as float32."""
    chosen = averaged.probabilities.argmax(dim=1).tolist()
    rows: dict[str, Any] = {"id": ids, "predicted": [class_names[c] for c in chosen]}
    rows |= _by_class("p", averaged.probabilities, class_names)
    rows["entropy"] = averaged.entropy.float().numpy()
    rows |= _by_class("symmetry_sd", averaged.symmetry_sd, class_names)
    rows |= _by_class("dropout_sd", averaged.dropout_sd, class_names)
    if averaged.mutual_information is not None:
        rows["mutual_information"] = averaged.mutual_information.float().numpy()
    if distance is not None:
        rows["distance"] = distance.astype(np.float32)
    return rows


def _by_class(
    name: str, values: Tensor | None, class_names: Sequence[str]
) -> dict[str, NDArray[np.float32]]:
    if values is None:
        return {}
    columns = values.float().numpy().T
    return {f"{name}_{c}": column for c, column in zip(class_names, columns, strict=True)}
