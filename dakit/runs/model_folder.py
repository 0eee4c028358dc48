"""A trained model on disk: enough to predict without the run spec.

``weights.safetensors`` holds the network's state and ``model.json`` all else: backbone and head
specs, input shape, class names, normalisation, versions, and the checksum of the weights.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self, final

import torch
from pydantic import Field, PositiveFloat, PositiveInt, ValidationError, model_validator
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from dakit.components import BackboneSpec
from dakit.contracts import BuildContext
from dakit.data.normalization import PairNormalization, Stretch
from dakit.errors import InputError, RunError
from dakit.files.writing import doing, make_folder, read_json, write_bytes, write_json
from dakit.network import Network, build_network
from dakit.plugins.faults import returned
from dakit.runs.model_predictor import PredictorFacts, PredictorOrigin
from dakit.runs.model_providers import Provider, offered, other_version, provider
from dakit.runs.records import Document, Named, Shape, shaped
from dakit.spec.run import ModelSpec

FORMAT_VERSION = 1


@final
@dataclass(frozen=True)
class SavedModel:
    """A network with what belongs to it: how to scale inputs and what its outputs mean."""

    network: Network
    normalization: PairNormalization
    class_names: tuple[str, ...]
    input_shape: tuple[int, ...]


def save_model(
    folder: Path,
    network: Network,
    spec: ModelSpec,
    input_shape: Sequence[int],
    class_names: Sequence[str],
    normalization: PairNormalization,
    predictor: PredictorOrigin | None = None,
) -> None:
    """Write the model into ``folder``.

    Raises:
        RunError: it cannot be written.
    """
    make_folder(folder)
    backbone = returned(spec.backbone.to_rebuild(), BackboneSpec, spec.backbone, "to_rebuild")
    weights = pack_weights(network)
    write_bytes(folder / "weights.safetensors", weights)
    write_json(
        folder / "model.json",
        {
            "format_version": FORMAT_VERSION,
            "backbone": backbone.model_dump(mode="json"),
            "head": spec.head.model_dump(mode="json"),
            "input_shape": list(input_shape),
            "class_names": list(class_names),
            "normalization": normalization.to_dict(),
            "weights_sha256": hashlib.sha256(weights).hexdigest(),
            "dakit_version": version("dakit"),
            "plugin": provider("backbone", spec.backbone.name),
            **({"batch_norm": "domain"} if network.domain_layers else {}),
            **({"predictor": predictor.to_dict()} if predictor else {}),
        },
    )


def pack_weights(network: nn.Module) -> bytes:
    """Return the state of ``network`` as safetensors.

    Of tensors that share memory (tied weights, a view as a buffer) each is written for itself.

    Raises:
        RunError: something cannot be written; it is named.
    """
    plain = {}
    for name, value in network.state_dict().items():
        if not isinstance(value, Tensor) or value.layout != torch.strided:
            raise RunError(f"the weights cannot be saved: '{name}' is no dense tensor; {_STATE}")
        plain[name] = value.detach().cpu().clone(memory_format=torch.contiguous_format)
    try:
        return save(plain)
    except KeyError as error:  # a type that the format does not have
        raise RunError(
            f"the weights cannot be saved: there are some of {error}; {_STATE}"
        ) from error


_STATE = "keep state in parameters and buffers of ordinary types (register_buffer)"


def check_savable(network: nn.Module) -> None:
    """Save the weights and load them again, as the end of a run will.

    Raises:
        RunError: they cannot be saved or loaded.
    """
    try:
        network.load_state_dict(load(pack_weights(network)))
    except RuntimeError as error:
        raise RunError(f"the weights cannot be loaded once they are saved: {error}") from error


def load_model(folder: Path) -> SavedModel:
    """Rebuild the model in ``folder`` on the CPU, in evaluation mode.

    Raises:
        InputError: a file is missing or damaged, the format is of a later version, or the
            backbone's plugin is not there; the message names the plugin and its version.
    """
    path = folder / "model.json"
    facts = _read_facts(path)
    weights = _read_weights(folder / "weights.safetensors", facts)
    try:
        network = _build(facts, folder)
    except RunError as error:
        raise InputError(f"the network of {path} cannot be built: {error}") from error
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise InputError(
            f"the weights in {folder} do not fit the network of {path.name}: {error}"
        ) from error
    return SavedModel(
        network=network.eval(),
        normalization=PairNormalization.from_dict(facts.document["normalization"]),
        class_names=tuple(facts.class_names),
        input_shape=tuple(facts.input_shape),
    )


def input_shape_of(folder: Path) -> tuple[int, ...]:
    """Return the shape of one input of the model in ``folder``. Raises InputError."""
    return tuple(_read_facts(folder / "model.json").input_shape)


def _read_facts(path: Path) -> _Facts:
    facts = read_json(path)
    found = facts.get("format_version") if isinstance(facts, dict) else None
    if found != FORMAT_VERSION:
        raise InputError(
            f"{path} has format {found!r}, this dakit reads format {FORMAT_VERSION}: see its "
            "format_version"
        )
    return shaped(_Facts, facts, f"{path} describes no model")


class _Normalization(Shape):
    stretch: Stretch
    softening: list[PositiveFloat] = Field(min_length=1)
    scale: list[PositiveFloat] = Field(min_length=1)
    shift: list[float] = Field(min_length=1)

    @model_validator(mode="after")
    def _of_as_many_channels(self) -> Self:
        if not len(self.softening) == len(self.scale) == len(self.shift):
            raise ValueError("softening, scale and shift must be of as many channels")
        return self


class _PairNormalization(Shape):
    source: _Normalization
    target: _Normalization


class _Facts(Document):
    """``model.json``."""

    backbone: Named
    head: dict[str, Any]
    input_shape: list[PositiveInt] = Field(min_length=1)
    class_names: list[str] = Field(min_length=1)
    normalization: _PairNormalization
    weights_sha256: str
    plugin: Provider | None
    batch_norm: str | None = None
    predictor: PredictorFacts | None = None


def _read_weights(path: Path, facts: _Facts) -> dict[str, torch.Tensor]:
    with doing("read", path, InputError):
        data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != facts.weights_sha256:
        raise InputError(f"{path} is damaged: its checksum is not weights_sha256 of model.json")
    try:
        return load(data)
    except SafetensorError as error:
        raise InputError(f"{path} is no safetensors file: {error}") from error


def _build(facts: _Facts, folder: Path) -> Network:
    path = folder / "model.json"
    backbone = offered("backbone", facts.backbone.name, facts.plugin, path)
    try:
        spec = ModelSpec.model_validate(
            {
                "backbone": backbone.model_validate(facts.document["backbone"]),
                "head": facts.head,
            }
        )
    except ValidationError as error:
        raise other_version("backbone", facts.backbone.name, facts.plugin, path, error) from error
    context = BuildContext(
        seed=0,
        input_shape=tuple(facts.input_shape),
        num_classes=len(facts.class_names),
    )
    with torch.random.fork_rng(devices=[]):  # loading a model draws no numbers of the run
        domain_batch_norm = facts.batch_norm == "domain"
        network = build_network(spec, context, domain_batch_norm=domain_batch_norm)
        if facts.predictor is not None:
            network.predictor = facts.predictor.build(context, network, spec.head, path)
        return network
