"""A tiny domain pair, terms and specs for the tests of training; runs on its own, see below."""

import sys
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn

from dakit import BackboneSpec, DatasetSpec, RegularizerSpec, TaskLossSpec, ValidatorSpec
from dakit.contracts import (
    Backbone,
    Batch,
    BuildContext,
    Domain,
    DomainPair,
    LossTerm,
    Phase,
    Provenance,
    ValidationView,
)
from dakit.data.prepare import prepare
from dakit.runs.folder import RunFolder
from dakit.spec.run import RunSpec
from dakit.training.objective import build_objective
from dakit.training.reporter import SilentReporter
from dakit.training.trainer import train


class Blobs(DatasetSpec):
    """Three Gaussian blobs; the target is shifted."""

    name: Literal["blobs"] = "blobs"
    labelled_target: bool = True

    def build(self, context):
        def domain(name, shift, labelled):
            random = np.random.default_rng(7)
            labels = np.arange(120, dtype=np.int64) % 3
            inputs = random.normal(size=(120, 5)) + 3 * np.eye(5)[labels] + shift
            ids = np.array([f"{name}{i}" for i in range(120)])
            return Domain(name, inputs, labels if labelled else None, ids)

        source, target = domain("s", 0.0, True), domain("t", 0.5, self.labelled_target)
        return DomainPair(source, target, ("a", "b", "c"), Provenance("generated", "blobs"))


class Layers(Backbone):
    """Linear, BatchNorm, ReLU, dropout."""

    feature_dim = 8

    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(5, width)
        self.norm = nn.BatchNorm1d(width)
        self.out = nn.Linear(width, 8)
        self.dropout = nn.Dropout(0.2)
        self.seen: list[int] = []

    def forward(self, inputs: Tensor) -> Tensor:
        self.seen.append(len(inputs))
        return self.dropout(self.out(torch.relu(self.norm(self.linear(inputs)))))

    def lr_multiplier(self, parameter_name):
        return 3.0 if parameter_name.startswith("out.") else 1.0


class LayersSpec(BackboneSpec):
    name: Literal["layers"] = "layers"
    width: int = 6

    def build(self, context):
        return Layers(self.width)


class CrossEntropy(LossTerm):
    uses_target = False
    honours_weights = True

    def forward(self, batch: Batch) -> Tensor:
        if batch.source.weights is None:
            return nn.functional.cross_entropy(batch.source.logits, batch.source.labels)
        losses = nn.functional.cross_entropy(
            batch.source.logits, batch.source.labels, reduction="none"
        )
        return (losses * batch.source.weights).mean()

    def diagnostics(self):
        return {"fixed": torch.tensor(0.25, dtype=torch.float64)}


class CrossEntropySpec(TaskLossSpec):
    name: Literal["ce"] = "ce"

    def build(self, context):
        return CrossEntropy()


class Centre(LossTerm):
    """Draws the target features to a centre that learns ten times as fast."""

    def __init__(self, features):
        super().__init__()
        self.centre = nn.Parameter(torch.randn(features))

    def forward(self, batch: Batch) -> Tensor:
        return (batch.target.features - self.centre).square().mean()

    def lr_multiplier(self, parameter_name):
        return 10.0


class CentreSpec(RegularizerSpec):
    name: Literal["centre"] = "centre"

    def build(self, context):
        return Centre(context.feature_dim)


class Memory(LossTerm):
    """Remembers the target features of the epoch's start, row by row, and counts its steps."""

    needs = frozenset({"indices"})

    def __init__(self, context):
        super().__init__()
        self.register_buffer("bank", torch.zeros(context.target_size, context.feature_dim))
        self.register_buffer("steps", torch.zeros(()))
        self.register_buffer("drift", torch.zeros(()))

    def on_epoch_start(self, view):
        self.bank.copy_(view.target.features + 1e-3 * torch.randn(self.bank.shape))

    def forward(self, batch: Batch) -> Tensor:
        if self.training:
            self.steps += 1
        past = self.bank[batch.target.indices]
        return (batch.target.features - past).square().mean() * (1 + self.drift / self.steps)

    def on_epoch_end(self, view):
        self.drift.copy_((view.target.features - self.bank).square().mean())


class MemorySpec(RegularizerSpec):
    name: Literal["memory"] = "memory"

    def build(self, context):
        return Memory(context)


class Critic(LossTerm):
    """A critic with an optimizer of its own, and weights of the source rows."""

    weighs_source = True

    def __init__(self, features):
        super().__init__()
        self.phases = (Phase("critic", {"term"}, "before", 2, "detached", self.adam),)
        self.critic = nn.Linear(features, 1)
        self.shift = nn.Parameter(torch.zeros(()))

    def forward(self, batch: Batch) -> Tensor:
        gap = self.critic(batch.source.features).mean() - self.critic(batch.target.features).mean()
        return (gap - self.shift).square()

    def source_weights(self, batch: Batch) -> Tensor:
        return 1.0 + (batch.source.labels == 0)

    def adam(self, given):
        assert sorted(map(id, given)) == sorted(map(id, self.parameters()))
        return torch.optim.Adam(self.critic.parameters(), lr=1e-2)

    def phase_loss(self, name: str, batch: Batch) -> Tensor:
        assert name == "critic"
        assert not batch.source.features.requires_grad
        noise = torch.randn(())
        gap = self.critic(batch.source.features).mean() - self.critic(batch.target.features).mean()
        return (gap - 1 + 0.1 * noise).square()


