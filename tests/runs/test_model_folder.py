import json
from typing import Literal

import numpy as np
import pytest
import torch
from torch import nn

from dakit.components import BackboneSpec, NormalizeSpec
from dakit.contracts import Backbone, BuildContext, Domain
from dakit.data.normalization import PairNormalization, fit
from dakit.errors import InputError, RunError
from dakit.network import build_network
from dakit.plugins import catalog
from dakit.plugins.catalog import Catalog
from dakit.plugins.loading import LoadedPlugin, PluginInfo
from dakit.runs.model_folder import check_savable, load_model, save_model
from dakit.spec.run import HeadSpec, ModelSpec


class Stretch(Backbone):
    def __init__(self, inputs, width):
        super().__init__()
        self.feature_dim = width
        self.layers = nn.Sequential(nn.Linear(inputs, width), nn.BatchNorm1d(width))

    def forward(self, inputs):
        return self.layers(inputs)


class StretchSpec(BackboneSpec):
    """A linear map."""

    name: Literal["stretch"] = "stretch"
    width: int = 4

    def build(self, context):
        return Stretch(context.input_shape[0], self.width)


INSTALLED = Catalog([LoadedPlugin(PluginInfo("rubber", "1.2.3", "dakit-rubber"), (StretchSpec,))])


@pytest.fixture(autouse=True)
def _installed():
    with catalog.using(INSTALLED):
        yield


@pytest.fixture
def normalization():
    random = np.random.default_rng(0)
    domains = [
        Domain(name, random.normal(scale, scale, (20, 3)), None, np.arange(20))
        for name, scale in (("a", 1.0), ("b", 9.0))
    ]
    return PairNormalization(*(fit([(d, np.arange(20))], NormalizeSpec()) for d in domains))


@pytest.fixture
def network():
    torch.manual_seed(1)
    spec = ModelSpec(backbone=StretchSpec(width=5), head=HeadSpec(hidden=(6,)))
    network = build_network(spec, BuildContext(seed=0, input_shape=(3,), num_classes=2))
    network(torch.randn(8, 3))  # moves the running statistics
    return network


@pytest.fixture
def folder(tmp_path, network, normalization):
    spec = ModelSpec(backbone=StretchSpec(width=5), head=HeadSpec(hidden=(6,)))
    save_model(tmp_path / "model", network, spec, (3,), ("no", "yes"), normalization)
    return tmp_path / "model"


def change(folder, **changes):
    path = folder / "model.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_a_model_comes_back_with_all_that_belongs_to_it(folder, network, normalization):
    model = load_model(folder)
    inputs = torch.randn(7, 3)
    assert not model.network.training
    for found, expected in zip(model.network(inputs), network.eval()(inputs), strict=True):
        assert torch.equal(found, expected)
    assert model.class_names == ("no", "yes")
    assert model.input_shape == (3,)
    assert model.normalization.to_dict() == normalization.to_dict()
    assert torch.equal(model.normalization.target(inputs), normalization.target(inputs))


def test_it_says_what_made_it(folder):
    facts = json.loads((folder / "model.json").read_text())
    assert facts["format_version"] == 1
    assert facts["backbone"] == {"name": "stretch", "width": 5}
    assert facts["head"]["hidden"] == [6]
    expected = {"name": "rubber", "distribution": "dakit-rubber", "version": "1.2.3"}
    assert facts["plugin"] == expected
    assert facts["dakit_version"]


def test_loading_draws_no_random_numbers(folder):
    torch.manual_seed(5)
    expected = torch.randn(3)
    torch.manual_seed(5)
    load_model(folder)
    assert torch.equal(torch.randn(3), expected)


def test_weights_in_another_memory_format_are_saved(tmp_path, network, normalization):
    weight = network.backbone.layers[0].weight
    weight.data = weight.data.t().contiguous().t()
    spec = ModelSpec(backbone=StretchSpec(width=5), head=HeadSpec(hidden=(6,)))
    save_model(tmp_path / "m", network, spec, (3,), ("no", "yes"), normalization)
    assert torch.equal(load_model(tmp_path / "m").network.backbone.layers[0].weight, weight)


