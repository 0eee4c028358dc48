"""A catalog of its own, so that these tests know every component there is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, settings
from pydantic import Field

from dakit.builtin import optimizers, schedules, stoppings
from dakit.components import (
    BackboneSpec,
    DatasetSpec,
    LauncherSpec,
    RegularizerSpec,
    TaskLossSpec,
    TransferLossSpec,
    ValidatorSpec,
)
from dakit.plugins import catalog
from dakit.plugins.loading import LoadedPlugin, PluginInfo

# A busy machine is no reason to fail.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


class Shapes(DatasetSpec):
    """Images of shapes."""

    name: Literal["shapes"] = "shapes"
    size: int = Field(100, ge=10, description="Images in each domain.")
    folder: Path = Field(Path("data"), description="Where they lie.")
    masks: Path | None = Field(None, description="Further files.")
    extra: tuple[Path, ...] = Field((), description="Still more.")

    def build(self, context: Any) -> Any:
        raise NotImplementedError


class Files(DatasetSpec):
    """A dataset with a field that must be given."""

    name: Literal["files"] = "files"
    file: Path = Field(description="The file.")

    def build(self, context: Any) -> Any:
        raise NotImplementedError


class Plain(BackboneSpec):
    """A plain network."""

    name: Literal["plain"] = "plain"
    width: int | Literal["auto"] = Field(8, description="Width.")

    def build(self, context: Any) -> Any:
        raise NotImplementedError


class CrossEntropy(TaskLossSpec):
    """Cross entropy."""

    name: Literal["cross_entropy"] = "cross_entropy"
    smoothing: float = Field(0.0, ge=0, lt=1, description="Label smoothing.")

    def build(self, context: Any) -> Any:
        raise NotImplementedError


class MMD(TransferLossSpec):
    """Maximum mean discrepancy."""

    name: Literal["mmd"] = "mmd"
    variances: tuple[float, ...] = Field((1.0, 2.0), min_length=1, description="Kernels.")

    def build(self, context: Any) -> Any:
        raise NotImplementedError


class DANN(TransferLossSpec):
    """Adversarial."""

    name: Literal["dann"] = "dann"
    hidden: int = Field(64, gt=0, description="Width.")

    def build(self, context: Any) -> Any:
        raise NotImplementedError


class Fisher(RegularizerSpec):
    """Fisher."""

    name: Literal["fisher"] = "fisher"

    def build(self, context: Any) -> Any:
        raise NotImplementedError


class Entropy(RegularizerSpec):
    """Entropy."""

    name: Literal["entropy"] = "entropy"
    on: Literal["target", "both"] = Field("target", description="Where.")

    def build(self, context: Any) -> Any:
        raise NotImplementedError


class SourceAccuracy(ValidatorSpec):
    """Accuracy on the source."""

    name: Literal["source_accuracy"] = "source_accuracy"

    def build(self, context: Any) -> Any:
        raise NotImplementedError


class Local(LauncherSpec):
    """On this machine."""

    name: Literal["local"] = "local"
    jobs: int | None = Field(None, description="At a time.")

    def build(self, context: Any) -> Any:
        raise NotImplementedError


CLASSES = (
    *(Shapes, Files, Plain, CrossEntropy, MMD, DANN, Fisher, Entropy, SourceAccuracy, Local),
    *optimizers.SPECS,
    *schedules.SPECS,
    *stoppings.SPECS,
)


@pytest.fixture(autouse=True, scope="module")
def _small_catalog() -> Iterator[None]:
    plugin = LoadedPlugin(PluginInfo("small", "1.0", "small"), CLASSES)
    with catalog.using(catalog.Catalog([plugin])):
        yield


@pytest.fixture(scope="session")
def minimal() -> dict[str, Any]:
    """The smallest run spec."""
    return {
        "schema_version": 1,
        "name": "small",
        "data": "shapes",
        "model": {"backbone": "plain"},
        "objective": {},
    }


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    """Write a text under the test's folder and return its path."""

    def _write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return _write
