"""What importing a plugin brings into memory, asked of a fresh process."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from functools import cache
from importlib.metadata import entry_points
from importlib.util import find_spec

from dakit.components import ComponentSpec
from dakit.plugins.sources import GROUP, is_local

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