class Tied(Stretch):
    """Two layers that share a weight, and a buffer that is a view of another."""

    def __init__(self, inputs, width):
        super().__init__(inputs, width)
        self.one, self.two = nn.Linear(width, width), nn.Linear(width, width)
        self.two.weight = self.one.weight
        self.register_buffer("whole", torch.arange(width, dtype=torch.float32))
        self.register_buffer("part", self.whole[::2])

    def forward(self, inputs):
        return self.two(self.one(super().forward(inputs))) + self.part.sum()


class TiedSpec(StretchSpec):
    name: Literal["tied"] = "tied"

    def build(self, context):
        return Tied(context.input_shape[0], self.width)


def test_tied_weights_and_views_come_back(tmp_path, normalization):
    spec, context = (
        ModelSpec(backbone=TiedSpec(width=5)),
        BuildContext(seed=0, input_shape=(3,), num_classes=2),
    )
    network = build_network(spec, context)
    check_savable(network)
    with torch.no_grad():
        network.backbone.one.weight.add_(1)
        network.backbone.whole.add_(1)
    plugin = LoadedPlugin(PluginInfo("rubber", "1.2.3", "dakit-rubber"), (TiedSpec,))
    with catalog.using(Catalog([plugin])):
        save_model(tmp_path / "m", network, spec, (3,), ("no", "yes"), normalization)
        loaded = load_model(tmp_path / "m").network
    inputs = torch.randn(4, 3)
    assert torch.equal(loaded(inputs)[1], network.eval()(inputs)[1])
    assert loaded.backbone.two.weight is loaded.backbone.one.weight


@pytest.mark.parametrize(
    ("buffer", "message"),
    [
        (torch.eye(3).to_sparse(), r"'backbone\.mask' is no dense tensor; keep state in"),
        (torch.zeros(3, dtype=torch.complex128), r"some of torch\.complex128; keep state in"),
        (torch.zeros(1).expand(3), "cannot be loaded once they are saved: (.|\n)*backbone.mask"),
    ],
)
def test_what_could_not_be_saved_is_told_before_the_first_step(network, buffer, message):
    check_savable(network)
    network.backbone.register_buffer("mask", buffer)
    with pytest.raises(RunError, match=message):
        check_savable(network)


def test_a_missing_plugin_is_named_with_its_version(folder):
    with (
        catalog.using(Catalog([])),
        pytest.raises(InputError, match=r"'stretch' of the plugin 'rubber' \(dakit-rubber 1\.2\.3"),
    ):
        load_model(folder)


def test_a_backbone_that_has_other_options_now_is_named(folder):
    change(folder, backbone={"name": "stretch", "depth": 5})
    with pytest.raises(InputError, match=r"rubber.*1\.2\.3(.|\n)*depth"):
        load_model(folder)


def test_weights_that_do_not_fit_are_an_input_error(folder):
    change(folder, backbone={"name": "stretch", "width": 9})
    with pytest.raises(InputError, match="do not fit"):
        load_model(folder)


@pytest.mark.parametrize("kept", [0, 8, 100])
def test_truncated_weights_are_noticed(folder, kept):
    path = folder / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(InputError, match=r"weights\.safetensors is damaged"):
        load_model(folder)


@pytest.mark.parametrize("name", ["model.json", "weights.safetensors"])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(InputError, match=name):
        load_model(folder)


def test_a_later_format_is_refused(folder):
    change(folder, format_version=2)
    with pytest.raises(InputError, match="format 2, this dakit reads format 1"):
        load_model(folder)


def test_a_model_that_cannot_be_written_is_an_error(tmp_path, network, normalization, monkeypatch):
    import os

    def fail(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    spec = ModelSpec(backbone=StretchSpec(width=5), head=HeadSpec(hidden=(6,)))
    with pytest.raises(RunError, match=r"weights\.safetensors: No space left"):
        save_model(tmp_path / "m", network, spec, (3,), ("no", "yes"), normalization)
    assert os.listdir(tmp_path / "m") == []
