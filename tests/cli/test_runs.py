import json
import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

from dakit.cli.runs import runs
from dakit.files.writing import write_json
from dakit.runs.folder import create
from tests.run_files import resolved


@pytest.fixture
def invoke():
    app = typer.Typer()
    app.command()(runs)
    return lambda *arguments: CliRunner().invoke(app, [str(a) for a in arguments])


def begin(out, run_id="0123456789"):
    folder = create(out, "digits", run_id)
    write_json(folder.resolved, resolved("digits", epochs=5))
    write_json(folder.environment, {})
    return folder


def test_without_runs_it_says_so(invoke, tmp_path):
    answer = invoke("--out", tmp_path / "runs")
    assert answer.exit_code == 0
    assert answer.output.startswith("no runs in")


def test_it_prints_a_table(invoke, tmp_path):
    begin(tmp_path)
    answer = invoke("--out", tmp_path)
    assert answer.exit_code == 0
    assert answer.output.splitlines()[1].split()[:4] == [
        "digits",
        "0123456789",
        "interrupted",
        "0/5",
    ]


def test_json_is_a_list_for_scripts(invoke, tmp_path):
    folder = begin(tmp_path)
    (run,) = json.loads(invoke("--out", tmp_path, "--json").output)
    assert run["folder"] == str(folder.path)
    assert (run["name"], run["state"], run["target_accuracy"]) == ("digits", "interrupted", None)
    assert json.loads(invoke("--out", tmp_path / "none", "--json").output) == []


def test_the_help_teaches(invoke):
    answer = invoke("--help")
    assert "--resume" in answer.output
    assert "dakit runs" in answer.output


def test_it_loads_nothing_heavy():
    code = "import sys, dakit.cli.runs; assert not {'torch', 'numpy', 'sklearn'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
