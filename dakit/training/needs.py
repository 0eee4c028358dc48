"""Whether the data and the spec of a run can give its terms what they declare to need."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import final

import torch

from dakit.contracts import VALIDATOR_NEEDS
from dakit.data.augmentation import StrongAugmentation
from dakit.data.batches import reader_of
from dakit.data.prepare import PreparedData
from dakit.errors import InputError, did_you_mean
from dakit.plugins import catalog
from dakit.spec.run import RunSpec
from dakit.training.batch_norm import batch_norm_layers, layer_of_one_value
from dakit.training.objective import Objective


@final
@dataclass(frozen=True)
class _Rule:
    """What a need is called, and what of a run lacks it (None: nothing)."""

    words: str
    lack: Callable[[PreparedData, RunSpec], str | None]


def check_needs(objective: Objective, data: PreparedData, spec: RunSpec) -> None:
    """Raise InputError where a term or a validator needs what this run cannot give it.

    The message names it, what it needs, what lacks it, and the way out.
    """
    if not len(data.pair.source):
        _check_no_source(objective, spec)
    _check_weights(objective)
    _check_predictors(objective)
    _check_epochs(objective, spec)
    _check_validators(data, spec)
    _check_batch_norm_is_there(objective, spec)
    _check_batch_statistics(objective, data, spec)
    for name in objective.terms:
        for need in sorted(objective.term(name).needs):
            rule = _rule(name, need)
            lack = rule.lack(data, spec)
            if lack is not None:
                raise InputError(f"'{name}' needs {rule.words}: {lack}")


def _check_weights(objective: Objective) -> None:
    honouring = {name for name in objective.terms if objective.term(name).honours_weights}
    for name in objective.terms:
        if objective.term(name).weighs_source and not honouring - {name}:
            raise InputError(
                f"'{name}' needs another term that honours its weights of the source samples: "
                "none in this objective does; take a task that does, such as cross_entropy"
            )


def _check_no_source(objective: Objective, spec: RunSpec) -> None:
    """Refuse what data without a source cannot give."""
    if spec.init_from is None:
        raise InputError(
            "the data have no source, so there is nothing to learn the classes from: name the run "
            "to start from in init_from, or give data.source"
        )
    for name in objective.terms:
        if objective.term(name).uses_source:
            null = ' ("task": null)' if name == getattr(spec.objective.task, "name", None) else ""
            raise InputError(
                f"'{name}' needs the source and the data have none: leave it out of the "
                f"objective{null}, or give data.source"
            )
    for validator in (spec.training.selection, *spec.training.monitor):
        if validator.uses_source:
            offered = catalog.current().components("validator")
            without = [c.name for c in offered if not getattr(c.spec_class, "uses_source", True)]
            raise InputError(
                f"the validator '{validator.name}' needs the source and the data have none; choose "
                "one that does not in training.selection and training.monitor: "
                f"{', '.join(sorted(without))}"
            )


def _check_predictors(objective: Objective) -> None:
    names = list(objective.predictors)
    if len(names) > 1:
        raise InputError(
            f"{' and '.join(map(repr, names))} each predict in place of the model's head, and one "
            "can: leave all but one of them out"
        )


def _check_epochs(objective: Objective, spec: RunSpec) -> None:
    if spec.training.epochs > 1 and not objective.losing:
        raise InputError(
            f"no term of this objective has a loss ({', '.join(objective.terms)}), so that nothing "
            "changes after one epoch; set training.epochs to 1"
        )


def _check_validators(data: PreparedData, spec: RunSpec) -> None:
    for validator in (spec.training.selection, *spec.training.monitor):
        for need in sorted(validator.needs - set(VALIDATOR_NEEDS)):
            raise _unknown(validator.name, need, VALIDATOR_NEEDS)
        if validator.uses_target_labels and data.pair.target.labels is None:
            raise InputError(
                f"the validator '{validator.name}' needs target labels and the data have none; "
                "choose another in training.selection or training.monitor"
            )


def _check_batch_norm_is_there(objective: Objective, spec: RunSpec) -> None:
    settings = {
        "training.batch_norm 'adabn'": spec.training.batch_norm == "adabn",
        "init_from.train_only 'batch_norm'": spec.init_from is not None
        and "batch_norm" in spec.init_from.learns,
    }
    asked = [setting for setting, given in settings.items() if given]
    if asked and not batch_norm_layers(objective.network):
        raise InputError(
            f"{asked[0]} needs a network with BatchNorm, and this one has none; take another "
            "backbone (or its option batch_norm), or leave it out"
        )


def _check_batch_statistics(objective: Objective, data: PreparedData, spec: RunSpec) -> None:
    """Refuse a BatchNorm layer that would get one value a channel, which has no spread."""
    source = min(spec.training.batch_size, len(data.split.source.train))
    source = source if objective.needs_source else 0
    target = min(spec.training.batch_size, len(data.split.target.train))
    views = 2 if "second_view" in objective.needs else 1
    alone = {"target": target} if "network" in objective.needs else {}
    source *= 2 if "source_second_view" in objective.needs else 1
    passes = {
        "joint": {"source and target": source + target * views, **alone},
        "source": {"source": source},
        "target": {"target": target * views},
        "domain": {"source": source, "target": target * views},
    }
    adabn = spec.training.batch_norm == "adabn"
    after = {"target": len(data.split.target.train)} if adabn else {}
    given = passes[objective.batch_norm] | after
    single = [side for side, rows in given.items() if rows == 1]
    if not single:
        return
    one = reader_of(data, "target", torch.device("cpu"))(data.split.target.train[:1])
    layer = layer_of_one_value(objective.network, one, _frozen(spec))
    if layer is not None:
        raise InputError(
            f"training.batch_size {spec.training.batch_size} gives the BatchNorm layer '{layer}' "
            f"one {single[0]} input at a time, and one value has no batch statistics; take batches "
            "(and training inputs of each domain) of 2 or more, or a backbone without BatchNorm"
        )


def _frozen(spec: RunSpec) -> tuple[str, ...]:
    """Return the parts whose BatchNorm layers keep their running averages for the whole run."""
    init = spec.init_from
    if init is None or init.freeze_epochs is not None or "batch_norm" in init.learns:
        return ()
    return tuple(part for part in ("backbone", "head") if part not in init.learns)


def _rule(term: str, need: str) -> _Rule:
    if need in _RULES:
        return _RULES[need]
    raise _unknown(term, need, _RULES)


def _unknown(name: str, need: str, known: Iterable[str]) -> InputError:
    near = did_you_mean(need, known) or f"; known: {', '.join(known)}"
    return InputError(f"'{name}' needs {need!r}, which this dakit cannot give{near}")


def _no_second_view(data: PreparedData, spec: RunSpec) -> str | None:
    if spec.model.backbone.takes_whole_numbers:
        return "the inputs are whole numbers, which no noise or gain leaves whole; leave it out"
    shape, augment = data.pair.source.input_shape, spec.data.augment
    if StrongAugmentation(augment.strong).changes(shape):
        return None
    return (
        f"data.augment.strong changes nothing in inputs of the shape {shape}; raise one of its "
        "values or leave it at its defaults"
    )


def _one_source(data: PreparedData, spec: RunSpec) -> str | None:
    count = len(data.pair.source.domain_names)
    if count > 1:
        return None
    return (
        f"the source of the dataset '{spec.data.name}' is "
        f"{'one domain' if count else 'not said to be several domains'}; give data with a domain "
        "for each source input (Domain.domains), or take a loss for a single source"
    )


def _all_classes(data: PreparedData, spec: RunSpec) -> str | None:
    if not all(data.class_counts):
        return None
    return (
        f"the source of the dataset '{spec.data.name}' has every class of {data.pair.class_names}; "
        "add one to the class names, such as 'unknown', for what is in no other"
    )


def _nothing(data: PreparedData, spec: RunSpec) -> None:
    """Every run can give it."""


_RULES: Mapping[str, _Rule] = {
    "indices": _Rule("the indices of the samples", _nothing),
    "inputs": _Rule("the inputs of the network", _nothing),
    "network": _Rule("the network", _nothing),
    "second_view": _Rule("a second view of the target images", _no_second_view),
    "source_domains": _Rule("two source domains or more", _one_source),
    "source_second_view": _Rule("a second view of the source images", _no_second_view),
    "unknown_class": _Rule("a class that the source lacks", _all_classes),
    "teacher": _Rule("a moving average of the network", _nothing),
}