class CriticSpec(RegularizerSpec):
    name: Literal["critic"] = "critic"

    def build(self, context):
        return Critic(context.feature_dim)


class Duel(LossTerm):
    """A second head: it and the model's move apart, then the backbone brings them together."""

    needs = frozenset({"network"})
    phases = (
        Phase("warm up", {"term"}, when="before"),
        Phase("apart", {"term", "head"}),
        Phase("together", {"backbone"}, times=3),
        Phase("agree", {"head"}, graph="detached", optimizer=partial(torch.optim.Adam, lr=1e-3)),
    )

    def __init__(self, context):
        super().__init__()
        self.second = context.new_head("second")

    def forward(self, batch: Batch) -> Tensor:
        return nn.functional.cross_entropy(self.second(batch.source.features), batch.source.labels)

    def phase_loss(self, name: str, batch: Batch) -> Tensor:
        if name == "warm up":
            return self.forward(batch) * (1 + 0.1 * torch.randn(()))
        logits = batch.target.logits
        if name == "agree":
            logits = batch.network.head(batch.target.features)
        gap = (logits - self.second(batch.target.features)).square().mean()
        return -0.01 * gap if name == "apart" else gap


class DuelSpec(RegularizerSpec):
    name: Literal["duel"] = "duel"

    def build(self, context):
        return Duel(context)


class Pupil(LossTerm):
    """Predicts of a second view of both domains what the teacher says of the first."""

    needs = frozenset({"inputs", "teacher", "second_view", "source_second_view"})

    def forward(self, batch: Batch) -> Tensor:
        sides = {"source": batch.source, "target": batch.target}
        losses = []
        for name, side in sides.items():
            said = batch.teacher(side.inputs, name)
            assert not said.logits.requires_grad
            losses.append((side.second_view.logits - said.logits).square().mean())
        return torch.stack(losses).sum()


class PupilSpec(RegularizerSpec):
    name: Literal["pupil"] = "pupil"

    def build(self, context):
        return Pupil()


class Collapse(LossTerm):
    """Moves the target's logits, and goes back to the start every fourth step."""

    uses_source = False

    def __init__(self):
        super().__init__()
        self.register_buffer("steps", torch.zeros((), dtype=torch.int64))

    def forward(self, batch: Batch) -> Tensor:
        return batch.target.logits.square().mean()

    def starts_over(self):
        self.steps += 1
        return int(self.steps) % 4 == 0


class CollapseSpec(RegularizerSpec):
    name: Literal["collapse"] = "collapse"

    def build(self, context):
        return Collapse()


class Given(LossTerm):
    """Whatever a test gives."""

    uses_target = False

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, batch: Batch) -> Tensor:
        return self.function(batch)


class Accuracy(ValidatorSpec):
    name: Literal["accuracy"] = "accuracy"

    def build(self, context):
        return lambda view: float(
            (view.source_logits.argmax(1) == view.source_labels).double().mean()
        )


def run_spec(**changes):
    """Return a spec of four epochs of six steps on the blobs."""
    training = {"epochs": 4, "batch_size": 16, "selection": Accuracy()}
    given = {
        "schema_version": 1,
        "name": "toy",
        "seed": 3,
        "data": Blobs(),
        "model": {"backbone": LayersSpec(), "head": {"hidden": (4,)}},
        "objective": {"task": CrossEntropySpec(), "regularizers": (CentreSpec(weight=0.1),)},
        "training": {**training, **changes.pop("training", {})},
    }
    return RunSpec.model_validate({**given, **changes})


def make_data(spec):
    return prepare(spec.data.build(BuildContext(seed=spec.seed)), spec.data, spec.seed)


def make_objective(spec):
    sizes = {"source_size": 84, "target_size": 84}
    context = BuildContext(seed=spec.seed, input_shape=(5,), num_classes=3, **sizes)
    return build_objective(spec, context)


def train_in(path, spec=None, *, objective=None, resume=False, reporter=None):
    """Train in the folder ``path``; return the selection and the objective."""
    spec = spec or run_spec()
    objective = objective or make_objective(spec)
    path.mkdir(exist_ok=True)
    selection = train(
        spec,
        make_data(spec),
        objective,
        RunFolder(path),
        device=torch.device("cpu"),
        resume=resume,
        reporter=reporter or SilentReporter(),
    )
    return selection, objective


def last_checkpoint(path):
    newest = max((path / "checkpoint").glob("epoch-*.pt"))
    return torch.load(newest, weights_only=True)


class Announcing(ValidatorSpec):
    """Tells a watching process that an epoch's steps are done."""

    name: Literal["announcing"] = "announcing"

    def build(self, context):
        def score(view: ValidationView) -> float:
            print("scored", flush=True)
            return Accuracy().build(context)(view)

        return score


LONG = {"epochs": 12, "selection": Announcing()}

if __name__ == "__main__":  # python toy.py FOLDER: a training that a test kills
    torch.set_num_threads(1)
    train_in(Path(sys.argv[1]), run_spec(training=LONG))
