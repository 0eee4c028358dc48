"""``dakit.workflows.evaluate.score`` on a real, tiny run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dakit.builtin.datasets.digits_shift import DigitsShift
from dakit.contracts import BuildContext, DomainPair
from dakit.errors import InputError
from dakit.runs.run import load_run
from dakit.workflows.evaluate import score


@pytest.fixture(scope="module")
def pair() -> DomainPair:
    built: DomainPair = DigitsShift().build(BuildContext(seed=0))
    return built


def written(folder: Path, content: Any, name: str = "data.json") -> Path:
    (folder / name).write_text(json.dumps(content))
    return folder / name


def arrays(folder: Path, pair: DomainPair, **changes: Any) -> Path:
    """New data of two files, the target without labels."""
    some = slice(0, 60)
    np.save(folder / "x.npy", pair.source.inputs[some])
    np.save(folder / "y.npy", pair.source.labels[some])
    np.save(folder / "ids.npy", np.array([f"new {i}" for i in range(60)]))
    data = {
        "name": "arrays",
        "source": {"inputs": "x.npy", "labels": "y.npy", "ids": "ids.npy"},
        "target": {"inputs": "x.npy"},
        "class_names": [str(digit) for digit in range(10)],
    }
    return written(folder, data | changes)


def test_the_runs_own_test_rows_get_the_runs_own_numbers(digits_run: Path, tmp_path: Path) -> None:
    found = score(digits_run, digits_run.parent / "digits.json", part="test", device="cpu")
    known = load_run(digits_run).metrics
    for name in ("source_test", "target_test"):
        assert found["metrics"][name] == known[name]
    assert found["cautions"] == []
    alone = score(digits_run, written(tmp_path, {"name": "digits_shift"}), part="test")
    assert alone["metrics"] == found["metrics"]
    assert found["data"]["origin"] == "generated"


def test_all_rows_of_the_runs_own_data_are_leakage(digits_run: Path) -> None:
    found = score(digits_run, digits_run.parent / "digits.json", domain="source", device="cpu")
    assert list(found["metrics"]) == ["source_all"]
    (caution,) = found["cautions"]
    assert caution.startswith("LEAKAGE: 718 of the 898 source images")


def test_unlabelled_domains_are_left_out(
    digits_run: Path, pair: DomainPair, tmp_path: Path
) -> None:
    spec = arrays(tmp_path, pair)
    found = score(digits_run, spec, device="cpu")
    assert list(found["metrics"]) == ["source_all"]
    assert found["metrics"]["source_all"]["n"] == 60
    assert found["cautions"] == []
    assert found["normalized_as"] == {"source": "source"}
    with pytest.raises(InputError, match="target of these data have no labels"):
        score(digits_run, spec, domain="target")


def test_the_normalisation_can_be_the_other_one(
    digits_run: Path, pair: DomainPair, tmp_path: Path
) -> None:
    spec = arrays(tmp_path, pair)
    own, other = (
        score(digits_run, spec, normalize_as=s, device="cpu") for s in ("source", "target")
    )
    assert own["metrics"] != other["metrics"]
    assert other["normalized_as"] == {"source": "target"}
    model = load_run(digits_run).model()
    assert own["metrics"]["source_all"]["intervals"]["accuracy"] is not None
    assert model.normalization.source != model.normalization.target


def test_other_classes_are_refused_and_both_shown(
    digits_run: Path, pair: DomainPair, tmp_path: Path
) -> None:
    spec = arrays(tmp_path, pair, class_names=[f"c{digit}" for digit in range(10)])
    with pytest.raises(InputError, match=r"c0, c1, .*the model knows 0, 1, 2"):
        score(digits_run, spec)


def test_other_shapes_are_refused(digits_run: Path, pair: DomainPair, tmp_path: Path) -> None:
    spec = arrays(tmp_path, pair)
    np.save(tmp_path / "x.npy", np.zeros((60, 3, 8, 8)))
    with pytest.raises(InputError, match=r"\(3, 8, 8\) do not fit the model's \(1, 8, 8\)"):
        score(digits_run, spec)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"name": "digit_shift"}, "digits_shift"),
        ({"name": "digits_shift", "angel": 3}, "angle"),
        ({"schema_version": 1, "name": "x"}, "data"),
        (["digits_shift"], "object"),
    ],
)
def test_wrong_specs(digits_run: Path, tmp_path: Path, content: Any, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        score(digits_run, written(tmp_path, content))
    assert "data.json" in str(caught.value)
