"""What the shell offers at Tab: names of components and plugins, kinds, the paths of --set."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from dakit.components import SPEC_BASES
from dakit.errors import DakitError, InputError, did_you_mean
from dakit.plugins import catalog


def kinds(incomplete: str) -> list[str]:
    """Return the kinds of component."""
    return _beginning(incomplete, SPEC_BASES)


def components(incomplete: str) -> list[str]:
    """Return the names of all components."""
    return _beginning(incomplete, (c.name for c in catalog.current().components()))


def datasets(incomplete: str) -> list[str]:
    """Return the names of the datasets."""
    return _beginning(incomplete, (c.name for c in catalog.current().components("dataset")))


def plugins(incomplete: str) -> list[str]:
    """Return the names of the plugins that are there."""
    return _beginning(incomplete, (p.name for p in catalog.current().plugins))


def dataset_fields(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the fields of the dataset on the line, ready for their value."""
    from dakit.spec.annotations import fields

    offered = catalog.current().components("dataset")
    found = (f for c in offered if c.name in _words(ctx) for f, _ in fields(c.spec_class))
    return _beginning(incomplete, (f"{field}=" for field in found if field != "name"))


def spec_paths(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the dotted paths of the specs on the line, ready for their value."""
    paths = (path for word in _words(ctx) for path in _paths(Path(word)))
    return _beginning(incomplete, (f"{path}=" for path in paths))


def _beginning(incomplete: str, names: Any) -> list[str]:
    return [name for name in dict.fromkeys(names) if name.startswith(incomplete)]


def _words(ctx: typer.Context) -> Iterator[str]:
    """Yield the arguments: those that have found their place, and those that have not yet."""
    for value in (*ctx.params.values(), *ctx.args):
        yield from map(str, value if isinstance(value, list | tuple) else (value,))


def _paths(file: Path) -> Iterator[str]:
    from dakit.spec.fields import leaves
    from dakit.spec.loading import load_spec
    from dakit.spec.sweep import is_sweep_file, load_sweep

    if not file.is_file():
        return
    try:
        if is_sweep_file(file):
            first = load_sweep(file).spec.specs[0]
            file = file.parent / (first if isinstance(first, str) else first.spec)
        resolved = load_spec(file).resolved
    except DakitError:
        return
    for steps, _ in leaves(resolved):
        yield ".".join(_named(resolved, steps))


def _named(data: Any, steps: tuple[str | int, ...]) -> Iterator[str]:
    """Yield the steps of a path, a component of a list by its name."""
    for step in steps:
        data = data[step]
        yield data["name"] if isinstance(step, int) and isinstance(data, dict) else str(step)


Overrides = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="K=V",
        autocompletion=spec_paths,
        help="Change one value, e.g. training.epochs=5.",
    ),
]
"""The option of the commands that read a run spec."""


def parse_kind(text: str | None) -> str | None:
    """Return the kind called ``text``; None stays None.

    Raises:
        InputError: there is no such kind.
    """
    if text is None or text in SPEC_BASES:
        return text
    near, known = did_you_mean(text, SPEC_BASES) or ".", ", ".join(SPEC_BASES)
    raise InputError(f"--kind: there is no kind {text!r}{near} The kinds are {known}.")
