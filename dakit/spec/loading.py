"""From a file or a dictionary to a validated run spec, with the origin of every value."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from typing import Any, final

from pydantic import BaseModel

from dakit.spec.extends import read_bases, read_file
from dakit.spec.fields import origins
from dakit.spec.links import Chain, linked
from dakit.spec.overrides import Changes, Override, apply_overrides, stays
from dakit.spec.positions import DEEPEST, TOO_DEEP, Mark, Node, whole
from dakit.spec.problems import Problem, SpecError, Steps
from dakit.spec.run import RunSpec
from dakit.spec.settling import settle
from dakit.spec.sweep import is_sweep_file
from dakit.spec.validation import validate

_HEAD = "model.head.hidden"


@final
@dataclass(frozen=True)
class LoadedSpec:
    """A valid run spec and how it came about."""

    spec: RunSpec
    resolved: dict[str, Any] = field(repr=False)
    """The spec as JSON data with every default filled in and every path absolute."""
    given: str = field(repr=False)
    """The text as given, before ``extends`` and ``--set``."""
    path: Path | None
    base_dir: Path
    origins: dict[str, str] = field(repr=False)
    """Dotted path to ``sim_real_tl.json:7``, ``--set``, ``default``, or a backbone as published."""
    changes: Changes = field(default=(), repr=False)
    """All that changed it, in order."""
    start: LoadedSpec | None = field(default=None, repr=False)
    """The spec that ``init_from.spec`` names: of the run whose weights this one starts from."""


@final
@dataclass(frozen=True)
class _Source:
    """Where a spec comes from and what changes it."""

    given: str
    path: Path | None
    base_dir: Path
    own: Changes = ()
    reaching: Changes = ()
    """Changes of the runs that it starts from, too; they come after its own."""
    chain: Chain = ()
    start: bool = True
    """Whether to read the spec of the run it starts from."""


def load_spec(
    path: Path, overrides: Sequence[str | Override] = (), *, own: Sequence[str | Override] = ()
) -> LoadedSpec:
    """Read a run spec file, and the spec of the run it starts from.

    ``overrides`` reach all runs of that chain, but for what :data:`~dakit.spec.overrides.STAYS`
    names; ``own``, which come before, only the first.

    Raises:
        SpecError: With everything that is wrong, each problem at its place.
    """
    return _load(Path(path), str(path), tuple(own), tuple(overrides), ())


def _load(path: Path, shown: str, own: Changes, reaching: Changes, chain: Chain) -> LoadedSpec:
    problems: list[Problem] = []
    try:
        document = read_file(path, shown, problems)
        given = path.read_text(encoding="utf-8-sig")
        chain, folder = (*chain, (path.resolve(), shown)), path.resolve().parent
        source = _Source(given, path, folder, own, reaching, chain)
        return _validated(document, source, problems)
    except SpecError as error:
        if is_sweep_file(path):
            message = f"this is a sweep file: dakit sweep {shown}"
            raise SpecError([Problem(message, file=shown)]) from error
        raise


def reseeded(loaded: LoadedSpec, seed: int) -> LoadedSpec:
    """Return what :func:`load_spec` would with another ``seed`` among the changes.

    All that a seed changes is itself, here and in the spec of the run it starts from, so that a
    thousand runs need not be read a thousand times.
    """
    before, change = f"seed={loaded.spec.seed}", f"seed={seed}"
    return replace(
        loaded,
        spec=loaded.spec.model_copy(update={"seed": seed}),
        resolved={**loaded.resolved, "seed": seed},
        changes=tuple(change if c == before else c for c in loaded.changes),
        start=reseeded(loaded.start, seed) if loaded.start else None,
    )


def load_data_of(path: Path, model: Mapping[str, Any]) -> LoadedSpec:
    """Read of a run spec file no more than seed and data; ``model`` stands in for its own.

    The rest may be of plugins that are not here.

    Raises:
        SpecError: With everything that is wrong with the data, each problem at its place.
    """
    path = Path(path)
    problems: list[Problem] = []
    document = read_file(path, str(path), problems)
    folder = path.resolve().parent
    rest = _node({"objective": {}, "model": model}, (), Mark(folder=folder), problems)
    kept = ("schema_version", "name", "seed", "data")
    node = Node(
        {**{k: v for k, v in document.value.items() if k in kept}, **rest.value}, document.mark
    )
    given = path.read_text(encoding="utf-8-sig")
    return _validated(node, _Source(given, path, folder), problems)


def spec_from_dict(
    data: Mapping[str, Any],
    overrides: Sequence[str] = (),
    base_dir: Path | None = None,
    *,
    start: bool = False,
) -> LoadedSpec:
    """Validate a run spec made in Python; relative paths start from ``base_dir``.

    With ``start`` the spec of the run it starts from is read too, as :func:`load_spec` does.

    Raises:
        SpecError: With everything that is wrong, each problem at its dotted path.
    """
    folder = Path(base_dir or Path.cwd()).resolve()
    problems: list[Problem] = []
    node = _node(data, (), Mark(folder=folder), problems)
    document = read_bases(node, problems)
    given = json.dumps(node.plain(), indent=2, ensure_ascii=False)
    source = _Source(given, None, folder, reaching=tuple(overrides), start=start)
    return _validated(document, source, problems)


def _validated(node: Node, source: _Source, problems: list[Problem]) -> LoadedSpec:
    changes, base_dir = (*source.own, *source.reaching), source.base_dir
    node = settle(apply_overrides(node, changes, problems), base_dir, problems)
    known = {(problem.path, *_place(problem)) for problem in problems}
    spec, found = validate(node)
    problems += [p for p in found if (p.path, *_place(p)) not in known]
    if spec is None or problems:
        raise SpecError(sorted(problems, key=_place))
    resolved = spec.model_dump(mode="json", by_alias=True)
    came_from = origins(resolved, node, base_dir)
    if spec.model.backbone.published_head and came_from[_HEAD] == "default":
        came_from[_HEAD] = f"{spec.model.backbone.name}, as published"
    start = _start(spec, node, source) if source.start else None
    return LoadedSpec(
        spec, resolved, source.given, source.path, base_dir, came_from, changes, start
    )


def _start(spec: RunSpec, node: Node, source: _Source) -> LoadedSpec | None:
    init = node.child("init_from")
    named = init.child("spec") if init else None
    if named is None or named.value is None:
        return None
    path, shown = linked(named.value, named.mark, ("init_from", "spec"), source.chain)
    changes = (f"seed={spec.seed}", *(c for c in source.reaching if not stays(c)))
    try:
        return _load(path, shown, (), changes, source.chain)
    except SpecError as error:
        hint = f"; --set reaches {shown} too, which {spec.name} starts from"
        raise SpecError(_hinted(p, changes, hint) for p in error.problems) from error


def _hinted(problem: Problem, changes: Changes, hint: str) -> Problem:
    places = {f"--set {c}" if isinstance(c, str) else c.value.mark.file for c in changes}
    return replace(problem, message=problem.message + hint) if problem.file in places else problem


def _place(problem: Problem) -> tuple[str, int, int]:
    return problem.file or "", problem.line or 0, problem.column or 0


def _node(value: Any, steps: Steps, mark: Mark, problems: list[Problem]) -> Node:
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json", by_alias=True)
    if isinstance(value, PurePath):
        value = str(value)
    if len(steps) > DEEPEST:
        raise SpecError([mark.problem(steps, TOO_DEEP)])
    if isinstance(value, Mapping):
        named = {whole(str(k), mark, steps, problems): v for k, v in value.items()}
        return Node({k: _node(v, (*steps, k), mark, problems) for k, v in named.items()}, mark)
    if isinstance(value, list | tuple):
        items = [_node(v, (*steps, i), mark, problems) for i, v in enumerate(value)]
        return Node(items, mark)
    if isinstance(value, str):
        value = whole(value, mark, steps, problems)
    if isinstance(value, float) and not math.isfinite(value):
        problems.append(mark.problem(steps, f"must be a finite number, not {value}"))
    elif not isinstance(value, str | int | float | None):
        message = f"a {type(value).__name__} has no place in a run spec, which is JSON"
        problems.append(mark.problem(steps, message))
        value = None
    return Node(value, mark)
