"""The one boundary of components: whose an exception is and where, and what they must return."""

from __future__ import annotations

import inspect
import os
import reprlib
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from traceback import walk_tb
from types import CodeType, FrameType, FunctionType
from typing import Any, SupportsFloat, TypeVar, final
from weakref import WeakKeyDictionary

from dakit.components import ComponentSpec
from dakit.errors import DakitError, RunError
from dakit.plugins import catalog
from dakit.plugins.catalog import Component

Returned = TypeVar("Returned")

_MAKERS: WeakKeyDictionary[object, ComponentSpec] = WeakKeyDictionary()
"""Which spec built an object; for a function its code, which is what a frame knows of it."""


@contextmanager
def faults_told() -> Iterator[None]:
    """Turn what the code of a component raised, wherever it was called, into a RunError.

    It names the component, its plugin, the file and the line; the exception stays as the cause,
    for ``--debug``. What dakit itself says, and what no component has to do with, stays as it is.
    """
    try:
        yield
    except DakitError:
        raise
    except (Exception, SystemExit) as error:
        told = _fault(error)
        if not told:
            raise
        raise RunError(told) from error


def reason_of(error: BaseException) -> str:
    """Return in one line why something failed: the fault of a component, or the error itself."""
    if isinstance(error, DakitError):
        return str(error)
    told = _fault(error)
    if not told and error.__traceback__ is not None:
        frame, line = _frames(error)[0]
        place = f"{Path(frame.f_code.co_filename).name}:{line}"
        told = f"{type(error).__name__} at {place}: {_text(error)}; --debug shows the traceback"
    return told or f"{type(error).__name__}: {_text(error)}"


def built(spec: ComponentSpec, context: Any, wanted: type[Returned]) -> Returned:
    """Return what ``spec`` builds, known from then on as its.

    Raises:
        RunError: it builds something else.
    """
    made = returned(spec.build(context), wanted, spec, "build")
    with suppress(TypeError):  # what nothing can refer to weakly is known by its plugin alone
        _MAKERS[_key(made)] = spec
    return made


def returned(value: object, wanted: type[Returned], component: object, method: str) -> Returned:
    """Return ``value``, which ``method`` of a component gave; RunError where it is no ``wanted``.

    ``component`` is a spec, its class, or what it built.
    """
    if isinstance(value, wanted):
        return value
    raise RunError(_wrong(value, component, method, f"a {wanted.__name__}"))


def check_texts(
    value: object, component: object, method: str, *, count: int | None = None, named: bool = False
) -> None:
    """Raise RunError where ``value``, which ``method`` gave, is no tuple (or list) of texts.

    There must be ``count`` of them; where they are ``named`` it must be a mapping of texts to
    texts.
    """
    wanted, texts = f"a tuple of {count or ''} texts", None
    if named:
        wanted = "a mapping of texts to texts"
        texts = [*value, *value.values()] if isinstance(value, Mapping) else None
    elif isinstance(value, tuple | list):
        texts = [*value]
    right = texts is not None and all(isinstance(text, str) for text in texts)
    if not right or count not in (None, len(texts or ())):
        raise RunError(_wrong(value, component, method, " ".join(wanted.split())))


def number(value: object, component: object, method: str) -> float:
    """Return as a float what ``method`` of a component gave; RunError where it is no number."""
    if isinstance(value, SupportsFloat):
        with suppress(TypeError, ValueError, RuntimeError):  # several numbers at once
            return float(value)
    raise RunError(_wrong(value, component, method, "a single number"))


def _wrong(value: object, component: object, method: str, wanted: str) -> str:
    shown = f"{' '.join(reprlib.repr(value).split())} ({type(value).__name__})"
    return f"'{method}' of {described(component)} returned {shown}; it must return {wanted}"


def described(component: object) -> str:
    """Return ``the validator 'snd' of the plugin 'scores' (dakit-scores 1.0)``, as far as known.

    ``component`` is a spec, its class, or what it built.
    """
    spec_class = _spec_class(component)
    for offered in catalog.current().components():
        if offered.spec_class is spec_class:
            return _named(offered)
    return f"'{getattr(component, 'name', type(component).__name__)}'"


