"""From a sweep file to its runs: specs x overrides x seeds, each a valid run spec."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any, final

from dakit.spec.fields import entries, paths_in
from dakit.spec.links import full_path, linked
from dakit.spec.loading import LoadedSpec, load_spec, reseeded
from dakit.spec.overrides import Changes, Override
from dakit.spec.positions import Mark, Node
from dakit.spec.problems import Problem, SpecError, Steps
from dakit.spec.sweep import WHAT, LoadedSweep, OverrideSet, SweepEntry, load_sweep

MOST_RUNS = 10_000
"""Of one sweep. More would be a slip, such as seeds that were meant for overrides."""


@final
@dataclass(frozen=True)
class SweepRun:
    """One run of a sweep: a run spec and everything that changes it."""

    path: Path
    changes: tuple[str, ...]
    """As ``--set`` takes them, with every path absolute."""
    override: str | None
    """The name of the set of overrides."""
    loaded: LoadedSpec = field(repr=False)
    start: SweepRun | None = None
    """The run whose weights it starts from."""

    @property
    def label(self) -> str:
        """Name and seed, as in ``sim_sim_mmd-seed1``."""
        return f"{self.loaded.spec.name}-seed{self.loaded.spec.seed}"


def sweep_runs(sweep: LoadedSweep, *, quick: bool, changes: Sequence[str] = ()) -> list[SweepRun]:
    """Return the runs of a sweep, with ``quick`` the small ones, in the order of the file.

    ``changes`` as ``--set`` takes them come last and reach every run, those that others start
    from included.

    Raises:
        SpecError: With everything that is wrong, in the sweep file or in a spec, at its place.
    """
    problems: list[Problem] = []
    if quick and sweep.spec.quick is None:
        problems.append(sweep.node.mark.problem(("quick",), "is required for --quick"))
    runs = list(_runs(sweep, quick, tuple(changes), problems))
    if not problems:
        problems += _same_names(runs, sweep)
    if problems:
        raise SpecError(problems, WHAT)
    return runs


def check_sweep(path: Path, changes: Sequence[str] = ()) -> tuple[LoadedSweep, list[SweepRun]]:
    """Read a sweep file and every run that it asks for, with ``--quick`` and without.

    Raises:
        SpecError: With everything that is wrong, in the sweep file or in a spec, at its place.
    """
    sweep = load_sweep(path)
    problems: list[Problem] = []
    runs: list[SweepRun] = []
    for quick in (False, True) if sweep.spec.quick else (False,):
        try:
            runs += sweep_runs(sweep, quick=quick, changes=changes)
        except SpecError as error:
            problems += error.problems
    if problems:
        raise SpecError(problems, WHAT)
    return sweep, runs


def _runs(
    sweep: LoadedSweep, quick: bool, given: tuple[str, ...], problems: list[Problem]
) -> Iterator[SweepRun]:
    small = sweep.spec.quick if quick else None
    seeds = (small and small.seeds) or sweep.spec.seeds or (None,)
    common: Changes = (*_written(sweep, "quick", "set"), *given) if small else given
    wanted = _wanted(sweep, small.specs if small else None, problems)
    files = {i: _spec_file(sweep, i, problems) for i in wanted}
    sets = list(enumerate(sweep.spec.overrides or (None,)))
    if len(files) * len(sets) * len(seeds) > MOST_RUNS:
        problems.append(sweep.node.mark.problem((), f"asks for more than {MOST_RUNS:,} runs"))
        return
    for (index, path), (number, override) in product(files.items(), sets):
        try:
            if path is not None:
                own = tuple(_own(sweep, index, number, override, path))
                yield from (_run(loaded, override) for loaded in _seeded(path, own, common, seeds))
        except SpecError as error:
            problems += error.problems


def _wanted(
    sweep: LoadedSweep, only: Sequence[str] | None, problems: list[Problem]
) -> Iterator[int]:
    """Yield the places of the entries that ``only`` names, in the order of the file; else all."""
    known = [(e, e) if isinstance(e, str) else (e.spec, e.name) for e in sweep.spec.specs]
    yield from (i for i, names in enumerate(known) if only is None or set(names) & set(only))
    for number, name in enumerate(only or ()):
        if not any(name in names for names in known):
            node = _at(sweep, "quick", "specs", number) or sweep.node
            message = f"{name!r} is none of 'specs'"
            problems.append(node.mark.problem(("quick", "specs", number), message))


def _seeded(
    path: Path, own: Changes, common: Changes, seeds: Sequence[int | None]
) -> Iterator[LoadedSpec]:
    chosen = () if seeds[0] is None else (f"seed={seeds[0]}",)
    first = load_spec(path, common, own=(*own, *chosen))
    yield first
    for seed in seeds[1:]:
        assert seed is not None  # a spec's own seed stands alone
        fixed = first.spec.seed != seeds[0]  # by quick or --set
        yield first if fixed else reseeded(first, seed)


def _own(
    sweep: LoadedSweep, index: int, number: int, override: OverrideSet | None, path: Path
) -> Iterator[Override]:
    """Yield what an entry and a set of overrides change, the run's name included."""
    of_entry = tuple(_written(sweep, "specs", index, "set"))
    yield from of_entry
    yield from _written(sweep, "overrides", number, "set")
    entry = sweep.spec.specs[index]
    named = entry.name if isinstance(entry, SweepEntry) else None
    if named is not None or override is not None:
        name = named or load_spec(path, own=of_entry).spec.name
        mark = (_at(sweep, "specs", index) or sweep.node).mark
        yield Override("name", Node(f"{name}-{override.name}" if override else name, mark))


