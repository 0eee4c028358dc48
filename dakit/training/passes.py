"""How the inputs of a step pass the network: together or not, whose statistics, which precision."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor

from dakit.contracts import SIDES, Side, View
from dakit.network import Network
from dakit.spec.training import BatchNormMode, Precision
from dakit.training.batch_norm import averages_kept, running_averages


@final
@dataclass(frozen=True)
class Passes:
    """The passes of a step, and (a ``StepNetwork``) those that terms make of their own.

    Under bfloat16 only the network computes in mixed precision; what it returns is float32.
    """

    network: Network
    batch_norm: BatchNormMode
    precision: Precision = "float32"

    def views(self, sources: list[Tensor], targets: list[Tensor]) -> tuple[list[View], list[View]]:
        """Return the outputs for each view of the source's inputs, and of the target's."""
        if sources and targets and self.batch_norm == "joint":
            views = self._together([*sources, *targets])
            return views[: len(sources)], views[len(sources) :]
        seen, given = dict[Side, list[View]](), {"source": sources, "target": targets}
        # who goes by running averages goes last: they must not move before the gradients are made
        for side in reversed(SIDES) if self.batch_norm == "target" else SIDES:
            with self._statistics_of(side):
                seen[side] = self._together(given[side])
        return seen["source"], seen["target"]

    def __call__(self, inputs: Tensor, domain: Side = "target") -> View:
        """Return features and logits of one more pass."""
        with self._again(domain):
            return self._run(inputs)

    def backbone(self, inputs: Tensor, domain: Side = "target") -> Tensor:
        """Return the features ``(B, D)`` of one more pass."""
        with self._again(domain), self._mixed(inputs):
            features: Tensor = self.network.backbone(inputs)
        return self._full(features)

    def head(self, features: Tensor) -> Tensor:
        """Return the logits ``(B, C)`` of ``features (B, D)``."""
        with self._mixed(features):
            logits: Tensor = self.network.head(features)
        return self._full(logits)

    @contextmanager
    def _again(self, domain: Side) -> Iterator[None]:
        with self._statistics_of(domain), averages_kept(self.network):
            yield

    def _statistics_of(self, domain: Side) -> AbstractContextManager[None]:
        if self.batch_norm == "domain":
            return self.network.for_domain(domain)
        if self.batch_norm in SIDES and self.batch_norm != domain:
            return running_averages(self.network)
        return nullcontext()

    def _together(self, inputs: list[Tensor]) -> list[View]:
        """Return the outputs of one pass over all ``inputs``."""
        if len(inputs) < 2:
            return [self._run(each) for each in inputs]
        joint, sizes = self._run(torch.cat(inputs)), [len(part) for part in inputs]
        outputs = (torch.split(output, sizes) for output in (joint.features, joint.logits))
        parts = zip(*outputs, strict=True)
        return [View(*part) for part in parts]

    def _run(self, inputs: Tensor) -> View:
        with self._mixed(inputs):
            features, logits = self.network(inputs)
        return View(self._full(features), self._full(logits))

    def _mixed(self, on: Tensor) -> AbstractContextManager[object]:
        mixed = self.precision == "bfloat16"
        return torch.autocast(on.device.type, torch.bfloat16) if mixed else nullcontext()

    def _full(self, output: Tensor) -> Tensor:
        return output.float() if self.precision == "bfloat16" else output
