from __future__ import annotations

import inspect
from typing import Literal

import pytest

import dakit
from dakit.plugins import hooks
from dakit.plugins.checks import BASES, offered

HOOKS = [name for name in vars(hooks) if name.startswith("dakit_")]


def test_every_hook_has_a_kind_and_every_kind_a_hook() -> None:
    assert set(BASES) == set(HOOKS)


@pytest.mark.parametrize("hook", HOOKS)
def test_example_in_the_docstring_offers_a_component(hook: str) -> None:
    example = inspect.cleandoc(getattr(hooks, hook).__doc__).partition("Example::\n")[2]
    returned = example.partition("return [")[2].partition("]")[0]
    base = BASES[hook]
    assert f"class {returned}({base.__name__})" in example

    component = type(
        returned,
        (base,),
        {
            "__module__": __name__,
            "__annotations__": {"name": Literal["example"]},
            "name": "example",
            "build": lambda self, context: None,
        },
    )
    plugin = type("plugin", (), {})
    scope = {"hookimpl": dakit.hookimpl, returned: component}
    exec(inspect.cleandoc(example), scope)
    setattr(plugin, hook, staticmethod(scope[hook]))
    assert offered(plugin, "example") == (component,)
