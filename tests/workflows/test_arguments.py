"""What the functions of the package take: one value or several, and what is none of these."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import dakit
from dakit.errors import InputError
from dakit.workflows.arguments import several
from dakit.workflows.sweep import plan_sweep
from dakit.workflows.train import load

SPEC: dict[str, Any] = {
    "schema_version": 1,
    "name": "tiny",
    "data": {"name": "digits_shift"},
    "model": {"backbone": {"name": "mlp", "hidden": [4]}},
    "objective": {"task": "cross_entropy"},
}


def test_one_value_stands_for_itself() -> None:
    assert several("ab", (str,), "runs", "names") == ["ab"]
    assert several(("ab", "c"), (str,), "runs", "names") == ["ab", "c"]
    assert several((name for name in "ab"), (str,), "runs", "names") == ["a", "b"]


@pytest.mark.parametrize("given", [5, None, [5], {"a": "b"}, b"ab"])
def test_other_values_are_told(given: object) -> None:
    with pytest.raises(InputError, match=r"^runs must be names, not "):
        several(given, (str,), "runs", "names")


def test_a_single_override_may_stand_alone() -> None:
    for given in ("training.epochs=2", ["training.epochs=2"]):
        assert load(SPEC, given).spec.training.epochs == 2
    for wrong in (5, [5], {"training.epochs": 2}):
        with pytest.raises(InputError, match=r"overrides must be .*training.epochs=5"):
            load(SPEC, wrong)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="overrides must be"):
        plan_sweep("no.json", overrides=5)  # type: ignore[arg-type]


@pytest.mark.parametrize("given", [5, None, [SPEC]])
def test_what_is_no_spec_is_told(given: Any) -> None:
    with pytest.raises(InputError, match="the spec must be a file or a mapping, not "):
        dakit.run(given)


@pytest.mark.parametrize("given", [5, None])
def test_what_is_no_run_is_told(given: Any, tmp_path: Path) -> None:
    for use in (
        lambda: dakit.load_run(given),
        lambda: dakit.report(given),
        lambda: dakit.export(given),
        lambda: dakit.score(given, tmp_path / "data.json"),
        lambda: dakit.predict(given, tmp_path, out=tmp_path / "p.csv"),
    ):
        with pytest.raises(InputError, match="the run must be the folder of a finished run"):
            use()
    with pytest.raises(InputError, match="runs must be "):
        dakit.compare(given)


@pytest.mark.usefixtures("no_figures")
def test_one_run_may_be_compared_alone(digits_run: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^runs/x is not the folder of a finished run"):
        dakit.compare("runs/x")
    run = dakit.load_run(digits_run)
    for given in (run, digits_run, str(digits_run)):
        made = dakit.compare(given, out=tmp_path / "page.html", latent=False)
        assert len(made.facts.experiments) == 1
    with pytest.raises(InputError, match="references must be "):
        dakit.compare(given, references=5)  # type: ignore[arg-type]


def test_one_format_may_stand_alone(digits_run: Path, tmp_path: Path) -> None:
    made = dakit.export(digits_run, formats="torch", out=tmp_path / "out")
    assert [path.name for path in made.files] == ["model.pt2", "export.json"]
    for wrong in ("onx", ("torch", "onx")):
        with pytest.raises(InputError, match="no format 'onx'; choose torch, onnx"):
            dakit.export(digits_run, formats=wrong, out=tmp_path / "no")  # type: ignore[arg-type]
    for wrong in ((), 5):
        with pytest.raises(InputError, match="formats"):
            dakit.export(digits_run, formats=wrong, out=tmp_path / "no")  # type: ignore[arg-type]
    assert not (tmp_path / "no").exists()


def test_inputs_that_are_no_paths_are_told(digits_run: Path, tmp_path: Path) -> None:
    for wrong in (5, [5]):
        with pytest.raises(InputError, match="inputs must be "):
            dakit.predict(digits_run, wrong, out=tmp_path / "p.csv")  # type: ignore[arg-type]
