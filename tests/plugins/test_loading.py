from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from dakit.errors import InputError
from dakit.plugins.loading import PluginError, PluginSet, load_plugins, report
from dakit.plugins.options import PluginOptions

PLUGIN = """
from typing import Literal
from dakit import RegularizerSpec, hookimpl

class Mine(RegularizerSpec):
    '''Mine.'''
    name: Literal["NAME"] = "NAME"
    def build(self, context): ...

@hookimpl
def dakit_regularizers():
    return [Mine]
"""

Listing = dict[str, dict[str, Any]]
Command = Callable[..., "CompletedProcess[str]"]


@pytest.fixture(autouse=True)
def _own_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))  # local plugins add their folder to it


@pytest.fixture(scope="module")
def listing(installed_plugins: Path, dakit_command: Command) -> Listing:
    return _list(dakit_command, installed_plugins)


def _list(dakit_command: Command, site: Path, *arguments: str, **environ: str) -> Listing:
    done = dakit_command("list-plugins", "--json", *arguments, PYTHONPATH=str(site), **environ)
    assert done.returncode == 0, done.stderr
    plugins: Listing = {entry["name"]: entry for entry in json.loads(done.stdout)}
    plugins["stderr"] = {"lines": done.stderr.splitlines()}
    return plugins


@pytest.mark.parametrize(
    ("name", "state", "reason"),
    [
        ("fine", "active", ""),
        (
            "import_error",
            "failed",
            "ModuleNotFoundError: No module named 'no_such_module_anywhere'",
        ),
        ("system_exit", "failed", "SystemExit: 3"),
        (
            "misspelt",
            "failed",
            "there is no hook 'dakit_transfer_loses'; did you mean 'dakit_transfer_losses'?",
        ),
        ("unmarked", "failed", "dakit_transfer_losses is not marked with @hookimpl"),
        ("raises", "failed", "ValueError: no luck"),
        ("no_spec", "failed", "dakit_transfer_losses: 42 is not a component spec class"),
        ("wrong_kind", "failed", "dakit_backbones: Good does not extend BackboneSpec"),
        (
            "abstract",
            "failed",
            "dakit_transfer_losses: Half says nowhere what it builds: name it in `implementation` "
            '(".module:Name"), or write `build`',
        ),
        (
            "usurper",
            "conflict",
            "transfer 'mmd' is also offered by 'builtin' (dakit 0.1.0)",
        ),
        ("twin_a", "conflict", "transfer 'twin' is also offered by 'twin_b' (dakit-twin-b 1.5)"),
        ("twin_b", "conflict", "transfer 'twin' is also offered by 'twin_a' (dakit-twin-a 1.5)"),
        ("future", "incompatible", "it needs dakit>=99, this is dakit 0.1.0"),
        ("builtin", "active", ""),
    ],
)
def test_installed_plugin_has_state_and_reason(
    listing: Listing, name: str, state: str, reason: str
) -> None:
    assert (listing[name]["state"], listing[name]["reason"]) == (state, reason)


def test_wrong_argument_is_named(listing: Listing) -> None:
    plugin = listing["wrong_argument"]
    assert plugin["state"] == "failed"
    assert "dakit_transfer_losses(context)" in plugin["reason"]
    assert "{'context'}" in plugin["reason"]


def test_name_that_is_not_pinned_is_a_failure(listing: Listing) -> None:
    assert listing["unnamed"]["state"] == "failed"
    assert "Good does not pin its name" in listing["unnamed"]["reason"]


def test_good_plugin_beside_broken_ones_offers_its_components(listing: Listing) -> None:
    assert listing["fine"]["components"] == [
        {"kind": "transfer", "name": "fine", "summary": "A loss that works."}
    ]
    assert listing["fine"]["version"] == "1.5"
    assert listing["fine"]["distribution"] == "dakit-broken"


def test_conflict_takes_only_the_shared_name_away(listing: Listing) -> None:
    offered = [c["name"] for name in ("twin_a", "twin_b") for c in listing[name]["components"]]
    assert offered == ["only_a", "only_b"]


