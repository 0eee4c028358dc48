"""What a validator promises: a finite score, the higher the better, blind to target labels."""

from __future__ import annotations

import pickle
from dataclasses import replace

import torch
from torch import Tensor

from dakit.components import ValidatorSpec
from dakit.contracts import ValidationView
from dakit.testing.check import check_of, require, skip_single_file
from dakit.testing.subject import CLASSES, FEATURES, Subject

ROWS = 60


def builds_from_its_spec(subject: Subject) -> None:
    """Its spec builds a callable from a ValidationView to a number."""
    validator = subject.build()
    require(callable(validator), f"build returned {type(validator).__name__}, not a callable")
    score = validator(_view(subject, good_view()))
    require(isinstance(score, float | int), f"it returned {type(score).__name__}, not a number")


def does_not_read_target_labels(subject: Subject) -> None:
    """Its score is the same where target labels are shuffled or absent, unless it declares them."""
    validator, view = subject.build(), good_view()
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
    for name in ("source_features", "source_logits", "target_features", "target_logits"):
        same = torch.equal(getattr(view, name), getattr(untouched, name))
        require(same, f"it changes {name} in place")


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
    noise = [_normal(ROWS, FEATURES, seed) for seed in (1, 2)]
    source, target = (4.0 * centres[labels] + 0.1 * each for each in noise)
    logits = 6.0 * torch.eye(CLASSES)[labels]
    return ValidationView(source, logits, labels, target, logits.clone(), labels.clone())


def bad_view() -> ValidationView:
    """Return the outputs of a model that guesses, with domains far apart."""
    good = good_view()
    return replace(
        good,
        source_features=_normal(ROWS, FEATURES, 3),
        target_features=_normal(ROWS, FEATURES, 4) + 3.0,
        source_logits=0.1 * _normal(ROWS, CLASSES, 5),
        target_logits=0.1 * _normal(ROWS, CLASSES, 6),
    )


def _view(subject: Subject, view: ValidationView) -> ValidationView:
    """Return what a run would show to this validator."""
    return view if _declares_labels(subject) else replace(view, target_labels=None)


def _declares_labels(subject: Subject) -> bool:
    spec_class = subject.spec_class
    return issubclass(spec_class, ValidatorSpec) and spec_class.uses_target_labels


def _scaled(view: ValidationView, factor: float) -> ValidationView:
    return replace(
        view, source_logits=factor * view.source_logits, target_logits=factor * view.target_logits
    )


def _first_rows(view: ValidationView, rows: int) -> ValidationView:
    return ValidationView(**{name: tensor[:rows] for name, tensor in vars(view).items()})


def _normal(rows: int, columns: int, seed: int) -> Tensor:
    return torch.randn(rows, columns, generator=torch.Generator().manual_seed(seed))


CHECKS = tuple(
    map(
        check_of,
        (
            builds_from_its_spec,
            does_not_read_target_labels,
            prefers_the_better_model,
            is_finite,
            gives_the_same_score_twice,
            survives_pickling_when_built,
        ),
    )
)
