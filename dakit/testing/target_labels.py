"""What a loss term promises of target labels: training with it goes as if there were none."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Literal, final
from unittest.mock import patch

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from dakit.components import BackboneSpec, DatasetSpec, TaskLossSpec, ValidatorSpec
from dakit.contracts import (
    Backbone,
    Batch,
    BuildContext,
    Domain,
    DomainPair,
    DomainSplit,
    LossTerm,
    PairSplit,
    Provenance,
)
from dakit.data.prepare import prepare, without_target_labels
from dakit.plugins import catalog
from dakit.runs.folder import RunFolder
from dakit.spec.run import RunSpec
from dakit.testing.check import checks_of, require
from dakit.testing.subject import CLASSES, DOMAINS, FEATURES, SIZE, Subject, nowhere
from dakit.training.needs import check_needs
from dakit.training.objective import build_objective, context_for
from dakit.training.reporter import SilentReporter
from dakit.training.trainer import train

ROWS = SIZE + 32
"""Of each domain: a training part as large as the kit's contexts say, and two small ones."""


def learns_the_same_whatever_the_target_labels(subject: Subject) -> None:
    """Epochs with shuffled target labels end in the same weights, and build no dataset."""
    labels = np.arange(ROWS) % CLASSES
    first, second = (_trained(subject, each) for each in (labels, np.roll(labels, 1)))
    for name, tensor in first.items():
        same = torch.equal(tensor, second[name])
        require(
            same,
            f"{name} ends differently where the target labels are shuffled: it reads them from "
            "where the data are",
        )


def _trained(subject: Subject, labels: NDArray[np.int64]) -> dict[str, Tensor]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "labels.npy"
        np.save(file, labels)
        spec = _run_spec(subject, file)
        data = without_target_labels(prepare(spec.data.build(None), spec.data, spec.seed))
        with _datasets_built() as built:
            objective = build_objective(spec, context_for(data, spec.seed, nowhere()))
            check_needs(objective, data, spec)
            train(
                spec,
                data,
                objective,
                RunFolder(Path(folder)),
                device=torch.device("cpu"),
                resume=False,
                reporter=SilentReporter(),
            )
    names = ", ".join(sorted(set(built)))
    require(not built, f"it builds a dataset ({names}) while it trains: its target has labels")
    return objective.state_dict()


def _run_spec(subject: Subject, labels: Path) -> RunSpec:
    term, kind = subject.spec(), subject.spec_class.kind
    objective = {kind: term} if kind != "regularizer" else {"regularizers": [term]}
    return RunSpec.model_validate(
        {
            "schema_version": 1,
            "name": "kit",
            "data": _Domains(labels=labels, of_source=_classes_of_source(subject)),
            "model": {"backbone": _LayerSpec(), "head": {}},
            "objective": {"task": _TaskSpec(), **objective},
            "training": {
                "epochs": 2 if subject.build().has_loss else 1,  # the second changes nothing
                "batch_size": 16,
                "selection": _LatestSpec(),
                "monitor": (),
            },
        }
    )


def _classes_of_source(subject: Subject) -> int:
    return CLASSES - ("unknown_class" in subject.build().needs)


@contextmanager
def _datasets_built() -> Iterator[list[str]]:
    """Note the names of the datasets, of any plugin, that are built in the block."""
    built: list[str] = []
    offered: list[type[Any]] = [
        component.spec_class for component in catalog.current().components("dataset")
    ]
    with ExitStack() as stack:
        for spec_class in {_Domains, *offered}:
            stack.enter_context(patch.object(spec_class, "build", _noting(spec_class, built)))
        yield built


def _noting(spec_class: Any, built: list[str]) -> Any:
    original = spec_class.build

    def build(self: DatasetSpec, context: Any) -> Any:
        built.append(self.name)
        return original(self, context)

    return build


@final
class _Domains(DatasetSpec):
    """Two domains of vectors, with the labels of the target in a file."""

    name: Literal["kit"] = "kit"
    labels: Path
    of_source: int = CLASSES

    def build(self, context: Any) -> DomainPair:
        generator = np.random.default_rng(0)
        rows = np.arange(ROWS)
        classes = rows % self.of_source
        source, target = generator.normal(size=(2, ROWS, FEATURES)).astype(np.float32)
        split = DomainSplit(*np.split(rows, [SIZE, (SIZE + ROWS) // 2]))
        domains = rows // CLASSES % DOMAINS
        names = tuple(f"domain {number}" for number in range(DOMAINS))
        return DomainPair(
            Domain("source", source, classes, rows, domains=domains, domain_names=names),
            Domain("target", target + 1, np.load(self.labels), rows),
            tuple(f"class {number}" for number in range(CLASSES)),
            Provenance("generated", "normal numbers"),
            split=PairSplit(split, split),
        )


@final
class _LayerSpec(BackboneSpec):
    """A layer that keeps the width that the kit's contexts have."""

    name: Literal["kit"] = "kit"

    def build(self, context: Any) -> Backbone:
        return _Layer()


@final
class _Layer(Backbone):
    feature_dim = FEATURES

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(FEATURES, FEATURES)

    def forward(self, inputs: Tensor) -> Tensor:
        features: Tensor = self.layer(inputs)
        return features


@final
class _TaskSpec(TaskLossSpec):
    """Cross entropy, beside which every term can be trained."""

    name: Literal["kit"] = "kit"

    def build(self, context: BuildContext) -> LossTerm:
        return _Task()


@final
class _Task(LossTerm):
    uses_target = False
    honours_weights = True

    def forward(self, batch: Batch) -> Tensor:
        source = batch.source
        losses = nn.functional.cross_entropy(source.logits, source.labels, reduction="none")
        return (losses if source.weights is None else losses * source.weights).mean()


@final
class _LatestSpec(ValidatorSpec):
    """Keeps the last epoch."""

    name: Literal["kit"] = "kit"

    def build(self, context: Any) -> Any:
        scores = count()
        return lambda view: next(scores)


CHECKS = checks_of(learns_the_same_whatever_the_target_labels)
