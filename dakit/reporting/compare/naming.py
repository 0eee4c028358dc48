"""What experiments and methods are called: no two the same."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dakit.contracts import SIDES
from dakit.errors import InputError
from dakit.plugins import catalog
from dakit.reporting.compare.compared_run import ComparedRun
from dakit.reporting.compare.looks import Looks
from dakit.spec.fields import entries, paths_in
from dakit.spec.problems import Steps, dotted


def labels(runs: Sequence[ComparedRun], looks: Looks) -> list[str]:
    """Return a label for each method: of its recipe, with name or settings where that is shared.

    A method whose epochs were chosen by target labels bears that stamp wherever it is named.
    """
    own = [looks.label(run.recipe) + (" ORACLE" if run.oracle else "") for run in runs]
    alike = [[o for o, text in zip(runs, own, strict=True) if text == label] for label in own]
    return [
        label if len(others) == 1 else f"{label} ({_what_differs(run, others)})"
        for label, run, others in zip(own, runs, alike, strict=True)
    ]


def _what_differs(run: ComparedRun, others: Sequence[ComparedRun]) -> str:
    if len({other.results.name for other in others}) == len(others):
        return run.results.name
    flat = [_flat(other.method_key) for other in others]
    own = _flat(run.method_key)
    keys = [key for key in own if any(other.get(key) != own[key] for other in flat)]
    missing = [key for other in flat for key in other if key not in own]
    parts = [f"{_short(key, keys)} {_text(own[key])}" for key in keys]
    return ", ".join(parts or [f"no {_short(key, missing)}" for key in dict.fromkeys(missing)])


def titles(runs: Sequence[ComparedRun]) -> list[str]:
    """Return the data and the network, and more of their settings where that is not enough."""
    plain = [_title(run) for run in runs]
    flat = [_flat(run.problem_key) for run in runs]
    told = [
        _told_apart(title, own, [f for f, text in zip(flat, plain, strict=True) if text == title])
        for title, own in zip(plain, flat, strict=True)
    ]
    return [
        title if told.count(title) == 1 else f"{title}, data {run.fingerprint[:8] or 'unknown'}"
        for title, run in zip(told, runs, strict=True)
    ]


def _told_apart(title: str, own: dict[str, Any], alike: Sequence[dict[str, Any]]) -> str:
    if len(alike) == 1:
        return title
    keys = [key for key in own if any(other.get(key) != own[key] for other in alike)]
    if not keys:
        return title
    return f"{title} ({', '.join(f'{_short(key, keys)} {_text(own[key])}' for key in keys)})"


def _title(run: ComparedRun) -> str:
    """Return ``images tng → sdss, network small_cnn``.

    Data that their folders or files tell need no settings that are the usual ones.
    """
    data, paths = run.spec.document["data"], paths_in(run.spec.document)
    named = [
        [Path(v).name for k, v in entries(data.get(role)) if ("data", role, k) in paths and v]
        for role in SIDES
    ]
    usual = _defaults(data["name"]) if all(named) else {}
    chosen = [
        f"{key} {value}"
        for key, value in data.items()
        if isinstance(value, str)
        and key not in {"name", "origin"}
        and ("data", key) not in paths
        and usual.get(key) != value
    ]
    network = run.spec.model.backbone.name
    mock = "MOCK DATA: " if run.results.data.mock else ""
    where = f" {' → '.join(names[0] for names in named)}" if usual else ""
    return mock + ", ".join([data["name"] + where, *chosen, f"network {network}"])


def _defaults(dataset: str) -> dict[str, Any]:
    try:
        fields = catalog.current().find("dataset", dataset).model_fields
    except InputError:  # its plugin is not here any more: nothing is known to be usual
        return {}
    return {name: field.default for name, field in fields.items()}


def _flat(data: Any, steps: Steps = ()) -> dict[str, Any]:
    inner = list(entries(data))
    if not inner:
        return {dotted(steps): data}
    return {key: v for step, value in inner for key, v in _flat(value, (*steps, step)).items()}


def _short(key: str, keys: Sequence[str]) -> str:
    last = key.rpartition(".")[2]
    return last if sum(other.rpartition(".")[2] == last for other in keys) == 1 else key


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
