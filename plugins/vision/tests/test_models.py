"""Models of torchvision and timm as backbones: sizes, channels, weights, refusals."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from dakit import InputError
from dakit.contracts import BuildContext
from dakit.testing import check_component
from dakit_vision.timm import TimmModel
from dakit_vision.torchvision import TorchvisionModel

CONTEXT = BuildContext(seed=1, input_shape=(3, 64, 64), num_classes=2)


def context(*shape: int, base_dir: Path = Path()) -> BuildContext:
    return BuildContext(seed=1, input_shape=shape, num_classes=2, base_dir=base_dir)


def checksum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.usefixtures("torchvision")
class TestTorchvision:
    @pytest.mark.parametrize(
        ("model", "features"), [("resnet18", 512), ("mobilenet_v3_small", 1024), ("alexnet", 4096)]
    )
    def test_features_are_what_the_last_layer_would_see(self, model: str, features: int) -> None:
        backbone = TorchvisionModel(model=model).build(CONTEXT)
        assert backbone.feature_dim == features
        assert backbone(torch.zeros(2, 3, 64, 64)).shape == (2, features)

    def test_features_times_the_layer_taken_away_are_the_original_logits(
        self, tmp_path: Path
    ) -> None:
        from torchvision import models

        torch.manual_seed(0)
        original = models.resnet18(weights=None).eval()
        path = tmp_path / "w.pth"
        torch.save(original.state_dict(), path)
        spec = TorchvisionModel(weights=path, weights_sha256=checksum(path))
        images = torch.randn(2, 3, 64, 64)
        with torch.no_grad():
            features = spec.build(CONTEXT).eval()(images)
            torch.testing.assert_close(original.fc(features), original(images))

    @pytest.mark.parametrize("channels", [1, 5])
    def test_any_number_of_bands(self, channels: int) -> None:
        backbone = TorchvisionModel().build(context(channels, 64, 64))
        assert backbone(torch.zeros(2, channels, 64, 64)).shape == (2, 512)

    def test_equal_bands_give_the_same_features_as_three_of_them(self, tmp_path: Path) -> None:
        from torchvision import models

        path = tmp_path / "w.safetensors"
        save_file(models.resnet18(weights=None).state_dict(), path)
        spec = TorchvisionModel(weights=path, weights_sha256=checksum(path))
        image = torch.randn(1, 1, 64, 64)
        with torch.no_grad():
            three = spec.build(CONTEXT).eval()(image.expand(1, 3, 64, 64))
            five = spec.build(context(5, 64, 64)).eval()(image.expand(1, 5, 64, 64))
        torch.testing.assert_close(three, five, rtol=1e-4, atol=1e-5)

    def test_an_unknown_model_is_told_its_neighbours(self) -> None:
        with pytest.raises(InputError, match=r"no model 'resnet81'; did you mean .*resnet18"):
            TorchvisionModel(model="resnet81").build(CONTEXT)

    def test_a_model_without_a_last_layer_is_refused(self) -> None:
        with pytest.raises(InputError, match="squeezenet1_0"):
            TorchvisionModel(model="squeezenet1_0").build(CONTEXT)

    def test_a_size_that_the_model_cannot_take_is_told(self) -> None:
        with pytest.raises(InputError, match="does not take images of 3 x 64 x 64"):
            TorchvisionModel(model="vit_b_16").build(CONTEXT)

    def test_options_reach_the_builder(self) -> None:
        spec = TorchvisionModel(model="vit_b_32", options={"image_size": 64})
        assert spec.build(CONTEXT).feature_dim == 768

    def test_wrong_options_are_told(self) -> None:
        with pytest.raises(InputError, match="sides"):
            TorchvisionModel(options={"sides": 3}).build(CONTEXT)

    def test_series_are_refused(self) -> None:
        with pytest.raises(InputError, match="takes images"):
            TorchvisionModel().build(context(3, 64))

    def test_conformance(self) -> None:
        report = check_component(TorchvisionModel, example={"model": "resnet18"})
        assert report.ok, report


@pytest.mark.usefixtures("torchvision")
class TestWeights:
    def save(self, path: Path, state: Any) -> dict[str, Any]:
        torch.save(state, path)
        return {"weights": path, "weights_sha256": checksum(path)}

    def test_a_missing_file_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match=r"no file of weights .*gone.pth"):
            TorchvisionModel(weights=tmp_path / "gone.pth").build(CONTEXT)

    def test_a_missing_checksum_is_told_what_to_write(self, tmp_path: Path) -> None:
        self.save(tmp_path / "w.pth", {})
        with pytest.raises(InputError, match=checksum(tmp_path / "w.pth")):
            TorchvisionModel(weights=tmp_path / "w.pth").build(CONTEXT)

    def test_another_file_under_the_same_name_is_told(self, tmp_path: Path) -> None:
        fields = self.save(tmp_path / "w.pth", {})
        with pytest.raises(InputError, match="not the file"):
            TorchvisionModel(**{**fields, "weights_sha256": "0" * 64}).build(CONTEXT)

    def test_weights_of_another_model_are_told(self, tmp_path: Path) -> None:
        fields = self.save(tmp_path / "w.pth", {"conv1.weight": torch.zeros(1)})
        with pytest.raises(InputError, match="of another model"):
            TorchvisionModel(**fields).build(CONTEXT)

    def test_code_in_the_file_is_not_executed(self, tmp_path: Path) -> None:
        fields = self.save(tmp_path / "w.pth", {"a": print})
        with pytest.raises(InputError, match="no file of weights"):
            TorchvisionModel(**fields).build(CONTEXT)

    def test_a_relative_path_starts_at_the_spec(self, tmp_path: Path) -> None:
        from torchvision import models

        fields = self.save(tmp_path / "w.pth", models.resnet18(weights=None).state_dict())
        spec = TorchvisionModel(**{**fields, "weights": Path("w.pth")})
        assert spec.build(context(3, 64, 64, base_dir=tmp_path)).feature_dim == 512

    def test_a_saved_model_is_rebuilt_without_the_file(self, tmp_path: Path) -> None:
        spec = TorchvisionModel(weights=tmp_path / "gone.pth", weights_sha256="0" * 64)
        assert spec.to_rebuild().build(CONTEXT).feature_dim == 512


@pytest.mark.usefixtures("timm")
class TestTimm:
    def test_features_are_the_pooled_ones(self) -> None:
        backbone = TimmModel(model="resnet18").build(context(5, 64, 64))
        assert backbone.feature_dim == 512
        assert backbone(torch.zeros(2, 5, 64, 64)).shape == (2, 512)

    def test_weights_of_the_whole_model_fit(self, tmp_path: Path) -> None:
        import timm

        path = tmp_path / "w.pth"
        original = timm.create_model("resnet18", num_classes=10).eval()
        torch.save(original.state_dict(), path)
        spec = TimmModel(weights=path, weights_sha256=checksum(path))
        images = torch.randn(2, 3, 64, 64)
        with torch.no_grad():
            features = spec.build(CONTEXT).eval()(images)
            torch.testing.assert_close(original.fc(features), original(images))

    def test_an_unknown_model_is_told_its_neighbours(self) -> None:
        with pytest.raises(InputError, match="timm has no model"):
            TimmModel(model="resnet_eighteen").build(CONTEXT)

    def test_wrong_options_are_told(self) -> None:
        with pytest.raises(InputError, match="sides"):
            TimmModel(options={"sides": 3}).build(CONTEXT)

    def test_conformance(self) -> None:
        report = check_component(TimmModel, example={"model": "resnet10t"})
        assert report.ok, report


def test_without_timm_the_way_out_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dakit_vision.timm.find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"plugins/vision\[timm\]"):
        TimmModel().build(CONTEXT)
