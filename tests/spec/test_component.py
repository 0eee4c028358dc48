from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from dakit.components import TransferLossSpec
from dakit.plugins import catalog
from dakit.spec.component import FromCatalog

ADAPTER: TypeAdapter[Any] = TypeAdapter(Annotated[TransferLossSpec, FromCatalog("transfer")])


def test_short_form_equals_long_form():
    assert ADAPTER.validate_python("mmd") == ADAPTER.validate_python({"name": "mmd"})


def test_an_instance_is_taken_as_it_is():
    instance = ADAPTER.validate_python({"name": "mmd", "weight": 3})
    assert ADAPTER.validate_python(instance) is instance


def test_serialises_every_field_of_the_concrete_class():
    dumped = ADAPTER.dump_python(ADAPTER.validate_python({"name": "dann", "hidden": 3}))
    assert dumped == {"name": "dann", "hidden": 3, "weight": 1.0, "ramp": None}


def test_all_errors_of_a_component_come_at_once_and_at_clean_paths():
    with pytest.raises(ValidationError) as caught:
        ADAPTER.validate_python({"name": "mmd", "weight": -1, "ramp": {"end": 2}, "wieght": 0})
    locations = {error["loc"] for error in caught.value.errors()}
    assert locations == {("weight",), ("ramp", "end"), ("wieght",)}


@pytest.mark.parametrize("value", [3, {}, {"name": 3}, {"name": "mdm"}, "mdm"])
def test_what_names_no_component_is_an_error_that_names_some(value: object):
    with pytest.raises(ValidationError, match=r"mmd|must be a name"):
        ADAPTER.validate_python(value)


def test_a_component_of_another_kind_is_no_component_of_this_kind():
    with pytest.raises(ValidationError, match="fisher"):
        ADAPTER.validate_python("fisher")


def test_in_json_types_are_taken_at_their_word():
    assert ADAPTER.validate_json('{"name": "mmd", "weight": 2, "variances": [1]}').weight == 2.0
    with pytest.raises(ValidationError):
        ADAPTER.validate_json('{"name": "mmd", "weight": "2"}')


def test_the_catalog_is_asked_when_a_spec_is_validated():
    class Holder(BaseModel):
        loss: Annotated[TransferLossSpec, FromCatalog("transfer")]

    with catalog.using(catalog.Catalog([])), pytest.raises(ValidationError, match="mmd"):
        Holder(loss="mmd")
    assert Holder(loss="mmd").loss.name == "mmd"


def test_json_schema_offers_the_short_form_only_where_the_name_is_enough():
    adapter: TypeAdapter[Any] = TypeAdapter(Annotated[Any, FromCatalog("dataset")])
    options = adapter.json_schema()["oneOf"]
    assert [o["const"] for o in options if "const" in o] == ["shapes"]
    assert {o["title"] for o in options if "properties" in o} == {"shapes", "files"}
