"""What every component's spec promises, whatever its kind."""

from __future__ import annotations

import json
import pickle
from typing import get_args

from pydantic import ValidationError

from dakit.components import SPEC_BASES
from dakit.plugins.checks import says_what_it_builds
from dakit.spec.annotations import walk
from dakit.testing.check import check_of, require, skip_single_file
from dakit.testing.imports import imports_of
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
        require(told, "an unknown key is not told as such")
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


WITHOUT_INSTANCE = tuple(
    map(
        check_of,
        (
            may_be_offered,
            says_what_it_is,
            describes_every_field,
            forbids_unknown_keys,
            its_schema_builds,
            imports_no_torch,
        ),
    )
)
"""The checks that need no values for required fields."""

CHECKS = (*WITHOUT_INSTANCE, *map(check_of, (survives_json, survives_pickling)))
