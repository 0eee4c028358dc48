"""The predictor that a loss term brought, in a saved model: what it is built from again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal, final

from pydantic import ValidationError
from torch import nn

from dakit.components import LossSpec
from dakit.contracts import BuildContext, LossTerm
from dakit.network import Head, Network
from dakit.plugins.faults import built, returned
from dakit.runs.model_providers import Provider, offered, other_version, provider
from dakit.runs.records import Count, Named, Shape
from dakit.spec.run import HeadSpec, Seed


class _Context(Shape):
    """What a term's context holds beyond what a model says anyway."""

    seed: Seed
    class_counts: list[Count]
    source_size: Count
    target_size: Count
    num_source_domains: Count


class PredictorFacts(Shape):
    """``predictor`` of ``model.json``."""

    kind: Literal["task", "transfer", "regularizer"]
    spec: Named
    context: _Context
    plugin: Provider | None

    def build(
        self, context: BuildContext, network: Network, head: HeadSpec, path: Path
    ) -> nn.Module:
        """Return the predictor of the term, built again for the ``network`` of the model ``path``.

        Raises:
            InputError: the term is not here or of another version.
        """
        spec_class = offered(self.kind, self.spec.name, self.plugin, path)
        try:
            spec = spec_class.model_validate(self.spec.model_dump())
        except ValidationError as error:
            raise other_version(self.kind, self.spec.name, self.plugin, path, error) from error
        context = replace(
            context,
            **{**dict(self.context), "class_counts": tuple(self.context.class_counts)},
            feature_dim=network.backbone.feature_dim,
            make_head=partial(Head, head),
        )
        term = built(spec, context, LossTerm)
        return returned(term.predictor(), nn.Module, term, "predictor")


@final
@dataclass(frozen=True)
class PredictorOrigin:
    """The term that a predictor is of: its spec, and the context that it was built in."""

    spec: LossSpec
    context: BuildContext

    def to_dict(self) -> dict[str, Any]:
        """Return what :class:`PredictorFacts` reads."""
        return {
            "kind": self.spec.kind,
            "spec": self.spec.model_dump(mode="json"),
            "context": {
                **{name: getattr(self.context, name) for name in _Context.model_fields},
                "class_counts": list(self.context.class_counts),
            },
            "plugin": provider(self.spec.kind, self.spec.name),
        }
