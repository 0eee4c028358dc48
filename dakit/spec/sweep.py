"""The sweep file: many runs from one page, frozen and validated like a run spec."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, final

from pydantic import Field

from dakit.components import LauncherSpec, SpecPart
from dakit.spec.annotations import fields
from dakit.spec.component import FromCatalog
from dakit.spec.extends import read_node
from dakit.spec.fields import Place
from dakit.spec.positions import Node
from dakit.spec.problems import Problem, SpecError
from dakit.spec.run import RunSpec
from dakit.spec.settling import settle
from dakit.spec.validation import validate_as

NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
WHAT = "sweep file"

Changes = dict[str, Any]
"""Values by the dotted path that ``--set`` would take."""
Seed = Annotated[int, Field(ge=0, lt=2**63)]


@final
class SweepEntry(SpecPart):
    """One spec of a sweep, changed."""

    spec: str = Field(description="A run spec, relative to this file.")
    name: str | None = Field(
        None, pattern=NAME_PATTERN, description="What its runs are called; the spec's own name."
    )
    set: Changes = Field({}, description='Changes, such as {"objective.transfer.weight": 0.5}.')


@final
class OverrideSet(SpecPart):
    """A named set of changes; every spec is run once with each set."""

    name: str = Field(
        pattern=NAME_PATTERN, description="Goes behind the name of the run: `<run>-<name>`."
    )
    set: Changes = Field(description='The changes, such as {"optimizer.lr": 0.01}; may be empty.')


@final
class QuickSpec(SpecPart):
    """What `--quick` changes: the same runs, or some of them, done in minutes."""

    set: Changes = Field({}, description="Changes of every run, those that others start from too.")
    seeds: tuple[Seed, ...] | None = Field(None, min_length=1, description="In place of `seeds`.")
    specs: tuple[str, ...] | None = Field(
        None, min_length=1, description="Only these of `specs`, by file or by name; else all."
    )


@final
class CompareSpec(SpecPart):
    """The comparison page at the end."""

    references: tuple[str, ...] = Field(
        (),
        description=(
            "Published tables to set beside the runs: JSON files relative to this file. Tables "
            "that come with the dataset are there anyway."
        ),
    )


@final
class SweepSpec(SpecPart):
    """Many runs: specs x seeds x overrides, and one comparison page at the end."""

    schema_uri: str | None = Field(
        None,
        alias="$schema",
        description="For editors: the JSON Schema made by `dakit schema --sweep`.",
    )
    schema_version: Literal[1] = Field(description="The version of this format.")
    name: str = Field(pattern=NAME_PATTERN, description="Names the sweep, its folder and page.")
    description: str = Field("", description="What the sweep is for.")
    specs: tuple[str | SweepEntry, ...] = Field(
        min_length=1, description="Run specs, relative to this file, plain or with changes."
    )
    seeds: tuple[Seed, ...] | None = Field(
        None, min_length=1, description="Each spec is run with each; by default its own seed."
    )
    overrides: tuple[OverrideSet, ...] = Field(
        (), description="Each spec is run with each set of changes; by default once, unchanged."
    )
    quick: QuickSpec | None = Field(None, description="What `--quick` changes.")
    launcher: Annotated[LauncherSpec, FromCatalog("launcher")] = Field(
        "local", description="Where the runs are carried out."
    )  # type: ignore[assignment]  # validated: the name is looked up
    compare: CompareSpec | None = Field(
        CompareSpec(), description="The comparison page at the end; null: none."
    )


def is_sweep_file(path: Path) -> bool:
    """Return whether a file is meant as a sweep file: by its keys, a few of them misspelt or not.

    A file that cannot be read is no sweep file: whoever reads it as a run spec says why.
    """
    return _keys_for_a_sweep(path) > 0


def _keys_for_a_sweep(path: Path) -> int:
    """Return how many keys only a sweep file has, less those that only a run spec has."""
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return 0
    ours, theirs = ({key for key, _ in fields(model)} for model in (SweepSpec, RunSpec))
    written = set(document) if isinstance(document, dict) else set()
    return len(written & (ours - theirs)) - len(written & (theirs - ours))


@final
@dataclass(frozen=True)
class LoadedSweep:
    """A valid sweep file and where everything in it stands."""

    spec: SweepSpec
    node: Node = field(repr=False)
    path: Path

    @property
    def folder(self) -> Path:
        """The folder that its paths start from."""
        return self.path.resolve().parent


def load_sweep(path: Path) -> LoadedSweep:
    """Read a sweep file; the run specs it names are read by :func:`sweep_runs`.

    Raises:
        SpecError: With everything that is wrong, each problem at its place.
    """
    path = Path(path)
    problems: list[Problem] = []
    root = Place(((SweepSpec, None),))
    written = read_node(path, str(path), problems, WHAT)
    node = settle(written, path.resolve().parent, problems, root)
    spec, found = validate_as(SweepSpec, node)
    problems += found
    if problems and _keys_for_a_sweep(path) < 0:
        raise SpecError([Problem(f"this is a run spec: dakit run {path}", file=str(path))], WHAT)
    if spec is None or problems:
        raise SpecError(sorted(problems, key=lambda p: (p.line or 0, p.column or 0)), WHAT)
    return LoadedSweep(spec, node, path)
