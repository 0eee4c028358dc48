"""The hook reference is up to date, and every example in it is a plugin that works."""

from __future__ import annotations

import importlib.util
import inspect
import re
from pathlib import Path

import documentation_pages as pages
import pytest
from documentation_pages import ROOT

from dakit.plugins import hooks
from dakit.plugins.checks import BASES
from dakit.plugins.loading import load_plugins
from dakit.plugins.options import PluginOptions

HOOKS = [name for name in vars(hooks) if name.startswith("dakit_")]
SCRIPT = ROOT / "docs" / "generate" / "hook_reference.py"
PAGE = ROOT / "docs" / "hooks.md"


def section(hook: str) -> str:
    return PAGE.read_text(encoding="utf-8").partition(f"\n## {hook}\n")[2].partition("\n## ")[0]


def test_the_page_is_up_to_date() -> None:
    spec = importlib.util.spec_from_file_location("hook_reference", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    up_to_date = module.hook_reference() == PAGE.read_text(encoding="utf-8")
    assert up_to_date, "run `python docs/generate/hook_reference.py`"


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_is_documented_with_its_arguments(hook: str) -> None:
    text = section(hook)
    names = list(inspect.signature(getattr(hooks, hook)).parameters)
    told = text.partition("**Arguments:** ")[2].partition("\n")[0]
    assert re.findall(r"`(\w+)`", told) == names
    docstring = getattr(hooks, hook).__doc__
    for name in names:
        assert f"``{name}``" in docstring, f"the docstring of {hook} does not explain {name}"
    assert f"`{BASES[hook].__name__}`" in text.partition("**Returns:**")[2]


@pytest.mark.parametrize("hook", HOOKS)
def test_the_example_of_every_hook_is_a_plugin_that_works(hook: str, tmp_path: Path) -> None:
    (block,) = (b for b in pages.blocks(PAGE) if f"def {hook}(" in b.text)
    file = tmp_path / f"example_of_{hook}.py"
    file.write_text(block.text, encoding="utf-8")
    options = PluginOptions(allowed=(), modules=(file,))
    plugin = load_plugins(options).plugins[-1]
    assert (plugin.info.name, plugin.info.state) == (file.stem, "active"), plugin.info.reason
    (component,) = plugin.components
    assert issubclass(component, BASES[hook])


def test_every_hook_has_a_test() -> None:
    """Besides these: the example of its docstring, which is looked for by the hook's name."""
    text = (ROOT / "tests" / "plugins" / "test_hooks.py").read_text(encoding="utf-8")
    assert 'parametrize("hook", HOOKS)' in text
    assert set(HOOKS) == set(BASES)