def test_builtin_keeps_the_name_another_plugin_claims(listing: Listing) -> None:
    offered = [(c["kind"], c["name"]) for c in listing["builtin"]["components"]]
    assert ("transfer", "mmd") in offered
    assert listing["usurper"]["components"] == []


def test_each_broken_plugin_gets_one_warning_line(listing: Listing) -> None:
    warnings = [line for line in listing["stderr"]["lines"] if line.startswith("warning: ")]
    broken = [
        name
        for name, plugin in listing.items()
        if plugin.get("state") in {"failed", "incompatible", "conflict"}
    ]
    assert len(warnings) == len(broken)
    assert all(any(f"plugin {name!r} (" in line for line in warnings) for name in broken)


def test_what_a_plugin_prints_stays_out_of_stdout(listing: Listing) -> None:
    assert "hello from a plugin" in listing["stderr"]["lines"]


def test_blocked_plugins_are_not_imported(installed_plugins: Path, dakit_command: Command) -> None:
    plugins = _list(
        dakit_command,
        installed_plugins,
        "--disable-plugin",
        "fine",
        DAKIT_DISABLE_PLUGINS="raises,dakit-twin-a",
    )
    for name in ("fine", "raises", "twin_a"):
        assert plugins[name]["state"] == "disabled"
        assert "--disable-plugin" in plugins[name]["reason"]
    assert "hello from a plugin" not in plugins["stderr"]["lines"]
    assert plugins["twin_b"]["state"] == "active"


def test_no_plugins_leaves_the_builtin(installed_plugins: Path, dakit_command: Command) -> None:
    plugins = _list(dakit_command, installed_plugins, "--no-plugins")
    stderr = plugins.pop("stderr")
    assert stderr == {"lines": []}
    assert {name for name, p in plugins.items() if p["state"] != "disabled"} == {"builtin"}


@pytest.mark.parametrize(("allowed", "active"), [("", set()), ("fine , future", {"fine"})])
def test_allow_list(
    installed_plugins: Path, dakit_command: Command, allowed: str, active: set[str]
) -> None:
    plugins = _list(dakit_command, installed_plugins, DAKIT_PLUGINS=allowed)
    assert {n for n, p in plugins.items() if p.get("state") == "active"} == active | {"builtin"}


def test_strict_raises_on_the_first_broken_plugin(
    installed_plugins: Path, dakit_command: Command
) -> None:
    environ = {"PYTHONPATH": str(installed_plugins), "DAKIT_STRICT_PLUGINS": "1"}
    done = dakit_command("list-plugins", **environ)
    assert done.returncode == 1
    assert done.stderr.startswith("hello from a plugin\nerror: plugin ")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "environ"), [(["--debug"], {}), ([], {"DAKIT_DEBUG_PLUGINS": "1"})]
)
def test_debug_prints_tracebacks(
    installed_plugins: Path,
    dakit_command: Command,
    arguments: list[str],
    environ: dict[str, str],
) -> None:
    environ = {**environ, "DAKIT_PLUGINS": "raises", "PYTHONPATH": str(installed_plugins)}
    done = dakit_command("list-plugins", *arguments, **environ)
    assert "Traceback (most recent call last)" in done.stderr
    assert "in dakit_backbones" in done.stderr


def _load_file(tmp_path: Path, text: str, **options: Any) -> PluginSet:
    file = tmp_path / "my_plugin.py"
    file.write_text(text)
    return load_plugins(PluginOptions(allowed=(), modules=(file,), **options))


def test_local_file_is_loaded_although_no_plugin_is_allowed(tmp_path: Path) -> None:
    plugins = _load_file(tmp_path, PLUGIN.replace("NAME", "mine"))
    (mine,) = [p for p in plugins.plugins if p.info.name == "my_plugin"]
    assert mine.info.state == "active"
    assert mine.info.distribution == str(tmp_path / "my_plugin.py")
    assert [c.model_fields["name"].default for c in mine.components] == ["mine"]