def place_of(error: BaseException, component: type) -> str:
    """Return ``file.py:line`` of the innermost frame in the package of ``component``.

    Empty where no frame of the exception, or of its causes, is there.
    """
    root = root_of(component)
    found = _innermost(_causes(error), [root] if root else [])
    return found.place if found else ""


def _fault(error: BaseException) -> str:
    """Return the line on the innermost frame of a component; empty where no frame is of one."""
    offered: dict[Path, list[Component]] = {}
    for component in catalog.current().components():
        root = root_of(component.spec_class)
        if root is not None:
            offered.setdefault(root, []).append(component)
    causes = [*_causes(error)]
    if any(isinstance(each, KeyboardInterrupt) for each in causes):
        return ""  # Ctrl-C, wherever it struck, which typer hands on as a SystemExit
    errors = (each for each in causes if not isinstance(each, DakitError))
    found = _innermost(errors, offered)
    if found is None:
        return ""
    return (
        f"{_who(found.frames, offered[found.root])} raised {type(found.raised).__name__} at "
        f"{found.place}: {_text(found.raised)}; --debug shows the traceback"
    )


@final
@dataclass(frozen=True)
class _Found:
    """The innermost frame that is in one of the places looked for."""

    root: Path
    raised: BaseException
    line: int
    frames: list[FrameType]
    """It, and those that called it."""

    @property
    def place(self) -> str:
        file = Path(self.frames[0].f_code.co_filename)
        shown = file.name if file == self.root else file.relative_to(self.root).as_posix()
        return f"{shown}:{self.line}"


def _innermost(errors: Iterable[BaseException], roots: Collection[Path]) -> _Found | None:
    for raised in errors:
        frames = _frames(raised)
        for position, (frame, line) in enumerate(frames):
            if position and isinstance(raised, SystemExit):
                break  # of a signal's handler, which interrupts any frame
            for root in roots:
                if is_in(root, frame.f_code):
                    return _Found(root, raised, line, [frame for frame, _ in frames[position:]])
    return None


def _who(frames: list[FrameType], offered: list[Component]) -> str:
    """Return the component at work in ``frames``, of those ``offered`` at their place."""
    by_class = {component.spec_class: component for component in offered}
    for frame in frames:
        arguments = frame.f_code.co_varnames[: frame.f_code.co_argcount]
        first = frame.f_locals.get(arguments[0]) if arguments else None
        for known in (first, frame.f_code):
            spec_class = _spec_class(known)
            if spec_class in by_class:
                return _named(by_class[spec_class])
    return f"the plugin {offered[0].plugin}"


def _spec_class(component: object) -> type | None:
    if isinstance(component, type):
        return component
    if isinstance(component, ComponentSpec):
        return type(component)
    with suppress(TypeError):
        return type(_MAKERS.get(_key(component)))
    return None


def _key(made: object) -> object:
    return made.__code__ if isinstance(made, FunctionType) else made


def _named(component: Component) -> str:
    label = component.spec_class.kind_label
    return f"the {label} '{component.name}' of the plugin {component.plugin}"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield the exception, then what it was raised from or while handling."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        yield error
        seen.add(id(error))
        hidden = error.__suppress_context__ or error.__cause__ is not None
        error = error.__cause__ if hidden else error.__context__


def _frames(error: BaseException) -> list[tuple[FrameType, int]]:
    """Return the frames of its traceback with their lines, the innermost first."""
    return list(walk_tb(error.__traceback__))[::-1]


def is_in(root: Path, code: CodeType) -> bool:
    """Return whether ``code`` is of a file in ``root``, or of that file."""
    file, home = code.co_filename, str(root)
    return file == home or file.startswith(home + os.sep)


def root_of(component: type) -> Path | None:
    """Return the folder of its package, or its file without one; None for a class of no file."""
    try:
        file = Path(inspect.getfile(component))
    except (TypeError, OSError):
        return None
    parts = component.__module__.split(".")
    depth = 2 if parts[0] == "dakit" else 1  # what dakit ships is a package of its own
    package = sys.modules.get(".".join(parts[:depth]))
    folders = map(Path, getattr(package, "__path__", ()))
    return next((folder for folder in folders if folder in file.parents), file)


def _text(error: BaseException) -> str:
    return " ".join(str(error).split()) or "no message"
