from __future__ import annotations

import subprocess
import sys

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
        ["run", "--help"],
        ["doctor", "--help"],
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
