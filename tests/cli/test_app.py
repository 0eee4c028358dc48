from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

import dakit
from dakit.cli import app
from dakit.errors import InputError, RunError

Command = Callable[..., "CompletedProcess[str]"]


def _failing(error: BaseException) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


@pytest.mark.parametrize(("error", "code"), [(InputError("no spec"), 2), (RunError("NaN"), 1)])
def test_errors_of_dakit_are_told_in_one_line(
    error: Exception, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(app.catalog, "current", _failing(error))
    assert app.main(["list-plugins"]) == code
    assert capsys.readouterr().err == f"error: {error}\n"


def test_debug_adds_the_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(app.catalog, "current", _failing(RunError("NaN")))
    assert app.main(["list-plugins", "--debug"]) == 1
    err = capsys.readouterr().err
    assert err.startswith("Traceback")
    assert err.endswith("error: NaN\n")


def test_interruption_ends_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app.catalog, "current", _failing(KeyboardInterrupt()))
    assert app.main(["list-plugins"]) == 130


def test_bugs_keep_their_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app.catalog, "current", _failing(ZeroDivisionError()))
    with pytest.raises(ZeroDivisionError):
        app.main(["list-plugins"])


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(["--version"]) == 0
    assert capsys.readouterr().out == f"dakit {dakit.__version__}\n"


@pytest.mark.parametrize("line", [["lst-plugins"], ["list-plugins", "--jsn"], ["info"]])
def test_wrong_usage_ends_with_2(line: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(line) == 2
    assert "Usage: dakit" in capsys.readouterr().err


def test_help_names_the_global_options(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(["--help"]) == 0
    out = capsys.readouterr().out
    for option in ("--disable-plugin", "--no-plugins", "--plugin-module", "--debug"):
        assert option in out


@pytest.mark.parametrize("command", app.COMMANDS)
def test_every_command_has_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main([command, "--help"]) == 0
    assert f"dakit {command}" in capsys.readouterr().out.partition("Example")[2]


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(["--help"]) == 0
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert [word for word in listed if word in app.COMMANDS] == list(app.COMMANDS)


def test_python_m_dakit_passes_the_exit_code_on(dakit_command: Command) -> None:
    done = dakit_command("info", "no_such_component")
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr


def test_local_plugin_file_is_there_for_the_command(dakit_command: Command, tmp_path: Path) -> None:
    (tmp_path / "my_loss.py").write_text(
        "from typing import Literal\n"
        "from dakit import TransferLossSpec, hookimpl\n"
        "class Mine(TransferLossSpec):\n"
        "    name: Literal['mine'] = 'mine'\n"
        "    def build(self, context): ...\n"
        "@hookimpl\n"
        "def dakit_transfer_losses():\n"
        "    return [Mine]\n"
    )
    done = dakit_command("info", "mine", "--plugin-module", str(tmp_path / "my_loss.py"))
    assert done.returncode == 0
    assert done.stdout.startswith("mine: transfer loss, from plugin 'my_loss'")
