from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("torch", "numpy", "sklearn", "scipy", "safetensors", "matplotlib")
PROBE = """
import sys
from dakit.cli.app import main
code = main(sys.argv[1:])
print(sorted(set(sys.modules) & set(HEAVY)), file=sys.stderr)
raise SystemExit(code)
""".replace("HEAVY", repr(HEAVY))


@pytest.mark.parametrize(
    "line",
    [
        ["--help"],
        ["--version"],
        ["list-plugins"],
        ["list-plugins", "--json"],
        ["info", "mmd"],
        ["schema"],
        ["runs"],
        ["run", "--help"],
        ["fetch", "--help"],
        ["predict", "--help"],
        ["evaluate", "--help"],
        ["export", "--help"],
        ["compare", "--help"],
        ["inspect", "--help"],
        ["doctor", "--help"],
        ["check-plugin", "--help"],
        ["new-plugin", "--help"],
    ],
    ids=" ".join,
)
def test_nothing_heavy_is_imported(line: list[str]) -> None:
    command = [sys.executable, "-c", PROBE, *line]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[-1] == "[]"


def test_wrong_command_imports_nothing_heavy() -> None:
    command = [sys.executable, "-c", PROBE, "no-such-command"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == "[]"


def test_validating_a_spec_imports_nothing_heavy(tmp_path: Path) -> None:
    spec = {
        "schema_version": 1,
        "name": "first",
        "data": {"name": "digits_shift"},
        "model": {"backbone": {"name": "mlp"}},
        "objective": {"transfer": {"name": "mmd"}},
    }
    (tmp_path / "spec.json").write_text(json.dumps(spec))
    command = [sys.executable, "-c", PROBE, "validate", str(tmp_path / "spec.json")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[-1] == "[]"
