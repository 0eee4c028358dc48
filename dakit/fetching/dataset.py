"""Finds a dataset that can be fetched, and the files it declares."""

from __future__ import annotations

from collections.abc import Sequence

from dakit.components import ComponentSpec, DatasetSpec
from dakit.errors import InputError
from dakit.files.remote_files import RemoteFiles
from dakit.plugins import catalog
from dakit.plugins.faults import returned
from dakit.spec.overrides import apply_overrides
from dakit.spec.positions import Mark, Node
from dakit.spec.problems import Problem, SpecError
from dakit.spec.validation import validate_as


def remote_files(name: str, settings: Sequence[str] = ()) -> RemoteFiles:
    """Return the files of the dataset ``name`` under ``settings`` such as ``experiment=sim_sim``.

    Raises InputError for a dataset that does not exist or has no files to fetch, and for settings
    that it does not take.
    """
    spec_class = catalog.current().find("dataset", name)
    given = _spec(spec_class, name, settings).remote_files() if _declares(spec_class) else None
    if given is None or not returned(given, RemoteFiles, spec_class, "remote_files").files:
        datasets = catalog.current().components("dataset")
        names = ", ".join(c.name for c in datasets if _declares(c.spec_class))
        offer = f"dakit can fetch: {names}" if names else "No dataset has any"
        raise InputError(f"the dataset {name!r} has no files to fetch. {offer}.")
    return given


def _declares(spec_class: type[ComponentSpec]) -> bool:
    return getattr(spec_class, "remote_files", None) is not DatasetSpec.remote_files


def _spec(spec_class: type[ComponentSpec], name: str, settings: Sequence[str]) -> DatasetSpec:
    problems: list[Problem] = []
    node = Node({"data": Node({"name": Node(name, Mark())}, Mark())}, Mark())
    changes = [f"data.{setting.removeprefix('data.')}" for setting in settings]
    data = apply_overrides(node, changes, problems).value["data"]
    spec, found = validate_as(spec_class, data)
    if spec is None or problems:
        raise SpecError([*problems, *found], "settings")
    assert isinstance(spec, DatasetSpec)
    return spec
