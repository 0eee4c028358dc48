from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from dakit.component_faults import faults_of
from dakit.errors import InputError, RunError

PLUGIN = '''
from typing import Literal
from dakit import TransferLossSpec, hookimpl


class Crooked(TransferLossSpec):
    """Multiplies what does not fit."""

    name: Literal["crooked"] = "crooked"

    def build(self, context):
        from dakit.contracts import LossTerm

        class CrookedTerm(LossTerm):
            def forward(self, batch):
                return (batch.source.features @ batch.target.features).mean()  # HERE

        return CrookedTerm()


@hookimpl
def dakit_transfer_losses():
    return [Crooked]
'''
SPEC = {
    "schema_version": 1,
    "name": "crooked",
    "data": "digits_shift",
    "model": {"backbone": "mlp"},
    "objective": {"transfer": "crooked"},
    "training": {"epochs": 1},
}


class Component:
    def fail(self) -> None:
        raise ValueError("two\nlines")


def test_the_component_the_kind_and_the_line_are_told() -> None:
    component = Component()
    with pytest.raises(RunError) as caught, faults_of(component, "the term 'x'"):
        component.fail()
    line = Component.fail.__code__.co_firstlineno + 1
    package = Component.__module__.partition(".")[0]
    assert str(caught.value) == (
        f"the term 'x' ({package}) raised ValueError at test_component_faults.py:{line}: "
        "two lines; --debug shows the traceback"
    )
    assert isinstance(caught.value.__cause__, ValueError)


def test_a_component_of_no_file_has_no_line() -> None:
    typed_in = type("TypedIn", (), {"__module__": "builtins"})
    with pytest.raises(RunError) as caught, faults_of(typed_in(), "the term 'x'"):
        raise ValueError
    assert str(caught.value).startswith("the term 'x' (builtins) raised ValueError: no message")


@pytest.mark.parametrize("error", [InputError("wrong"), RunError("NaN")])
def test_what_dakit_says_itself_stays(error: Exception) -> None:
    with pytest.raises(type(error)) as caught, faults_of(Component(), "the term 'x'"):
        raise error
    assert caught.value is error


def test_ctrl_c_stays() -> None:
    with pytest.raises(KeyboardInterrupt), faults_of(Component(), "the term 'x'"):
        raise KeyboardInterrupt


def test_a_run_tells_whose_line_failed_and_is_marked_failed(
    tmp_path: Path, dakit_command: Callable[..., CompletedProcess[str]]
) -> None:
    plugin, spec = tmp_path / "crooked.py", tmp_path / "spec.json"
    plugin.write_text(PLUGIN)
    spec.write_text(json.dumps(SPEC))
    line = PLUGIN.split("\n").index(next(x for x in PLUGIN.split("\n") if "HERE" in x)) + 1
    runs = tmp_path / "runs"
    options = ["--plugin-module", str(plugin), "--out", str(runs)]
    done = dakit_command("run", str(spec), *options)
    assert done.returncode == 1
    assert "the term 'crooked' (dakit_local_crooked_" in done.stderr
    assert f"raised RuntimeError at crooked.py:{line}: mat1 and mat2" in done.stderr
    assert "Traceback" not in done.stderr
    again = dakit_command("run", str(spec), *options)
    assert again.returncode == 2
    assert "failed (the term 'crooked' (dakit_local_crooked_" in again.stderr
    listed = dakit_command("runs", str(runs), "--json")
    (run,) = json.loads(listed.stdout)
    assert run["state"] == "failed"
    assert "crooked.py" in run["problem"]
