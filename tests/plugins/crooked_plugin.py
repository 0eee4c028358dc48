"""A plugin of every kind, each of whose methods fails, or returns what it must not, when asked.

The environment variable ``CROOKED`` holds ``raises PLACE`` or ``returns PLACE``; a place is
``<kind>.<method>``.
"""

import os
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import model_validator

from dakit import (
    BackboneSpec,
    DatasetSpec,
    LauncherSpec,
    RegularizerSpec,
    RemoteFile,
    RemoteFiles,
    ValidatorSpec,
    hookimpl,
)

WRONG = {
    "dataset.build": ["a", "list"],
    "dataset.source": None,
    "dataset.labels": [0, 1],
    "dataset.checksums": ["abc"],
    "dataset.outline": "a sketch",
    "dataset.read_inputs": "pictures",
    "dataset.remote_files": ["https://example.org/a.fits"],
    "dataset.published_tables": 5,
    "backbone.build": "a network",
    "backbone.feature_dim": "four",
    "backbone.width": 7,
    "backbone.forward": None,
    "backbone.lr_multiplier": "fast",
    "backbone.to_rebuild": {"name": "crooked"},
    "term.build": None,
    "term.forward": 0.5,
    "term.source_weights": [1, 2],
    "term.diagnostics": {"half": "a half"},
    "term.lr_multiplier": "fast",
    "term.phase_optimizer": "adam",
    "term.phase_loss": (1, 2),
    "validator.build": 5,
    "validator.call": None,
    "launcher.build": 5,
    "launcher.launch": ["started"],
}


def at(place, right):
    """Return ``right``, unless something is asked for at ``place``."""
    asked = os.environ.get("CROOKED", "")
    if asked == f"raises {place}":
        np.take([1], 5)  # HERE: the innermost frame is numpy's
    return WRONG[place] if asked == f"returns {place}" else right


class CrookedData(DatasetSpec):
    """Three blobs."""

    name: Literal["crooked"] = "crooked"

    @model_validator(mode="after")
    def _checked(self):
        at("dataset.validator", None)
        return self

    def build(self, context):
        from dakit.contracts import DomainPair, Provenance

        source = at("dataset.source", self._domain("s", 0.0))
        provenance = Provenance("generated", "blobs", at("dataset.checksums", {}))
        pair = DomainPair(source, self._domain("t", 0.5), ("a", "b", "c"), provenance)
        return at("dataset.build", pair)

    def _domain(self, name, shift):
        from dakit.contracts import Domain

        labels = np.arange(45, dtype=np.int64) % 3
        random = np.random.default_rng(7)
        inputs = random.normal(size=(45, 5)) + 3 * np.eye(5)[labels] + shift
        ids = np.array([f"{name}{i}" for i in range(45)])
        return Domain(name, inputs, at("dataset.labels", labels), ids)

    def outline(self, base_dir):
        return at("dataset.outline", None)

    def read_inputs(self, paths, context):
        return at("dataset.read_inputs", self._domain("new", 0.0))

    def remote_files(self):
        files = RemoteFiles((RemoteFile("a.fits", "https://example.org/a.fits"),), Path())
        return at("dataset.remote_files", files)

    @classmethod
    def published_tables(cls):
        return at("dataset.published_tables", ())


class CrookedBackbone(BackboneSpec):
    """One layer."""

    name: Literal["crooked"] = "crooked"

    def build(self, context):
        import torch

        from dakit.contracts import Backbone

        class Layer(Backbone):
            feature_dim = at("backbone.feature_dim", at("backbone.width", 4))

            def __init__(self):
                super().__init__()
                self.layer = torch.nn.Linear(5, 4)

            def forward(self, inputs):
                return at("backbone.forward", self.layer(inputs))

            def lr_multiplier(self, parameter_name):
                return at("backbone.lr_multiplier", 1.0)

        return at("backbone.build", Layer())

    def to_rebuild(self):
        return at("backbone.to_rebuild", self)


class CrookedTerm(RegularizerSpec):
    """Draws the target features to a centre; has everything that a term may have."""

    name: Literal["crooked"] = "crooked"

    def build(self, context):
        import torch

        from dakit.contracts import LossTerm, Phase

        class Square(torch.autograd.Function):
            @staticmethod
            def forward(ctx, inputs):
                return inputs.square()

            @staticmethod
            def backward(ctx, gradient):
                return at("term.backward", gradient)

        class Term(LossTerm):
            weighs_source = True

            def __init__(self):
                super().__init__()
                self.centre = torch.nn.Parameter(torch.zeros(4))
                self.critic = torch.nn.Linear(4, 1)
                self.phases = (
                    Phase("critic", {"term"}, "before", graph="detached", optimizer=self.sgd),
                )

            def forward(self, batch):
                value = Square.apply(batch.target.features - self.centre).mean()
                return at("term.forward", value)

            def source_weights(self, batch):
                return at("term.source_weights", torch.ones(len(batch.source.labels)))

            def diagnostics(self):
                return at("term.diagnostics", {"half": 0.5})

            def lr_multiplier(self, parameter_name):
                return at("term.lr_multiplier", 1.0)

            def sgd(self, parameters):
                return at("term.phase_optimizer", torch.optim.SGD(self.critic.parameters(), lr=0.1))

            def phase_loss(self, name, batch):
                return at("term.phase_loss", self.critic(batch.source.features).mean())

            def on_epoch_start(self, view):
                at("term.on_epoch_start", None)

            def on_epoch_end(self, view):
                at("term.on_epoch_end", None)

        return at("term.build", Term())


class CrookedScore(ValidatorSpec):
    """Always the same."""

    name: Literal["crooked"] = "crooked"

    def build(self, context):
        def score(view):
            return at("validator.call", 0.5)

        return at("validator.build", score)


class CrookedLauncher(LauncherSpec):
    """Starts nothing."""

    name: Literal["crooked"] = "crooked"

    def build(self, context):
        from dakit.contracts import JobUpdate, Launcher

        class Idle(Launcher):
            def launch(self, jobs):
                if os.environ.get("CROOKED", "").startswith("returns"):
                    return at("launcher.launch", None)
                return self._launch(jobs)

            def _launch(self, jobs):
                for job in jobs:
                    yield JobUpdate(job.name, "started")
                    at("launcher.launch", None)
                    yield JobUpdate(job.name, "failed", "nobody is at work")

        return at("launcher.build", Idle())


@hookimpl
def dakit_datasets():
    return [CrookedData]


@hookimpl
def dakit_backbones():
    return [CrookedBackbone]


@hookimpl
def dakit_regularizers():
    return [CrookedTerm]


@hookimpl
def dakit_validators():
    return [CrookedScore]


@hookimpl
def dakit_launchers():
    return [CrookedLauncher]
