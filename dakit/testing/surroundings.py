"""What a component promises of what all share: libraries, their settings, their generators."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch import nn

from dakit.contracts import LossTerm
from dakit.plugins.faults import is_in, root_of
from dakit.testing.check import checks_of, require
from dakit.testing.datasets import built
from dakit.testing.examples import context_of, inputs_for, losses_of, prepare
from dakit.testing.loss_batches import make_batch
from dakit.testing.subject import Subject
from dakit.testing.validators import good_view

LIBRARIES: tuple[ModuleType, ...] = (
    torch,
    torch.nn,
    torch.nn.functional,
    torch.nn.init,
    torch.linalg,
    torch.random,
    torch.special,
    torch.optim,
    np,
    np.linalg,
    np.random,
    random,
)
CLASSES: tuple[type[Any], ...] = (
    torch.Tensor,
    torch.nn.Module,
    torch.optim.Optimizer,
    torch.autograd.Function,
)
"""These and all that the libraries hold: what stands on a class is looked at, too."""


def leaves_libraries_as_they_are(subject: Subject) -> None:
    """Imported, built and used, it replaces no function or setting of torch, numpy and random."""
    try:
        _use(subject)
    finally:
        changed = _put_back(root_of(subject.spec_class))
    require(
        not changed,
        f"it changes {', '.join(sorted(changed))} for everything in the process; call a function "
        "of your own, or change it in a with block only",
    )


def leaves_generators_alone(subject: Subject) -> None:
    """A call seeds no generator that all share, and draws from torch's alone."""
    module = subject.build(context_of(subject))
    prepare(module)
    ends = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        before = _states()
        for call in _calls(module, subject):
            call()
        after = _states()
        for name in before:
            require(before[name] == after[name], f"it draws from {name}, which no run seeds")
        ends.append(torch.get_rng_state())
    require(
        not torch.equal(*ends),
        "it seeds torch's generator, so that all that is drawn afterwards is the same at every "
        "step; draw from a torch.Generator of its own",
    )


def _use(subject: Subject) -> None:
    kind = subject.spec_class.kind
    if kind == "dataset":
        built(subject)
    elif kind == "validator":
        subject.build()(good_view())
    elif isinstance(module := subject.build(context_of(subject)), nn.Module):
        prepare(module)
        for call in _calls(module, subject):
            call()


def _calls(module: Any, subject: Subject) -> Iterator[Callable[[], Any]]:
    """Yield what a run calls in every step."""
    if not isinstance(module, LossTerm):
        yield lambda: module(inputs_for(subject))
        return
    batch = make_batch()
    if module.weighs_source:
        yield lambda: module.source_weights(batch.detached())
    yield lambda: list(losses_of(module, batch))


def _states() -> dict[str, str]:
    return {"random": repr(random.getstate()), "numpy.random": repr(np.random.get_state())}


def _functions() -> Iterator[tuple[Any, str, Any]]:
    """Yield owner, name and function of what the libraries hold."""
    classes: dict[type[Any], None] = dict.fromkeys(CLASSES)
    for library in LIBRARIES:
        for name, value in list(vars(library).items()):
            if isinstance(value, type):
                classes[value] = None
            elif callable(value) and not isinstance(value, ModuleType):
                yield library, name, value
    for owner in classes:
        for name, value in list(vars(owner).items()):
            if callable(value) and not isinstance(value, type):
                yield owner, name, value


SETTINGS: Mapping[str, tuple[Callable[[], Any], Callable[[Any], Any]]] = {
    "torch's default type": (torch.get_default_dtype, torch.set_default_dtype),
    "torch's default device": (torch.get_default_device, torch.set_default_device),
    "numpy's way with errors": (np.geterr, lambda ways: np.seterr(**ways)),
}
"""How each is asked for, and set."""

FUNCTIONS = {(owner, name): value for owner, name, value in _functions()}
VALUES = {what: get() for what, (get, _) in SETTINGS.items()}
"""What everything was before the kit built anything."""


def _put_back(root: Path | None) -> set[str]:
    """Make everything as it was; return what was not."""
    changed = {what for what, (get, _) in SETTINGS.items() if get() != VALUES[what]}
    for what in changed:
        SETTINGS[what][1](VALUES[what])
    for owner, name, value in list(_functions()):
        before = FUNCTIONS.get((owner, name))
        if _is_of(root, value) or (before is not None and _is_another(value, before)):
            changed.add(f"{getattr(owner, '__module__', owner.__name__)}.{name}")
            setattr(owner, name, before)
    return changed


def _is_another(value: Any, before: Any) -> bool:
    """Return whether it is no mere wrapper that a library puts around a function of its own."""
    if value is before:
        return False
    library = str(before.__module__).partition(".")[0]
    same = getattr(value, "__name__", None) == getattr(before, "__name__", None)
    return not same or str(value.__module__).partition(".")[0] != library


def _is_of(root: Path | None, function: Any) -> bool:
    code = getattr(getattr(function, "__func__", function), "__code__", None)
    return root is not None and code is not None and is_in(root, code)


CHECKS = checks_of(leaves_libraries_as_they_are)
OF_MODULES = checks_of(leaves_generators_alone)