def _run(loaded: LoadedSpec, override: OverrideSet | None) -> SweepRun:
    assert loaded.path is not None  # it was read from a file
    texts = tuple(_text(change, loaded) for change in loaded.changes)
    start = _run(loaded.start, None) if loaded.start else None
    return SweepRun(loaded.path, texts, override and override.name, loaded, start)


def _at(sweep: LoadedSweep, *steps: str | int) -> Node | None:
    node: Node | None = sweep.node
    for step in steps:
        node = node.child(step) if node else None
    return node


def _written(sweep: LoadedSweep, *steps: str | int) -> Iterator[Override]:
    """Yield the changes that the file asks for at a place; none where it says nothing."""
    node = _at(sweep, *steps)
    for key, value in node.children() if node else ():
        yield Override(str(key), value)


def _spec_file(sweep: LoadedSweep, index: int, problems: list[Problem]) -> Path | None:
    node = _at(sweep, "specs", index)
    assert node is not None  # the file is valid
    steps: Steps = ("specs", index)
    if isinstance(node.value, dict):
        node, steps = node.value["spec"], (*steps, "spec")
    try:
        return linked(node.value, node.mark, steps, ())[0]
    except SpecError as error:
        problems += error.problems
    return None


def _same_names(runs: Sequence[SweepRun], sweep: LoadedSweep) -> Iterator[Problem]:
    labels = Counter(run.label for run in runs)
    for label in sorted(label for label, count in labels.items() if count > 1):
        message = f"{labels[label]} runs are called {label}: give entries a 'name' of their own"
        yield (_at(sweep, "specs") or sweep.node).mark.problem(("specs",), message)


def _text(change: str | Override, loaded: LoadedSpec) -> str:
    """Return a change as ``--set`` takes it; relative paths in a file start from its folder."""
    if isinstance(change, str):
        return change
    paths, steps = paths_in(loaded.resolved), tuple(change.path.split("."))
    value = _absolute(change.value.plain(), steps, paths, change.value.mark)
    return f"{change.path}={json.dumps(value, ensure_ascii=False)}"


def _absolute(value: Any, steps: Steps, paths: set[Steps], mark: Mark) -> Any:
    if isinstance(value, dict):
        return {k: _absolute(v, (*steps, k), paths, mark) for k, v in entries(value)}
    if isinstance(value, list):
        return [_absolute(v, (*steps, i), paths, mark) for i, v in entries(value)]
    if steps in paths and isinstance(value, str):
        return str(full_path(mark.folder, value))
    return value
