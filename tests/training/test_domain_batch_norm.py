"""BatchNorm layers of its own for each domain: trained, saved, loaded, and used by all who ask."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import dakit
from dakit.builtin.backbones import SPECS
from dakit.contracts import BuildContext
from dakit.data.batches import InputBatch, reader_of
from dakit.errors import InputError
from dakit.evaluation import latent_space as latent
from dakit.network import Network, build_network
from dakit.spec.run import ModelSpec
from dakit.training.batch_norm import adapt_statistics
from dakit.training.reporter import SilentReporter
from dakit.training.views import Views
from dakit.workflows.train import make_plan

SPEC: dict[str, Any] = {
    "schema_version": 1,
    "name": "tiny",
    "seed": 3,
    "data": {"name": "digits_shift"},
    "model": {"backbone": {"name": "small_cnn", "channels": [4, 8]}},
    "objective": {"task": "cross_entropy", "regularizers": ["entropy"]},
    "training": {"epochs": 1, "batch_size": 256, "batch_norm": "domain"},
    "evaluation": {"bootstrap": 0},
}
MLP = next(s for s in SPECS if s.model_fields["name"].default == "mlp")


def network(domain: bool) -> Network:
    torch.manual_seed(0)
    spec = ModelSpec.model_validate({"backbone": MLP(hidden=(5,), batch_norm=True)})
    context = BuildContext(seed=0, input_shape=(3,), num_classes=2)
    return build_network(spec, context, domain_batch_norm=domain)


def test_it_begins_as_the_network_without_and_each_domain_moves_its_own() -> None:
    split, plain = network(True), network(False)
    source, target = torch.randn(20, 3), torch.randn(20, 3) + 5
    expected = plain(source)[1]
    torch.testing.assert_close(split(source)[1], expected)
    (layer,) = split.domain_layers
    before = layer.source.running_mean.clone()
    with split.for_domain("target"):
        outputs = split(target)[1]
    assert layer.role == "source"
    assert torch.equal(layer.source.running_mean, before)
    assert not torch.equal(layer.target.running_mean, before)
    torch.testing.assert_close(outputs, network(False)(target)[1])


def test_without_split_layers_the_domain_changes_nothing() -> None:
    plain, inputs = network(False).eval(), torch.randn(4, 3)
    with plain.for_domain("target"):
        assert torch.equal(plain(inputs)[1], network(False).eval()(inputs)[1])


def test_a_network_without_batch_norm_is_refused(tmp_path: Path) -> None:
    model = {"backbone": {"name": "small_cnn", "batch_norm": False}}
    with pytest.raises(InputError, match=r"batch_norm 'domain' needs a network with BatchNorm"):
        dakit.run({**SPEC, "model": model}, out=tmp_path, reporter=SilentReporter())
    assert not list(tmp_path.iterdir())


def test_in_training_each_domain_has_its_own_statistics() -> None:
    plan = make_plan(SPEC, reporter=SilentReporter(), dry=True)
    objective = plan.objective.train()
    assert objective.needs_target
    first = objective.network.domain_layers[0]
    convolution = next(m for m in objective.network.modules() if isinstance(m, nn.Conv2d))
    source, target = torch.randn(16, 1, 8, 8), torch.randn(12, 1, 8, 8) + 3
    objective(InputBatch(source, torch.arange(16) % 10, target), 0.0)
    for inputs, layer in ((source, first.source), (target, first.target)):
        mean = convolution(inputs).mean(dim=(0, 2, 3))
        torch.testing.assert_close(layer.running_mean, 0.1 * mean)


def test_the_saved_model_predicts_each_domain_as_the_run_did(tmp_path: Path) -> None:
    run = dakit.run(SPEC, out=tmp_path, reporter=SilentReporter())
    facts = json.loads((run.folder.model / "model.json").read_text())
    assert facts["batch_norm"] == "domain"
    model, data = run.model(), make_plan(SPEC, reporter=SilentReporter(), dry=True).data
    for role in ("source", "target"):
        domain, scaling = getattr(data.pair, role), getattr(model.normalization, role)
        inputs = scaling(torch.from_numpy(np.asarray(domain.inputs[:60])))
        with torch.no_grad(), model.network.for_domain(role):
            p = model.network(inputs)[1].softmax(1)
        rows = {r["id"]: r for r in run.predictions if r["domain"] == role}
        for row, expected in zip(p, domain.ids[:60], strict=True):
            assert int(rows[str(expected)]["predicted"]) == int(row.argmax())
    trained = model.network.domain_layers[0]
    assert not torch.equal(trained.source.running_mean, trained.target.running_mean)
    assert not torch.equal(trained.source.weight, trained.target.weight)


@pytest.fixture
def flat_target() -> Any:
    """A plan whose target layers give every image the same."""
    plan = make_plan(SPEC, reporter=SilentReporter(), dry=True)
    for layer in plan.objective.network.domain_layers:
        nn.init.zeros_(layer.target.weight)
    return plan


def differ(rows: torch.Tensor) -> bool:
    return bool((rows != rows[:1]).any())


def test_validators_see_each_domain_through_its_own_layers(flat_target: Any) -> None:
    plan = flat_target
    view = Views(plan.data, plan.objective.network, 256, plan.device).validation()
    assert differ(view.source_features)
    assert not differ(view.target_features)


def test_epoch_hooks_see_each_domain_through_its_own_layers(flat_target: Any) -> None:
    plan = flat_target
    view = Views(plan.data, plan.objective.network, 256, plan.device).epoch(1, 0.0)
    assert differ(view.source.features)
    assert not differ(view.target.features)


def test_the_latent_space_shows_each_domain_through_its_own_layers(
    flat_target: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, seen = flat_target, []
    monkeypatch.setattr(latent, "MOST_ROWS", 20)
    monkeypatch.setattr(latent, "tsne", lambda features, seed: seen.append(features) or features)
    network = flat_target.objective.network
    latent.latent_space(network, plan.data, seed=0, batch_size=64, device=plan.device)
    source, target = np.split(seen[0], 2)
    assert differ(torch.from_numpy(source))
    assert not differ(torch.from_numpy(target))


BACKBONES: dict[str, dict[str, Any]] = {
    "mlp": {"hidden": [4], "batch_norm": True},
    "small_cnn": {"channels": [2, 4]},
    "deepmerge": {},
}


@pytest.mark.parametrize("mode", ["joint", "source", "domain"])
@pytest.mark.parametrize("name", BACKBONES)
def test_a_run_in_every_mode_predicts_what_it_evaluated(
    name: str, mode: str, tmp_path: Path
) -> None:
    """The kit tries every backbone in every mode; here whole runs, to the table of new images."""
    training = {"epochs": 1, "batch_size": 512, "batch_norm": mode}
    model = {"backbone": {"name": name, **BACKBONES[name]}}
    spec = {**SPEC, "model": model, "training": training}
    run = dakit.run(spec, out=tmp_path, reporter=SilentReporter())
    target = make_plan(spec, reporter=SilentReporter(), dry=True).data.pair.target
    np.save(tmp_path / "new.npy", target.inputs[:20])
    dakit.predict(run, tmp_path / "new.npy", out=tmp_path / "new.csv")
    with (tmp_path / "new.csv").open(newline="") as file:
        found = [float(row["p_0"]) for row in csv.DictReader(file)]
    known = {row["id"]: row for row in run.predictions if row["domain"] == "target"}
    expected = [float(known[str(i)]["p_0"]) for i in target.ids[:20]]
    np.testing.assert_allclose(found, expected, atol=1e-5)


def adapted(toy, network, batch_size):
    data = toy.make_data(toy.run_spec())
    rows = data.split.target.train
    read = reader_of(data, "target", torch.device("cpu"))
    adapt_statistics(network, read, rows, batch_size=batch_size, seed=3)
    return read(rows)


def test_adabn_gives_the_target_its_own_statistics_and_leaves_the_source_its_own(toy):
    network, plain = (toy.make_objective(toy.run_spec()).network for _ in "ab")
    plain.backbone.norm.running_mean.fill_(0.3)
    network.load_state_dict(plain.state_dict())
    inputs = adapted(toy, network, batch_size=1000)
    norm, seen = network.backbone.norm, network.backbone.linear(inputs)
    torch.testing.assert_close(norm.target.running_mean, seen.mean(0))
    torch.testing.assert_close(norm.target.running_var, seen.var(0))
    assert torch.equal(norm.source.running_mean, plain.backbone.norm.running_mean)
    assert torch.equal(norm.target.weight, plain.backbone.norm.weight)
    assert norm.target.momentum == plain.backbone.norm.momentum
    assert not norm.target.training
    plain.eval()
    with torch.no_grad():
        torch.testing.assert_close(network(inputs)[1], plain(inputs)[1])  # as the source


def test_adabn_in_batches_averages_over_them_all(toy):
    network = toy.make_objective(toy.run_spec()).network
    inputs = adapted(toy, network, batch_size=21)  # 84 rows, four batches
    seen = network.backbone.linear(inputs)
    norm = network.backbone.norm.target
    torch.testing.assert_close(norm.running_mean, seen.mean(0))
    assert norm.num_batches_tracked == 4
