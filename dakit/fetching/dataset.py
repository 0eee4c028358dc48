"""Finds a dataset that can be fetched, and the files it declares."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from dakit import catalog
from dakit.component_faults import returned
from dakit.components import ComponentSpec, DatasetSpec
from dakit.errors import InputError
from dakit.remote_files import RemoteFiles
from dakit.spec.problems import suggestion


def remote_files(name: str, settings: Sequence[str] = ()) -> RemoteFiles:
    """Return the files of the dataset ``name`` under ``settings`` such as ``experiment=sim_sim``.

    Raises InputError for a dataset that does not exist or has no files to fetch, and for settings
    that it does not take.
    """
    spec_class = catalog.current().find("dataset", name)
    given = _spec(spec_class, name, settings).remote_files() if _declares(spec_class) else None
    if given is None or not returned(given, RemoteFiles, spec_class, "remote_files").files:
        fetchable = [
            c.name for c in catalog.current().components("dataset") if _declares(c.spec_class)
        ]
        offer = f"dakit can fetch: {', '.join(fetchable)}" if fetchable else "No dataset has any"
        raise InputError(f"the dataset {name!r} has no files to fetch. {offer}.")
    return given


def _declares(spec_class: type[ComponentSpec]) -> bool:
    return getattr(spec_class, "remote_files", None) is not DatasetSpec.remote_files


def _spec(spec_class: type[ComponentSpec], name: str, settings: Sequence[str]) -> DatasetSpec:
    values: dict[str, Any] = {"name": name}
    for setting in settings:
        key, equals, text = setting.removeprefix("data.").partition("=")
        if not equals or not key:
            raise InputError(f"--set {setting}: must be KEY=VALUE, such as experiment=sim_sim")
        values[key] = _value(text)
    try:
        spec = spec_class.model_validate(values)
    except ValidationError as error:
        raise InputError(_explained(error, spec_class, name)) from error
    assert isinstance(spec, DatasetSpec)
    return spec


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _explained(error: ValidationError, spec_class: type[ComponentSpec], name: str) -> str:
    known = [key for key in spec_class.model_fields if key != "name"]
    lines = []
    for problem in error.errors():
        place = ".".join(map(str, problem["loc"])) or name
        if problem["type"] == "extra_forbidden":
            hint = suggestion(place, known) or f". Allowed: {', '.join(known)}"
            lines.append(f"the dataset {name!r} has no {place!r}{hint}")
        else:
            lines.append(f"{place}: {problem['msg']}")
    return "\n".join(lines)
