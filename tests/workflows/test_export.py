"""Exported models: read back by others, the same numbers, or nothing is written."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from dakit.contracts import Backbone
from dakit.errors import InputError, RunError
from dakit.evaluation.predict import evaluating
from dakit.runs.run import load_run
from dakit.workflows.export import ExportSummary, export


@pytest.fixture(scope="module")
def exported(
    digits_run: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, ExportSummary]:
    out = tmp_path_factory.mktemp("exported") / "new"
    return out, export(digits_run, formats=("torch", "onnx"), out=out)


def outputs(form: str, out: Path, images: np.ndarray) -> list[np.ndarray]:
    if form == "onnx":
        session = onnxruntime.InferenceSession(out / "model.onnx")
        assert [put.name for put in session.get_outputs()] == ["logits", "probabilities"]
        found: list[np.ndarray] = session.run(None, {"inputs": images})
        return found
    module = torch.export.load(out / "model.pt2").module()
    return [value.detach().numpy() for value in module(torch.from_numpy(images))]


@pytest.mark.parametrize("form", ["torch", "onnx"])
@pytest.mark.parametrize("rows", [1, 3, 40])
def test_any_number_of_images_gives_the_models_numbers(
    digits_run: Path, exported: tuple[Path, ExportSummary], form: str, rows: int
) -> None:
    images = np.random.default_rng(rows).normal(size=(rows, 1, 8, 8)).astype(np.float32)
    model = load_run(digits_run).model()
    with evaluating(model.network):
        wanted = model.network(model.normalization.target(torch.from_numpy(images)))[1]
    logits, probabilities = outputs(form, exported[0], images)
    np.testing.assert_allclose(logits, wanted, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(probabilities, wanted.softmax(1), atol=1e-5)


def test_the_metadata_say_what_it_is(
    digits_run: Path, exported: tuple[Path, ExportSummary]
) -> None:
    out, summary = exported
    facts = json.loads((out / "export.json").read_text())
    assert facts["run_id"] == load_run(digits_run).results["run_id"]
    assert facts["class_names"] == [str(digit) for digit in range(10)]
    assert facts["input"]["shape"] == ["batch", 1, 8, 8]
    assert facts["normalized_as"] == "target"
    assert facts["trained_on"]["origin"] == "generated"
    assert set(facts["files"]) == {"model.pt2", "model.onnx"}
    assert {path.name for path in summary.files} == {"model.pt2", "model.onnx", "export.json"}
    assert summary.differences["torch"]["logits"] <= 1e-4


@pytest.mark.parametrize("what", ["other numbers", "not a number", "an exporter that fails"])
def test_what_does_not_agree_is_not_written(
    digits_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    def lying(program: object) -> object:
        if what == "an exporter that fails":
            raise KeyError("no such operator")
        off = torch.nan if what == "not a number" else 0.01
        return b"x", lambda inputs: (torch.full((len(inputs), 10), off),) * 2

    monkeypatch.setattr("dakit.workflows.export._torch_program", lambda *_: None)
    monkeypatch.setattr("dakit.workflows.export._MAKERS", {"torch": lying})
    with pytest.raises(RunError, match=r"other numbers|cannot be exported"):
        export(digits_run, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_network_that_cannot_be_traced_is_said_so(
    digits_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def branching(self: Backbone, inputs: torch.Tensor) -> torch.Tensor:
        return inputs.flatten(1) if float(inputs.sum()) > 0 else -inputs.flatten(1)

    model = load_run(digits_run).model()
    monkeypatch.setattr(type(model.network.backbone), "forward", branching)
    with pytest.raises(RunError, match=r"cannot be exported \(torch\.export\)"):
        export(digits_run, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_onnx_needs_its_extra(
    digits_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dakit.workflows.export.find_spec", lambda name: None)
    with pytest.raises(InputError, match=r'pip install -e "\.\[export\]"'):
        export(digits_run, formats=("onnx",), out=tmp_path)