def test_local_file_may_import_its_neighbour(tmp_path: Path) -> None:
    (tmp_path / "neighbour_of_the_plugin.py").write_text("number = 7\n")
    plugins = _load_file(tmp_path, "import neighbour_of_the_plugin\n")
    assert plugins.plugins[-1].info.state == "active"


def test_local_file_that_is_missing_is_the_users_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"--plugin-module: no such file: .*gone\.py"):
        load_plugins(PluginOptions(modules=(tmp_path / "gone.py",)))


def test_two_classes_of_one_name_in_one_plugin_are_a_failure(tmp_path: Path) -> None:
    twice = PLUGIN.replace("NAME", "mine").replace(
        "[Mine]", "[Mine, type('Other', (Mine,), {'__module__': __name__})]"
    )
    info = _load_file(tmp_path, twice).plugins[-1].info
    assert (info.state, info.reason) == ("failed", "both Mine and Other are named 'mine'")


@pytest.mark.parametrize("returned", ["None", "'mmd'", "Mine", "Mine()"])
def test_hook_that_returns_no_list_of_classes_is_a_failure(tmp_path: Path, returned: str) -> None:
    text = PLUGIN.replace("NAME", "mine").replace("[Mine]", returned)
    info = _load_file(tmp_path, text).plugins[-1].info
    assert info.state == "failed"
    assert info.reason.startswith("dakit_regularizers: ")


def test_unresolved_annotation_is_a_failure(tmp_path: Path) -> None:
    text = "from __future__ import annotations\n" + PLUGIN.replace("NAME", "mine")
    text = text.replace("    def build", "    size: Nowhere = 1\n    def build")
    info = _load_file(tmp_path, text).plugins[-1].info
    assert info.state == "failed"
    assert "Nowhere" in info.reason


def test_keyboard_interrupt_passes(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        _load_file(tmp_path, "raise KeyboardInterrupt\n")


def test_plugin_that_imports_torch_is_active(tmp_path: Path) -> None:
    assert _load_file(tmp_path, "import torch\n").plugins[-1].info.state == "active"


def test_strict_keeps_the_cause(tmp_path: Path) -> None:
    with pytest.raises(PluginError, match=r"my_plugin.*ZeroDivisionError") as raised:
        _load_file(tmp_path, "1 / 0\n", strict=True)
    assert isinstance(raised.value.__cause__, ZeroDivisionError)


def test_unknown_name_is_a_warning_with_the_close_match(tmp_path: Path) -> None:
    plugins = _load_file(tmp_path, "", disabled=("my_plugn",))
    assert plugins.warnings == (
        "there is no plugin named 'my_plugn' to allow or disable; did you mean 'my_plugin'?",
    )


def test_builtin_cannot_be_disabled() -> None:
    plugins = load_plugins(PluginOptions(disabled=("builtin",), allowed=()))
    assert plugins.plugins[0].info.name == "builtin"
    assert plugins.plugins[0].info.state == "active"
    assert plugins.warnings == ("the built-in components cannot be disabled",)


def test_report_is_silent_where_all_is_well() -> None:
    out = StringIO()
    report(load_plugins(PluginOptions(allowed=())), debug=True, stream=out)
    assert out.getvalue() == ""


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("import csv", ""),
        ("import torch", r"its import (takes \d+\.\d s and )?brings torch; import .* in build\(\)"),
        ("import time; time.sleep(0.6)", r"its import takes \d+\.\d s; import .* in build\(\)"),
    ],
)
def test_what_makes_an_import_slow_is_named(
    tmp_path: Path, dakit_command: Command, line: str, reason: str
) -> None:
    (tmp_path / "slow.py").write_text(f"{line}\n{PLUGIN.replace('NAME', 'slow')}")
    plugin = ["--no-plugins", "--plugin-module", str(tmp_path / "slow.py")]
    done = dakit_command("list-plugins", "--json", *plugin)
    (entry,) = [entry for entry in json.loads(done.stdout) if entry["name"] == "slow"]
    assert entry["state"] == "active"
    assert re.fullmatch(reason, entry["reason"])
    assert not done.stderr
