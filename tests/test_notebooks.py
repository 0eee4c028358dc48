"""Every notebook in docs/ runs from top to bottom in an empty folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")

NOTEBOOKS = sorted((Path(__file__).parents[1] / "docs" / "notebooks").glob("*.ipynb"))


def _read(path: Path):
    return nbformat.read(path, as_version=4)


def _own_kernel():
    """Return a manager that starts this interpreter, whatever kernels are installed."""
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager

    specs = KernelSpecManager(kernel_dirs=[])
    return AsyncKernelManager(kernel_name="python3", kernel_spec_manager=specs)


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """Return the galaxy-merger notebook with its outputs, and the folder it ran in."""
    folder = tmp_path_factory.mktemp("notebook")
    notebook = _read(next(path for path in NOTEBOOKS if path.stem == "galaxy_mergers"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "1")
        patch.setenv("IPYTHONDIR", os.fspath(folder / "ipython"))
        patch.delenv("DAKIT_DATA", raising=False)
        client = nbclient.NotebookClient(
            notebook,
            km=_own_kernel(),
            timeout=180,
            resources={"metadata": {"path": os.fspath(folder)}},
        )
        client.execute()
    return notebook, folder


def test_the_notebook_leaves_what_it_promises(executed) -> None:
    _, folder = executed
    for run in ("noda", "mmd"):
        assert len(list(folder.glob(f"runs/{run}-*/results.json"))) == 1
    assert len(list(folder.glob("runs/mmd-*/report.html"))) == 1
    assert "MMD" in (folder / "comparison.html").read_text()
    assert len((folder / "predictions.csv").read_text().splitlines()) == 101


def test_the_notebook_calls_mock_numbers_mock(executed) -> None:
    notebook, _ = executed
    printed = [
        output["text"]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output["output_type"] == "stream"
    ]
    assert any("target_test" in text and "on mock data" in text for text in printed)
    assert any("MOCK DATA" in text for text in printed)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_are_stored_without_outputs(path: Path) -> None:
    cells = [cell for cell in _read(path).cells if cell.cell_type == "code"]
    assert cells
    assert all(cell.execution_count is None and cell.outputs == [] for cell in cells)
