"""What every component's spec promises, whatever its kind, and what importing it brings along."""

from __future__ import annotations

import inspect
import json
import pickle
import subprocess
import sys
from functools import cache
from importlib.metadata import entry_points
from importlib.util import find_spec
from typing import get_args

from pydantic import ValidationError

from dakit.components import SPEC_BASES, ComponentSpec
from dakit.plugins.checks import says_what_it_builds
from dakit.plugins.sources import GROUP, is_local
from dakit.spec.annotations import walk
from dakit.testing.check import checks_of, require, skip_single_file
from dakit.testing.subject import Subject

UNKNOWN = "no_field_has_this_name"


def may_be_offered(subject: Subject) -> None:
    """It extends the base of its kind, can be built, and pins its name."""
    spec_class = subject.spec_class
    base = SPEC_BASES[spec_class.kind]
    require(issubclass(spec_class, base), f"{spec_class.__name__} does not extend {base.__name__}")
    require(
        says_what_it_builds(spec_class),
        f"{spec_class.__name__} has neither `implementation` nor a build method",
    )
    field = spec_class.model_fields["name"]
    require(
        get_args(field.annotation) == (field.default,),
        'its name is not pinned; write name: Literal["some_name"] = "some_name"',
    )


def says_what_it_is(subject: Subject) -> None:
    """The spec has a docstring, whose first line is the summary in lists."""
    own = subject.spec_class.__dict__.get("__doc__")
    require(bool(own and own.strip()), "the spec class has no docstring")


def describes_every_field(subject: Subject) -> None:
    """Every field has a description, those of nested parts too."""
    found = ((path, field) for path, field, _ in walk(subject.spec_class) if path != "name")
    bare = [path for path, field in found if not field.description]
    require(not bare, f"no description: {', '.join(bare)}; write Field(..., description=...)")


def forbids_unknown_keys(subject: Subject) -> None:
    """A misspelt key is an error, not ignored."""
    try:
        subject.spec_class.model_validate({**subject.example, UNKNOWN: 1})
    except ValidationError as error:
        told = any(UNKNOWN in problem["loc"] for problem in error.errors())
        require(told, "an unknown key is an error that does not name it")
    else:
        raise AssertionError("an unknown key is ignored; leave extra='forbid' as it is")


def its_schema_builds(subject: Subject) -> None:
    """Its JSON Schema can be made, for editors."""
    json.dumps(subject.spec_class.model_json_schema(by_alias=True), allow_nan=False)


def survives_json(subject: Subject) -> None:
    """Written to JSON and read back, a spec is the same."""
    spec = subject.spec()
    text = spec.model_dump_json(by_alias=True)
    back = subject.spec_class.model_validate_json(text)
    require(back == spec, f"read back from JSON it differs: {back!r} instead of {spec!r}")


def survives_pickling(subject: Subject) -> None:
    """A spec can be sent to a worker process."""
    skip_single_file(subject)
    spec = subject.spec()
    require(pickle.loads(pickle.dumps(spec)) == spec, "unpickled, the spec differs")


def imports_no_torch(subject: Subject) -> None:
    """Importing the plugin and the spec's module does not import torch."""
    heavy = [name for name in imports_of(subject.spec_class) if name == "torch"]
    require(not heavy, "importing it imports torch; import torch in build() or behind it")


WITHOUT_INSTANCE = checks_of(
    may_be_offered,
    says_what_it_is,
    describes_every_field,
    forbids_unknown_keys,
    its_schema_builds,
    imports_no_torch,
)
"""The checks that need no values for required fields."""

CHECKS = (*WITHOUT_INSTANCE, *checks_of(survives_json, survives_pickling))


PROBE = """
import importlib, json, runpy, sys
sys.path[:0] = json.loads(sys.argv[1])
for module in json.loads(sys.argv[2]):
    importlib.import_module(module)
for file in json.loads(sys.argv[3]):
    runpy.run_path(file)
print("\\n" + json.dumps(sorted(sys.modules)))
"""
SECONDS = 120


def imports_of(spec_class: type[ComponentSpec]) -> list[str]:
    """Return the modules loaded once those that offer ``spec_class`` have been imported.

    These are its own module and the entry points of the package that it belongs to.

    Raises AssertionError where they cannot be imported in a fresh process.
    """
    module = spec_class.__module__
    if not _importable(module):
        return _imported((), (inspect.getfile(spec_class),))
    return _imported((module, *_plugins_in(module.partition(".")[0])), ())


def _plugins_in(package: str) -> list[str]:
    modules = [point.module for point in entry_points(group=GROUP)]
    return sorted(m for m in modules if m.partition(".")[0] == package)


def _importable(module: str) -> bool:
    if is_local(module):
        return False
    try:
        return module != "__main__" and find_spec(module) is not None
    except (ImportError, ValueError):
        return False


@cache
def _imported(modules: tuple[str, ...], files: tuple[str, ...]) -> list[str]:
    arguments = [json.dumps(value) for value in (sys.path, modules, files)]
    command = [sys.executable, "-c", PROBE, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    if done.returncode:
        last = (done.stderr.strip() or "no message").splitlines()[-1]
        raise AssertionError(f"it cannot be imported in a fresh process: {last}")
    loaded: list[str] = json.loads(done.stdout.splitlines()[-1])
    return loaded
