import numpy as np
import pytest
import torch

from dakit.contracts import EpochView
from dakit.training.views import Views


@pytest.fixture
def made(toy):
    spec = toy.run_spec()
    data, objective = toy.make_data(spec), toy.make_objective(spec).train()
    return Views(data, objective.network, 16, torch.device("cpu")), data, objective.network


def expected(data, network, domain, rows, normalization):
    network.eval()
    inputs = torch.from_numpy(np.asarray(domain.inputs[rows], dtype=np.float32))
    with torch.no_grad():
        return network(normalization(inputs))


def test_every_training_row_in_order_in_evaluation_mode(made):
    views, data, network = made
    view = views.epoch(3, 0.25)
    assert (view.epoch, view.progress) == (3, 0.25)
    pair, split, normalization = data.pair, data.split, data.normalization
    for side, domain, rows, scaling in (
        (view.source, pair.source, split.source.train, normalization.source),
        (view.target, pair.target, split.target.train, normalization.target),
    ):
        features, logits = expected(data, network, domain, rows, scaling)
        torch.testing.assert_close(side.features, features)
        torch.testing.assert_close(side.logits, logits)
        assert side.indices.tolist() == list(range(len(rows)))
        assert not side.features.requires_grad
    assert view.source.labels.tolist() == pair.source.labels[split.source.train].tolist()
    assert not hasattr(view.target, "labels")


def test_the_network_is_left_as_it_was_and_runs_once_and_only_when_asked(made):
    views, _, network = made
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    view = views.epoch(1, 0.0)
    assert network.backbone.seen == []
    assert view.target is view.target
    assert sum(network.backbone.seen) == 84
    assert all(module.training for module in network.modules())
    for name, tensor in network.state_dict().items():
        assert torch.equal(tensor, before[name])


def test_hooks_see_the_validation_parts_without_labels_of_the_target(made):
    views, _, network = made
    view = views.epoch(1, 0.0)
    assert network.backbone.seen == []
    held_out = view.validation
    assert view.validation is held_out
    assert sum(network.backbone.seen) == 24
    assert all(module.training for module in network.modules())
    validation = views.validation()
    for side in ("source", "target"):
        for name in ("features", "logits"):
            found = getattr(getattr(held_out, side), name)
            assert torch.equal(found, getattr(validation, f"{side}_{name}"))
            assert not found.requires_grad
        assert getattr(held_out, side).indices is None
    assert torch.equal(held_out.source.labels, validation.source_labels)
    assert not hasattr(held_out.target, "labels")


def test_a_view_made_without_validation_parts_says_so():
    with pytest.raises(ValueError, match="without validation parts"):
        assert EpochView(1, 0.0, list, list).validation


def test_the_validation_parts_in_evaluation_mode(made):
    views, data, network = made
    view = views.validation()
    assert all(module.training for module in network.modules())
    rows, pair, normalization = data.split.source.validation, data.pair, data.normalization
    assert view.source_labels.tolist() == pair.source.labels[rows].tolist()
    features, logits = expected(data, network, pair.source, rows, normalization.source)
    torch.testing.assert_close(view.source_features, features)
    torch.testing.assert_close(view.source_logits, logits)
    rows = data.split.target.validation
    features, logits = expected(data, network, pair.target, rows, normalization.target)
    torch.testing.assert_close(view.target_features, features)
    torch.testing.assert_close(view.target_logits, logits)
    assert not view.source_logits.requires_grad
    assert view.target_labels is None


def test_a_validation_view_holds_what_is_needed_and_nothing_else(toy):
    spec = toy.run_spec()
    data, network = toy.make_data(spec), toy.make_objective(spec).network.train()
    views = Views(data, network, 16, torch.device("cpu"))
    plain = views.validation(3)
    assert plain.epoch == 3
    assert torch.equal(plain.classifier, network.head[-1].weight)
    names = {"source_train_features", "target_train_features", "source_inputs", "target_inputs"}
    assert names.isdisjoint(plain.tensors())
    assert plain.network is None

    needs = frozenset({"train_features", "inputs", "network"})
    full = views.validation(3, needs)
    assert len(full.source_train_features) == len(data.split.source.train)
    assert len(full.target_train_features) == len(data.split.target.train)
    again = full.network(full.target_inputs)
    torch.testing.assert_close(again.logits, full.target_logits)
    torch.testing.assert_close(again.features, full.target_features)
    assert network.training
    assert not again.logits.requires_grad
    assert full.limited_to(frozenset()).tensors().keys() == plain.tensors().keys()
