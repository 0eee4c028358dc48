"""A scaffold of every kind: generated, installed, listed, checked, tested and run, untouched."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from dakit.components import SPEC_BASES
from dakit.errors import InputError, RunError
from dakit.plugins.scaffold import plugin_names, write_plugin
from tests.warm import WarmPython

Command = Callable[..., "CompletedProcess[str]"]


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    out = tmp_path_factory.mktemp("packages")
    return {kind: write_plugin(plugin_names(f"a-new-{kind}", kind), out) for kind in SPEC_BASES}


@pytest.fixture(scope="module")
def site(packages: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("site")
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--target", target]
    pip = [sys.executable, "-m", "pip", "install", *options, *packages.values()]
    subprocess.run([*map(str, pip)], check=True, capture_output=True, timeout=300)
    return target


def test_all_are_listed(site: Path, dakit_command: Command) -> None:
    done = dakit_command("list-plugins", "--json", PYTHONPATH=str(site))
    plugins = {p["name"]: p for p in json.loads(done.stdout)}
    for kind in SPEC_BASES:
        plugin = plugins[f"a_new_{kind}"]
        assert (plugin["distribution"], plugin["state"]) == (f"dakit-a-new-{kind}", "active")
        assert [(c["kind"], c["name"]) for c in plugin["components"]] == [(kind, f"a_new_{kind}")]


ALL_AT_ONCE = """
import json, pytest, sys
from dakit.cli.app import main

tests, spec, out = json.loads(sys.argv[1])
codes = {"tests": int(pytest.main(tests)), "check": main(["check-plugin", "a_new_transfer"])}
line = ["run", spec, "--set", "training.epochs=1", "--out", out, "--no-report"]
print("CODES" + json.dumps({**codes, "run": main(line)}))
"""


def test_their_own_tests_pass_and_the_commands_know_them(
    site: Path, packages: dict[str, Path], tmp_path: Path, warm_python: WarmPython
) -> None:
    """The kit, the formula by hand, and a run of the example for one epoch, for every kind.

    All in one process, since torch takes seconds to import.
    """
    folders = [str(package / "tests") for package in packages.values()]
    config = ["-c", str(packages["transfer"] / "pyproject.toml"), "-p", "no:cacheprovider"]
    spec, out = packages["transfer"] / "example.json", tmp_path / "out"
    arguments = json.dumps([["-q", *config, *folders], str(spec), str(out)])
    done = warm_python.run(
        ["-c", ALL_AT_ONCE, arguments],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(site)},
        prepare="import sys; sys.dont_write_bytecode = True",  # the packages stay as they are
    )
    told, _, codes = done.stdout.partition("CODES")
    assert codes, told + done.stderr
    assert json.loads(codes) == {"tests": 0, "check": 0, "run": 0}, told + done.stderr
    assert "0 failed" in told
    (folder,) = out.iterdir()
    assert json.loads((folder / "results.json").read_text())["metrics"]["target_test"]


@pytest.mark.parametrize("kind", SPEC_BASES)
def test_a_package_is_complete(kind: str, packages: dict[str, Path]) -> None:
    package, module = packages[kind], f"src/dakit_a_new_{kind}"
    files = {str(p.relative_to(package)) for p in package.rglob("*") if p.is_file()}
    assert files == {
        *("pyproject.toml", "README.md", "LICENSE", ".gitignore", ".github/workflows/ci.yml"),
        *(f"{module}/{name}" for name in ("__init__.py", "py.typed", "plugin.py")),
        *(f"{module}/a_new_{kind}{part}.py" for part in ("", f"_{SPEC_BASES[kind].kind_part}")),
        *(f"tests/test_{name}.py" for name in ("component", "conformance", "run")),
        "example.json",
        *(["run.json"] if kind == "launcher" else []),
    }
    for name in files:
        text = (package / name).read_text()
        for variable in ("matrix.python", "vars.DAKIT"):  # of the CI file
            text = text.replace(f"${{{{ {variable} }}}}", "")
        assert "$" not in text
    spec = (package / module / f"a_new_{kind}.py").read_text()
    assert "::\n\n" in spec  # the formula
    assert "def build" not in spec


def test_a_package_is_clean_for_ruff_as_it_is_set_up_there(packages: dict[str, Path]) -> None:
    """Sorted imports and formatted code, with dakit as a third party, as its author has it."""
    folders = [str(folder) for folder in packages.values()]
    for check in (["check", "--extend-select", "I"], ["format", "--check"]):
        line = [sys.executable, "-m", "ruff", *check, "--no-cache", *folders]
        done = subprocess.run(line, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_prefix_may_be_given() -> None:
    assert plugin_names("dakit-mean-shift", "transfer") == plugin_names("mean_shift", "transfer")
    names = plugin_names("mean-shift", "transfer")
    assert (names.distribution, names.package) == ("dakit-mean-shift", "dakit_mean_shift")
    assert (names.component, names.class_name) == ("mean_shift", "MeanShift")


NO_NAMES = ("", "Mean", "1st", "a b", "a--b", "a-", "-a", "../up", "a/b", "a.b", "ä", "a\n")
TAKEN_BY_THE_LANGUAGE_OR_THE_TEMPLATES = (
    "class",
    "dakit",
    "plugin",
    "backbone",
    "transfer-loss-spec",
)


@pytest.mark.parametrize(
    "name", [*NO_NAMES, *TAKEN_BY_THE_LANGUAGE_OR_THE_TEMPLATES, "x" * 61, "dakit-"]
)
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="is no name for a plugin"):
        plugin_names(name, "transfer")


def test_a_name_that_is_taken_is_refused() -> None:
    with pytest.raises(InputError, match="transfer loss 'mmd' already, from plugin 'builtin'"):
        plugin_names("mmd", "transfer")
    with pytest.raises(InputError, match="there is a plugin 'builtin'"):
        plugin_names("builtin", "backbone")


def test_nothing_existing_is_overwritten(tmp_path: Path) -> None:
    names = plugin_names("mean-shift", "transfer")
    (tmp_path / names.distribution).mkdir()
    with pytest.raises(InputError, match="exists already"):
        write_plugin(names, tmp_path)
    assert list((tmp_path / names.distribution).iterdir()) == []


def test_a_failure_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = plugin_names("mean-shift", "transfer")
    write = Path.write_text

    def full(path: Path, *arguments: str, **options: str) -> int:
        if path.name == "example.json":
            raise OSError(28, "No space left on device")
        return write(path, *arguments, **options)

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(RunError, match="No space left on device"):
        write_plugin(names, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot write to"):
        write_plugin(plugin_names("mean-shift", "transfer"), tmp_path / "file")
