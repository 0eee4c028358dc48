"""What a validator promises: a finite score, the higher the better, blind to target labels."""

from __future__ import annotations

import pickle
from dataclasses import dataclass, replace
from typing import Any, final

import torch
from torch import Tensor

from dakit.components import ValidatorSpec
from dakit.contracts import VALIDATOR_NEEDS, ValidationView, View
from dakit.testing.check import Skipped, checks_of, require, skip_single_file
from dakit.testing.loss_batches import normal
from dakit.testing.subject import CLASSES, FEATURES, Subject

ROWS = 60


def builds_from_its_spec(subject: Subject) -> None:
    """Its spec builds a callable from a ValidationView to a number."""
    validator = subject.build()
    require(callable(validator), f"build returned {type(validator).__name__}, not a callable")
    unknown = set(_needs(subject)) - set(VALIDATOR_NEEDS)
    require(not unknown, f"it needs {sorted(unknown)}; dakit knows {sorted(VALIDATOR_NEEDS)}")
    score = validator(_view(subject, good_view()))
    require(isinstance(score, float | int), f"it returned {type(score).__name__}, not a number")


def does_not_read_target_labels(subject: Subject) -> None:
    """Its score is the same where target labels are shuffled or absent, unless it declares them."""
    validator, view = subject.build(), good_view().limited_to(_needs(subject))
    assert view.target_labels is not None
    shuffled = replace(view, target_labels=view.target_labels.roll(1))
    if _declares_labels(subject):
        changes = validator(view) != validator(shuffled)
        require(changes, "it declares uses_target_labels, but shuffling them changes nothing")
        return
    absent = replace(view, target_labels=None)
    scores = [float(validator(each)) for each in (view, shuffled, absent)]
    require(
        len(set(scores)) == 1,
        "its score changes with the target labels; if it is meant to read them, "
        "declare uses_target_labels = True",
    )


def does_without_the_source(subject: Subject) -> None:
    """With ``uses_source = False`` its score is the same without source rows."""
    spec_class = subject.spec_class
    if not issubclass(spec_class, ValidatorSpec) or spec_class.uses_source:
        raise Skipped("it uses the source")
    view = _view(subject, bad_view())
    rows = {name: each[:0] for name, each in view.tensors().items() if name.startswith("source")}
    empty = replace(view, **rows)  # type: ignore[arg-type]  # names of its fields
    with_it, without = (float(subject.build()(each)) for each in (view, empty))
    require(with_it == without, f"it scores {with_it:g}, and {without:g} without source rows")


def prefers_the_better_model(subject: Subject) -> None:
    """A model that is right and sure in both domains scores higher than one that guesses."""
    validator = subject.build()
    good, bad = (float(validator(_view(subject, view))) for view in (good_view(), bad_view()))
    require(good > bad, f"a perfect model scores {good:g}, one that guesses {bad:g}")


def is_finite(subject: Subject) -> None:
    """Its score is finite for huge, equal and confident outputs, one class and one row."""
    validator, view = subject.build(), good_view()
    cases = {
        "huge logits": _scaled(view, 1e4),
        "equal logits": _scaled(view, 0.0),
        "one class": replace(view, source_labels=torch.zeros_like(view.source_labels)),
        "one row": _first_rows(view, 1),
    }
    for case, each in cases.items():
        score = torch.tensor(float(validator(_view(subject, each))))
        require(bool(score.isfinite()), f"{case}: the score is {score.item()}")


def gives_the_same_score_twice(subject: Subject) -> None:
    """The same model gets the same score, and its outputs are left alone."""
    view, untouched = _view(subject, bad_view()), _view(subject, bad_view())
    first, second = float(subject.build()(view)), float(subject.build()(view))
    require(first == second, f"the same model scores {first:g}, then {second:g}")
    for name, tensor in untouched.tensors().items():
        require(torch.equal(getattr(view, name), tensor), f"it changes {name} in place")


def survives_pickling_when_built(subject: Subject) -> None:
    """The built validator can be sent to a worker process."""
    skip_single_file(subject)
    validator, view = subject.build(), _view(subject, good_view())
    same = pickle.loads(pickle.dumps(validator))(view) == validator(view)
    require(bool(same), "unpickled, it gives another score")


def good_view() -> ValidationView:
    """Return the outputs of a model that is right and sure in both domains."""
    labels = torch.arange(ROWS) % CLASSES
    centres = torch.eye(CLASSES, FEATURES)
    noise = [normal(ROWS, FEATURES, seed=seed) for seed in (1, 2)]
    source, target = (4.0 * centres[labels] + 0.1 * each for each in noise)
    logits = 6.0 * torch.eye(CLASSES)[labels]
    view = ValidationView(source, logits, labels, target, logits.clone(), labels.clone())
    return _with_all_needs(view, centres)


def bad_view() -> ValidationView:
    """Return the outputs of a model that guesses, with domains far apart."""
    bad = replace(
        good_view(),
        source_features=normal(ROWS, FEATURES, seed=3),
        target_features=normal(ROWS, FEATURES, seed=4) + 3.0,
        source_logits=0.1 * normal(ROWS, CLASSES, seed=5),
        target_logits=0.1 * normal(ROWS, CLASSES, seed=6),
    )
    return _with_all_needs(bad, normal(CLASSES, FEATURES, seed=7))


def _with_all_needs(view: ValidationView, classifier: Tensor) -> ValidationView:
    """Return it with all that a validator may ask for: its features are inputs, too."""
    return replace(
        view,
        classifier=classifier,
        source_train_features=view.source_features.flip(0),
        target_train_features=view.target_features.flip(0),
        source_inputs=view.source_features.clone(),
        target_inputs=view.target_features.clone(),
        network=_Linear(classifier),
    )


@final
@dataclass(frozen=True)
class _Linear:
    """A network whose features are its inputs."""

    classifier: Tensor

    def __call__(self, inputs: Tensor) -> View:
        return View(inputs, inputs @ self.classifier.T)


def _view(subject: Subject, view: ValidationView) -> ValidationView:
    """Return what a run would show to this validator."""
    seen = view.limited_to(_needs(subject))
    return seen if _declares_labels(subject) else replace(seen, target_labels=None)


def _needs(subject: Subject) -> frozenset[str]:
    spec_class = subject.spec_class
    return spec_class.needs if issubclass(spec_class, ValidatorSpec) else frozenset()


def _declares_labels(subject: Subject) -> bool:
    spec_class = subject.spec_class
    return issubclass(spec_class, ValidatorSpec) and spec_class.uses_target_labels


def _scaled(view: ValidationView, factor: float) -> ValidationView:
    return replace(
        view, source_logits=factor * view.source_logits, target_logits=factor * view.target_logits
    )


def _first_rows(view: ValidationView, rows: int) -> ValidationView:
    shown: dict[str, Any] = {name: tensor[:rows] for name, tensor in view.tensors().items()}
    return replace(view, **{**shown, "classifier": view.classifier})


CHECKS = checks_of(
    builds_from_its_spec,
    does_not_read_target_labels,
    does_without_the_source,
    prefers_the_better_model,
    is_finite,
    gives_the_same_score_twice,
    survives_pickling_when_built,
)
