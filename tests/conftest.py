"""Real plugin packages, good and broken, installed once into a folder of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.warm import WarmPython

GOOD = """
from typing import Literal
from dakit import TransferLossSpec, hookimpl

class Good(TransferLossSpec):
    '''A loss that works.'''
    name: Literal["NAME"] = "NAME"
    def build(self, context):
        raise NotImplementedError

@hookimpl
def dakit_transfer_losses():
    return [Good]
"""

HEAD = GOOD.partition("@hookimpl")[0]

BROKEN_MODULES = {
    "fine": "print('hello from a plugin')\n" + GOOD.replace("NAME", "fine"),
    "import_error": "import no_such_module_anywhere\n",
    "system_exit": "raise SystemExit(3)\n",
    "misspelt": HEAD + "@hookimpl\ndef dakit_transfer_loses():\n    return [Good]\n",
    "unmarked": HEAD + "def dakit_transfer_losses():\n    return [Good]\n",
    "wrong_argument": HEAD + "@hookimpl\ndef dakit_transfer_losses(context):\n    return [Good]\n",
    "raises": HEAD + "@hookimpl\ndef dakit_backbones():\n    raise ValueError('no\\nluck')\n",
    "no_spec": HEAD + "@hookimpl\ndef dakit_transfer_losses():\n    return [42]\n",
    "wrong_kind": HEAD + "@hookimpl\ndef dakit_backbones():\n    return [Good]\n",
    "abstract": """
from dakit import TransferLossSpec, hookimpl

class Half(TransferLossSpec):
    name: str = "half"

@hookimpl
def dakit_transfer_losses():
    return [Half]
""",
    "unnamed": GOOD.replace('Literal["NAME"] = "NAME"', "str"),
    "usurper": GOOD.replace("NAME", "mmd"),
}

TWIN = (
    GOOD.replace("NAME", "twin")
    + """
class Own(Good):
    name: Literal["only_MODULE"] = "only_MODULE"

@hookimpl(specname="dakit_transfer_losses")
def more():
    return [Own]
"""
)


def write_distribution(
    folder: Path, name: str, modules: Mapping[str, str], requires: str = "dakit>=0.1"
) -> Path:
    """Write the sources of a distribution with one plugin per module."""
    package = name.replace("-", "_")
    (folder / name / package).mkdir(parents=True)
    points = "\n".join(f'{module} = "{package}.{module}"' for module in modules)
    (folder / name / "pyproject.toml").write_text(f"""
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "{name}"
version = "1.5"
dependencies = ["{requires}"]
[project.entry-points.dakit]
{points}
""")
    (folder / name / package / "__init__.py").touch()
    for module, text in modules.items():
        (folder / name / package / f"{module}.py").write_text(text)
    return folder / name


@pytest.fixture(scope="session")
def installed_plugins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder for PYTHONPATH that holds the plugin packages above, installed by pip."""
    sources = tmp_path_factory.mktemp("sources")
    target = tmp_path_factory.mktemp("site")
    distributions = [
        write_distribution(sources, "dakit-broken", BROKEN_MODULES),
        write_distribution(sources, "dakit-twin-a", {"twin_a": TWIN.replace("MODULE", "a")}),
        write_distribution(sources, "dakit-twin-b", {"twin_b": TWIN.replace("MODULE", "b")}),
        write_distribution(
            sources, "dakit-future", {"future": "raise RuntimeError('imported')"}, "dakit>=99"
        ),
    ]
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--target", target]
    pip = [sys.executable, "-m", "pip", "install", *options, *distributions]
    subprocess.run([*map(str, pip)], check=True, capture_output=True, timeout=300)
    return target


Command = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def dakit_command(tmp_path_factory: pytest.TempPathFactory) -> Command:
    """Return a function that runs ``python -m dakit ARGUMENTS`` in a folder of its own."""
    folder = tmp_path_factory.mktemp("folder")

    def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        clean = {k: v for k, v in os.environ.items() if not k.startswith("DAKIT_")}
        return subprocess.run(
            [sys.executable, "-m", "dakit", *arguments],
            env={**clean, "COLUMNS": "100", "NO_COLOR": "1", **environ},
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def warm_python() -> Iterator[WarmPython]:
    """Return what starts ``python`` in a process of its own that has imported torch already."""
    warm = WarmPython()
    yield warm
    warm.close()


@pytest.fixture
def dakit_here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Return a function that runs ``dakit ARGUMENTS`` in this process, as if in the folder cwd.

    For what does not depend on a process of its own: that one imports torch, which takes seconds.
    """
    from dakit.cli.app import main

    def run(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
        line = [*map(str, arguments)]
        capsys.readouterr()
        with monkeypatch.context() as patch:
            patch.chdir(cwd)
            patch.setenv("COLUMNS", "200")
            code = main(line)
        told = capsys.readouterr()
        return subprocess.CompletedProcess(line, code, told.out, told.err)

    return run


@pytest.fixture
def no_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages have no figures, as without matplotlib: to draw them takes seconds."""
    for module in ("report", "compare", "inspect"):
        monkeypatch.setattr(f"dakit.workflows.{module}.figures_possible", lambda: False)


@pytest.fixture
def svg_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures are drawn as pages show them; their PNG and PDF, as slow again, hold a word."""
    from matplotlib.figure import Figure

    save = Figure.savefig

    def save_svg(figure: Figure, file: Any, *, format: str, **options: Any) -> None:
        if format == "svg":
            save(figure, file, format=format, **options)
        else:
            file.write(b"left out")

    monkeypatch.setattr(Figure, "savefig", save_svg)


DIGITS = {
    "schema_version": 1,
    "name": "digits",
    "data": {"name": "digits_shift"},
    "model": {"backbone": {"name": "mlp", "hidden": [32], "dropout": 0.3}},
    "objective": {"task": "cross_entropy"},
    "training": {"epochs": 4, "batch_size": 64},
    "evaluation": {"bootstrap": 20},
}


@pytest.fixture(scope="session")
def digits_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished run on 8 x 8 digits, whose network has dropout; never changed."""
    import dakit
    from dakit.training.reporter import SilentReporter

    out = tmp_path_factory.mktemp("digits")
    (out / "digits.json").write_text(json.dumps(DIGITS))
    return dakit.run(
        out / "digits.json", out=out, device="cpu", reporter=SilentReporter()
    ).folder.path
