"""The data, the split and the network of a finished run, made once more from its stored spec.

And what a network sees in them: its latent space, its Grad-CAMs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import final

import numpy as np

from dakit.contracts import SIDES, DomainPair
from dakit.data.normalization import PairNormalization
from dakit.data.splits import load_split
from dakit.errors import InputError
from dakit.evaluation.latent_space import LatentSpace, latent_space
from dakit.network import Network
from dakit.plugins.faults import faults_told
from dakit.reporting.report.examples import attentions
from dakit.reporting.report.facts import Attention
from dakit.reporting.scored_set import ScoredSet
from dakit.runs.plugin_changes import told_of_plugin_changes
from dakit.runs.records import read_environment
from dakit.runs.results import read_results
from dakit.runs.run import Run
from dakit.spec.loading import LoadedSpec, spec_from_dict
from dakit.training.reporter import SilentReporter
from dakit.workflows.train import Plan, make_plan

LEFT_OUT_OF_TRAINING = ("selection", "monitor")


def plan_again(run: Run, pair: DomainPair | None = None) -> Plan:
    """Return the plan of ``run`` made once more, without terms, validators, trackers, figures.

    These are left out, since initial weights do not depend on them: what a finished run did can
    be shown where the plugin of its loss is gone.

    Raises:
        InputError: it is another one, or its plugins are not there; the message says which of them
            have changed since.
        RunError: a component fails.
    """
    with told_of_plugin_changes(read_environment(run.folder)), faults_told():
        plan = make_plan(
            _without_losses(run),
            out=run.folder.path.resolve().parent,
            device="cpu",
            reporter=SilentReporter(),
            dry=True,
            pair=pair,
            trained=True,
        )
        if plan.data.fingerprint != read_results(run.folder).data.fingerprint:
            raise InputError("they are not what they were when the run was made")
        split = load_split(run.folder.split)
        for side in SIDES:
            if not np.array_equal(getattr(split, side).test, getattr(plan.data.split, side).test):
                raise InputError("they would be split in another way today")
    return plan


def _without_losses(run: Run) -> LoadedSpec:
    spec = run.resolved
    training = {k: v for k, v in spec["training"].items() if k not in LEFT_OUT_OF_TRAINING}
    start = _starting_run(run)
    given = spec.get("init_from")
    init = {**(given or {}), "spec": None, "run": start} if start else given
    again = {
        **spec,
        "figures": [],
        "trackers": [],
        "objective": {},
        "training": training,
        "init_from": init,
    }
    return spec_from_dict(again, base_dir=run.folder.path)


def _starting_run(run: Run) -> str | None:
    """Return the folder of the run that ``run`` started from, if it is where it was."""
    name = read_environment(run.folder).starts_from
    folder = run.folder.path.resolve().parent / str(name)
    return str(folder) if name and folder.is_dir() else None


@final
@dataclass(frozen=True)
class Looked:
    """A network that looks at the data of a plan, normalised as it was trained on."""

    plan: Plan
    network: Network
    normalization: PairNormalization

    @classmethod
    def of(cls, plan: Plan, run: Run) -> Looked:
        """Return the network of a finished ``run``.

        Raises:
            InputError: it cannot be loaded.
        """
        model = run.model()
        return cls(plan, model.network.to(plan.device), model.normalization)

    def space(self, seed: int) -> LatentSpace:
        """Return its latent space.

        Raises:
            ValueError: there are too few images.
        """
        size, device = self.plan.loaded.spec.evaluation.batch_size, self.plan.device
        data = replace(self.plan.data, normalization=self.normalization)
        return latent_space(self.network, data, seed=seed, batch_size=size, device=device)

    def attention(
        self, sets: Mapping[str, ScoredSet], layer: str | None, seed: int, missing: dict[str, str]
    ) -> list[Attention]:
        """Return its Grad-CAMs of some images of ``sets``; ``missing`` says why none is drawn.

        Raises:
            InputError: it has no such ``layer``.
        """
        data = replace(self.plan.data, normalization=self.normalization)
        if len(data.pair.source.input_shape) != 3:
            missing["attention"] = "The inputs are not images."
            return []
        device = self.plan.device
        return list(
            attentions(data, self.network, sets, layer, seed=seed, device=device, missing=missing)
        )
