"""One run for each thing that a method may need beyond a formula, killed and resumed."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import dakit
from dakit.contracts import BuildContext
from dakit.errors import InputError
from dakit.spec.loading import spec_from_dict
from dakit.training.reporter import SilentReporter
from dakit.workflows.predict import predict

TRAINING = {"epochs": 2, "batch_size": 256}

OBJECTIVES: dict[str, dict[str, Any]] = {
    "state": {"transfer": "semantic_alignment"},
    "hooks": {
        "transfer": {"name": "daan", "hidden": [8]},
        "regularizers": ["pseudo_labels"],
    },
    "second view": {"regularizers": [{"name": "consistency", "threshold": 0.3}]},
    "teacher": {"regularizers": ["mean_teacher"]},
    "both second views": {"regularizers": [{"name": "fixmatch", "threshold": 0.3}]},
    "validation parts and weights": {"regularizers": [{"name": "bbse", "begin": 0.0}]},
    "a predictor": {"regularizers": ["saerens"]},
    "inputs and network": {"regularizers": ["vat"]},
    "extra head": {"transfer": "mdd"},
    "phase": {"transfer": {"name": "wdgrl", "hidden": [8], "critic_steps": 2}},
    "phases of the network": {"transfer": {"name": "mcd", "repeats": 2}},
    "weights": {"transfer": {"name": "pada", "hidden": [8]}},
    "domain batch norm": {"regularizers": ["entropy"]},
}


@pytest.fixture(autouse=True)
def _one_thread() -> Any:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


class StopAt(SilentReporter):
    """Interrupts the first step of the second epoch."""

    def step(self, epoch: int, step: int, losses: Any) -> None:
        if epoch == 2:
            raise KeyboardInterrupt


def tiny(terms: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "schema_version": 1,
        "name": "tiny",
        "seed": 3,
        "data": {"name": "digits_shift"},
        "model": {"backbone": {"name": "small_cnn", "channels": [4, 8]}},
        "objective": {"task": "cross_entropy", **terms},
        "training": TRAINING,
        "evaluation": {"bootstrap": 0},
        **changes,
    }


@pytest.mark.parametrize("objective", OBJECTIVES.values(), ids=OBJECTIVES.keys())
def test_a_run_that_is_interrupted_ends_as_one_that_is_not(
    objective: dict[str, Any], tmp_path: Path
) -> None:
    own_layers = objective is OBJECTIVES["domain batch norm"]
    training = {**TRAINING, "batch_norm": "domain"} if own_layers else TRAINING
    spec = tiny(objective, training=training)
    alone = dakit.run(spec, out=tmp_path / "alone", reporter=SilentReporter())
    with pytest.raises(KeyboardInterrupt):
        dakit.run(spec, out=tmp_path / "broken", reporter=StopAt())
    again = dakit.run(spec, out=tmp_path / "broken", resume=True, reporter=SilentReporter())
    files = [run.folder.model / "weights.safetensors" for run in (alone, again)]
    assert files[0].read_bytes() == files[1].read_bytes()
    assert alone.history[-1]["losses"] == again.history[-1]["losses"]


def test_terms_say_what_they_found(tmp_path: Path) -> None:
    objective = {
        "transfer": {"name": "pada", "hidden": [8]},
        "regularizers": ["pseudo_labels", {"name": "consistency", "threshold": 0.3}],
    }
    row = dakit.run(tiny(objective), out=tmp_path, reporter=SilentReporter()).history[-1]
    found = row["diagnostics"]
    assert found["pseudo_labels.labelled"] == 1
    assert 0 < found["consistency.plain"] <= 1
    assert 0 < found["pada.least_weight"] < 1


def several_sources(folder: Path) -> dict[str, Any]:
    random = np.random.default_rng(0)
    arrays = {
        "inputs": random.normal(size=(90, 4)).astype(np.float32),
        "labels": np.arange(90) % 2,
        "domains": np.array(["north", "south", "east"])[np.arange(90) // 2 % 3],
    }
    np.savez(folder / "source.npz", **arrays)
    np.save(folder / "target.npy", random.normal(1, 1, (60, 4)))
    keys = {f"{key}_key": key for key in arrays}
    return {
        "name": "arrays",
        "source": {"inputs": str(folder / "source.npz"), **keys},
        "target": {"inputs": str(folder / "target.npy")},
    }


def test_several_sources(tmp_path: Path) -> None:
    spec = tiny({"transfer": "moment_matching"}, data=several_sources(tmp_path))
    spec["model"] = {"backbone": {"name": "mlp", "hidden": [6]}}
    row = dakit.run(spec, out=tmp_path, reporter=SilentReporter()).history[-1]
    assert row["losses"]["moment_matching"] > 0


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "weights": (
        {"objective": {"task": None, "transfer": "pada", "regularizers": ["entropy"]}},
        "'pada' needs another term that honours its weights",
    ),
    "one source": (
        {"objective": {"transfer": "moment_matching"}},
        "'moment_matching' needs two source domains or more: the source of the dataset "
        "'digits_shift'",
    ),
    "second view": (
        {
            "objective": {"regularizers": ["consistency"]},
            "data": {
                "name": "digits_shift",
                "augment": {"strong": {"noise": 0.0, "gain": 0.0, "erase": 0.0}},
            },
        },
        "'consistency' needs a second view of the target images: data.augment.strong",
    ),
}


@pytest.mark.parametrize(("changes", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_what_a_run_cannot_give_is_refused_before_its_folder_exists(
    changes: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=message):
        dakit.run(tiny({}, **changes), out=tmp_path, reporter=SilentReporter())
    assert not list(tmp_path.iterdir())


def test_new_images_pass_the_layers_of_the_domain_they_are_taken_for(tmp_path: Path) -> None:
    spec = tiny({"regularizers": ["entropy"]}, training={**TRAINING, "batch_norm": "domain"})
    run = dakit.run(spec, out=tmp_path / "runs", reporter=SilentReporter())
    pair = spec_from_dict(spec).spec.data.build(BuildContext(seed=3))
    stored = {(row["domain"], row["id"]): float(row["p_0"]) for row in run.predictions}
    for side, domain in (("source", pair.source), ("target", pair.target)):
        np.save(tmp_path / "new.npy", domain.inputs[:40])
        out = tmp_path / f"{side}.csv"
        predict(run, [tmp_path / "new.npy"], out=out, domain=side, device="cpu")
        with out.open(encoding="utf-8") as file:
            found = [float(row["p_0"]) for row in csv.DictReader(file)]
        expected = [stored[side, str(name)] for name in domain.ids[:40]]
        np.testing.assert_allclose(found, expected, atol=1e-6)
