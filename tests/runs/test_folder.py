import subprocess
import sys

import pytest

from dakit.errors import InputError
from dakit.runs.folder import RunFolder, create, run_folder


def test_the_folder_is_named_by_name_and_id(tmp_path):
    folder = create(tmp_path / "runs", "sim_real", "0123456789")
    assert folder.path == tmp_path / "runs" / "sim_real-0123456789"
    assert folder.path.is_dir()


def test_the_files_are_where_the_documentation_says(tmp_path):
    folder = RunFolder(tmp_path)
    names = {
        "spec.json": folder.spec,
        "resolved.json": folder.resolved,
        "environment.json": folder.environment,
        "metrics.jsonl": folder.metrics,
        "results.json": folder.results,
        "predictions.csv": folder.predictions,
        "model": folder.model,
        "checkpoint": folder.checkpoint,
        "figures": folder.figures,
        "report.html": folder.report,
        "split.npz": folder.split,
        "error.json": folder.error,
    }
    assert all(path == tmp_path / name for name, path in names.items())


def test_an_existing_folder_keeps_its_files(tmp_path):
    folder = create(tmp_path, "a", "1")
    folder.metrics.write_text("kept")
    assert create(tmp_path, "a", "1").metrics.read_text() == "kept"


def test_a_place_that_is_no_folder_is_an_input_error(tmp_path):
    (tmp_path / "runs").write_text("a file")
    with pytest.raises(InputError, match="runs"):
        create(tmp_path / "runs", "a", "1")


def test_the_state_follows_from_the_files(tmp_path):
    folder = create(tmp_path, "a", "1")
    assert folder.state == "interrupted"
    folder.error.write_text("{}")
    assert folder.state == "failed"
    folder.results.write_text("{}")
    assert folder.state == "finished"


def test_naming_a_folder_does_not_create_it(tmp_path):
    assert run_folder(tmp_path, "a", "1").path == tmp_path / "a-1"
    assert not (tmp_path / "a-1").exists()


def test_what_a_killed_process_left_half_written_is_removed(tmp_path):
    code = (
        "import os, sys; from pathlib import Path; from dakit.files.writing import writing\n"
        "with writing(Path(sys.argv[1])) as file:\n"
        "    file.write(b'half'); os.kill(os.getpid(), 9)"
    )
    weights = create(tmp_path, "a", "1").checkpoint / "weights"
    weights.parent.mkdir()
    subprocess.run([sys.executable, "-c", code, weights], check=False)
    assert len(list(weights.parent.iterdir())) == 1
    create(tmp_path, "a", "1")
    assert list(weights.parent.iterdir()) == []
