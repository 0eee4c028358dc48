"""``dakit.workflows.predict.predict`` on a real, tiny run."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from astropy.table import Table
from pyarrow import parquet
from scipy.stats import entropy

from dakit.builtin.datasets.digits_shift import DigitsShift
from dakit.contracts import BuildContext, Domain, DomainPair
from dakit.errors import InputError
from dakit.evaluation.reference import FILE
from dakit.runs.run import load_run
from dakit.workflows.predict import predict

CLASSES = [str(digit) for digit in range(10)]


@pytest.fixture(scope="module")
def pair() -> DomainPair:
    built: DomainPair = DigitsShift().build(BuildContext(seed=0))
    return built


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def numbers(rows: Sequence[dict[str, str]], *columns: str) -> np.ndarray:
    return np.array([[float(row[column]) for column in columns] for row in rows])


P = [f"p_{name}" for name in CLASSES]


@pytest.mark.parametrize("side", ["source", "target"])
def test_the_runs_own_test_rows_get_the_runs_own_predictions(
    digits_run: Path, pair: DomainPair, tmp_path: Path, side: str
) -> None:
    known = [
        r for r in load_run(digits_run).predictions if (r["domain"], r["split"]) == (side, "test")
    ]
    domain: Domain = getattr(pair, side)
    by_id = {str(name): row for row, name in enumerate(domain.ids)}
    np.save(tmp_path / "x.npy", domain.inputs[[by_id[row["id"]] for row in known]])
    (tmp_path / "ids.txt").write_text("\n".join(row["id"] for row in known))
    summary = predict(
        digits_run, tmp_path / "x.npy", out=tmp_path / "p.csv", ids=tmp_path / "ids.txt",
        domain=side, batch_size=37, device="cpu",
    )  # fmt: skip
    found = table(tmp_path / "p.csv")
    assert [row["id"] for row in found] == [row["id"] for row in known]
    assert [row["predicted"] for row in found] == [row["predicted"] for row in known]
    np.testing.assert_allclose(numbers(found, *P), numbers(known, *P), rtol=0, atol=1e-6)
    np.testing.assert_allclose(
        numbers(found, "entropy")[:, 0], entropy(numbers(found, *P), axis=1), atol=1e-5
    )
    assert summary.images == len(known)
    assert sum(summary.predicted.values()) == len(known)
    assert summary.warnings == ()
    assert summary.far is not None
    assert summary.far <= 0.05 * len(known)


@pytest.mark.parametrize("change", ["noise", "units"])
def test_images_like_neither_domain_warn(
    digits_run: Path, pair: DomainPair, tmp_path: Path, change: str
) -> None:
    strange = pair.target.inputs[:100] * 30
    if change == "noise":
        strange = np.random.default_rng(0).normal(size=(100, 1, 8, 8)) * 3
    np.save(tmp_path / "x.npy", strange)
    summary = predict(
        digits_run, tmp_path / "x.npy", out=tmp_path / "p.csv", distance=True, device="cpu"
    )
    (warning,) = summary.warnings
    assert "far from both domains" in warning
    assert summary.far is not None
    assert summary.far > 50
    assert (numbers(table(tmp_path / "p.csv"), "distance") > 1).sum() == summary.far


def test_an_older_run_says_that_it_cannot_tell(
    digits_run: Path, pair: DomainPair, tmp_path: Path
) -> None:
    older = tmp_path / "older"
    shutil.copytree(digits_run, older)
    (older / "model" / FILE).unlink()
    np.save(tmp_path / "x.npy", pair.target.inputs[:3])
    summary = predict(older, tmp_path / "x.npy", out=tmp_path / "p.csv", device="cpu")
    assert "cannot be checked" in summary.warnings[0]
    assert summary.far is None
    with pytest.raises(InputError, match="cannot be checked"):
        predict(older, tmp_path / "x.npy", out=tmp_path / "q.csv", distance=True)
    assert not (tmp_path / "q.csv").exists()


def test_every_format_holds_the_same(digits_run: Path, pair: DomainPair, tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", inputs=pair.target.inputs[:50], ids=pair.target.ids[:50])
    for suffix in ("csv", "parquet", "fits"):
        out = tmp_path / f"p.{suffix}"
        predict(digits_run, tmp_path / "x.npz", out=out, symmetries=True, device="cpu")
    rows = table(tmp_path / "p.csv")
    wanted = {name: [row[name] for row in rows] for name in rows[0]}
    by_parquet = parquet.read_table(tmp_path / "p.parquet").to_pydict()
    by_fits = Table.read(tmp_path / "p.fits")
    assert list(wanted) == list(by_parquet) == by_fits.colnames
    assert wanted["id"] == [str(name) for name in pair.target.ids[:50]]
    for name, texts in wanted.items():
        if name in ("id", "predicted"):
            assert by_parquet[name] == [str(x) for x in by_fits[name]] == texts
        else:
            values = np.array(texts, np.float32)
            np.testing.assert_array_equal(np.array(by_parquet[name], np.float32), values)
            np.testing.assert_array_equal(by_fits[name], values)


def test_options_add_their_columns_and_temperature_scales(
    digits_run: Path, pair: DomainPair, tmp_path: Path
) -> None:
    np.save(tmp_path / "x.npy", pair.source.inputs[:40])
    common: dict[str, Any] = {"device": "cpu", "domain": "source"}
    plain = predict(digits_run, tmp_path / "x.npy", out=tmp_path / "a.csv", **common)
    scaled = predict(
        digits_run, tmp_path / "x.npy", out=tmp_path / "b.csv", temperature=True, **common
    )
    assert plain.temperature is None
    assert scaled.temperature is not None
    split = [r for r in load_run(digits_run).predictions if r["split"] == "validation"]
    assert scaled.temperature.rows == sum(row["domain"] == "source" for row in split)
    powers = numbers(table(tmp_path / "a.csv"), *P) ** (1 / scaled.temperature.value)
    np.testing.assert_allclose(
        numbers(table(tmp_path / "b.csv"), *P), powers / powers.sum(1, keepdims=True), atol=1e-5
    )
    predict(
        digits_run, tmp_path / "x.npy", out=tmp_path / "c.csv", symmetries=True,
        dropout_samples=3, **common,
    )  # fmt: skip
    columns = list(table(tmp_path / "c.csv")[0])
    assert columns == [
        "id", "predicted", *P, "entropy", *(f"symmetry_sd_{c}" for c in CLASSES),
        *(f"dropout_sd_{c}" for c in CLASSES), "mutual_information",
    ]  # fmt: skip


def test_progress_counts_to_the_end(digits_run: Path, pair: DomainPair, tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", pair.target.inputs[:5])
    np.save(tmp_path / "b.npy", pair.target.inputs[5:9])
    seen: list[tuple[int, int]] = []
    predict(
        digits_run, [tmp_path / "a.npy", tmp_path / "b.npy"], out=tmp_path / "p.csv",
        batch_size=4, device="cpu", progress=lambda *count: seen.append(count),
    )  # fmt: skip
    assert seen == [(4, 9), (8, 9), (9, 9)]
    assert [row["id"] for row in table(tmp_path / "p.csv")][4:6] == ["a:4", "b:0"]


def test_broken_images_leave_no_table(digits_run: Path, pair: DomainPair, tmp_path: Path) -> None:
    images = pair.target.inputs[:20].copy()
    images[[3, 17], 0, 0, 0] = np.nan
    np.save(tmp_path / "x.npy", images)
    with pytest.raises(InputError, match=r"2 of 20 inputs .*ids 3, 17"):
        predict(digits_run, tmp_path / "x.npy", out=tmp_path / "p.csv", batch_size=4)
    assert {entry.name for entry in tmp_path.iterdir()} == {"x.npy"}


def test_other_inputs_go_to_the_dataset_of_the_run(
    digits_run: Path, pair: DomainPair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[tuple[DigitsShift, Sequence[Path], str]] = []

    def read(self: DigitsShift, paths: Sequence[Path], context: BuildContext) -> Domain:
        given.append((self, paths, context.domain))
        return Domain("new", pair.target.inputs[:2], None, np.array(["p", "q"]))

    (tmp_path / "pictures").mkdir()
    with pytest.raises(InputError, match="'digits_shift' of this run cannot read new inputs"):
        predict(digits_run, tmp_path / "pictures", out=tmp_path / "p.csv")
    monkeypatch.setattr(DigitsShift, "read_inputs", read)
    predict(digits_run, tmp_path / "pictures", out=tmp_path / "p.csv")
    assert [row["id"] for row in table(tmp_path / "p.csv")] == ["p", "q"]
    predict(digits_run, tmp_path / "pictures", out=tmp_path / "q.csv", domain="source")
    (spec, paths, as_target), (*_, as_source) = given
    assert (spec.angle, paths) == (35.0, [tmp_path / "pictures"])
    assert (as_target, as_source) == ("target", "source")


def test_arrays_need_no_plugin_of_the_dataset(
    digits_run: Path, pair: DomainPair, tmp_path: Path
) -> None:
    orphan = tmp_path / "orphan"
    shutil.copytree(digits_run, orphan)
    resolved = json.loads((orphan / "resolved.json").read_text())
    resolved["data"] = {"name": "from_a_lost_plugin"}
    (orphan / "resolved.json").write_text(json.dumps(resolved))
    np.save(tmp_path / "x.npy", pair.target.inputs[:2])
    predict(orphan, tmp_path / "x.npy", out=tmp_path / "p.csv")
    with pytest.raises(InputError, match="from_a_lost_plugin"):
        predict(orphan, tmp_path, out=tmp_path / "q.csv")


def test_wrong_calls(digits_run: Path, pair: DomainPair, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", pair.target.inputs[:2])
    for inputs, said in (
        ([], "no inputs"),
        ([tmp_path / "no.npy"], "no such file"),
        ([tmp_path / "no_folder"], "no such file or folder"),
        ([tmp_path / "x.npy", tmp_path], "not both"),
    ):
        with pytest.raises(InputError, match=said):
            predict(digits_run, inputs, out=tmp_path / "p.csv")
    with pytest.raises(InputError, match=r"--skip-bad .* image files"):
        predict(digits_run, tmp_path / "x.npy", out=tmp_path / "p.csv", skip_bad=True)
    with pytest.raises(InputError, match="not the folder of a finished run"):
        predict(tmp_path, tmp_path / "x.npy", out=tmp_path / "p.csv")


def test_it_leaves_torch_as_it_was(digits_run: Path, pair: DomainPair, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", pair.target.inputs[:2])
    state = torch.get_rng_state()
    predict(digits_run, tmp_path / "x.npy", out=tmp_path / "p.csv", dropout_samples=2)
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("shape", [(10**9, 1, 8, 8), (-4, 1, 8, 8)])
def test_a_file_that_claims_more_than_it_holds_is_named(
    digits_run: Path, tmp_path: Path, shape: tuple[int, ...]
) -> None:
    with (tmp_path / "x.npy").open("wb") as file:
        header = {"descr": "<f4", "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, header)
        file.write(bytes(256))
    with pytest.raises(InputError, match=r"x\.npy cannot be read.*its header claims"):
        predict(digits_run, tmp_path / "x.npy", out=tmp_path / "p.csv", device="cpu")
    assert not (tmp_path / "p.csv").exists()
