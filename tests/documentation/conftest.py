from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).parent
for name in ("pages", "checks"):
    spec = importlib.util.spec_from_file_location(f"documentation_{name}", HERE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)


@pytest.fixture(scope="session")
def tiny_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished run that took a second."""
    import dakit
    from dakit.training.reporter import SilentReporter

    spec = {
        "schema_version": 1,
        "name": "tiny",
        "data": {"name": "digits_shift"},
        "model": {"backbone": {"name": "mlp", "hidden": [8]}},
        "objective": {"transfer": "mmd"},
        "training": {"epochs": 1, "batch_size": 64},
        "evaluation": {"bootstrap": 20},
    }
    out = tmp_path_factory.mktemp("tiny")
    return dakit.run(spec, out=out, reporter=SilentReporter()).folder.path


@pytest.fixture
def finished_run(tiny_run: Path) -> Callable[[str], None]:
    """A function that puts a finished run at a path: for hidden blocks, `finished_run("RUN")`."""

    def copy(path: str) -> None:
        shutil.copytree(tiny_run, path)

    return copy
