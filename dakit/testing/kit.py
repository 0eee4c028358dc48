"""The checks of each kind, and the two ways to run them: one by one in pytest, or all at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, final

from dakit.components import ComponentSpec
from dakit.errors import did_you_mean
from dakit.plugins.checks import component_name
from dakit.plugins.faults import place_of
from dakit.testing.backbones import CHECKS as OF_BACKBONES
from dakit.testing.capabilities import CHECKS as OF_CAPABILITIES
from dakit.testing.check import Check, Outcome, Report, Skipped, Waived, checks_of, require
from dakit.testing.datasets import CHECKS as OF_DATASETS
from dakit.testing.datasets import FILES as OF_DATASET_FILES
from dakit.testing.datasets import WITHOUT_INSTANCE as OF_CLASSES_OF_DATASETS
from dakit.testing.figures import CHECKS as OF_FIGURES
from dakit.testing.launchers import CHECKS as OF_LAUNCHERS
from dakit.testing.losses import CHECKS as OF_LOSSES
from dakit.testing.losses import DISCREPANCIES as OF_DISCREPANCIES
from dakit.testing.metrics import CHECKS as OF_METRICS
from dakit.testing.modules import CHECKS as OF_MODULES
from dakit.testing.modules import PHASES as OF_PHASES
from dakit.testing.optimizers import CHECKS as OF_OPTIMIZERS
from dakit.testing.schedules import CHECKS as OF_SCHEDULES
from dakit.testing.specs import CHECKS as OF_SPECS
from dakit.testing.specs import WITHOUT_INSTANCE as OF_CLASSES
from dakit.testing.stoppings import CHECKS as OF_STOPPINGS
from dakit.testing.subject import Subject
from dakit.testing.surroundings import CHECKS as OF_SURROUNDINGS
from dakit.testing.surroundings import OF_MODULES as OF_GENERATORS
from dakit.testing.target_labels import CHECKS as OF_TARGET_LABELS
from dakit.testing.trackers import CHECKS as OF_TRACKERS
from dakit.testing.validators import CHECKS as OF_VALIDATORS

if TYPE_CHECKING:
    import pytest

NEVER_WAIVED = frozenset(
    {
        "may_be_offered",
        "waives_what_it_may",
        "builds_from_its_spec",
        "does_not_read_target_labels",
        "learns_the_same_whatever_the_target_labels",
        "leaves_libraries_as_they_are",
        "leaves_the_network_alone",
        "leaves_the_teacher_alone",
    }
)
"""Without these a component spoils more than itself."""


def waives_what_it_may(subject: Subject) -> None:
    """The checks that it waives are checks of its kind, each with the reason why."""
    known = {check.family for check in _checks(subject.spec_class.kind)} - NEVER_WAIVED
    for name, reason in subject.spec_class.waives.items():
        near = did_you_mean(name, known) or f"; there are {', '.join(sorted(known))}"
        require(name in known, f"it waives {name!r}, which it cannot{near}")
        require(bool(reason.strip()), f"it waives {name!r} without a reason")


MODULES = (*OF_MODULES, *OF_GENERATORS)
LOSS = (*OF_LOSSES, *MODULES, *OF_CAPABILITIES, *OF_PHASES, *OF_TARGET_LABELS)

CHECKS: dict[str, tuple[Check, ...]] = {
    "backbone": (*OF_BACKBONES, *MODULES),
    "task": LOSS,
    "transfer": (*LOSS, *OF_DISCREPANCIES),
    "regularizer": LOSS,
    "dataset": (*OF_DATASETS, *OF_DATASET_FILES),
    "optimizer": OF_OPTIMIZERS,
    "schedule": OF_SCHEDULES,
    "stopping": OF_STOPPINGS,
    "validator": OF_VALIDATORS,
    "metric": OF_METRICS,
    "figure": OF_FIGURES,
    "tracker": OF_TRACKERS,
    "launcher": OF_LAUNCHERS,
}
"""What each kind promises beyond what all kinds do."""

(WAIVERS,) = checks_of(waives_what_it_may)


def builds_from_its_spec(subject: Subject) -> None:
    """Its spec builds."""
    subject.build()


OF_OTHERS = checks_of(builds_from_its_spec)


def _checks(kind: str) -> tuple[Check, ...]:
    return (*OF_SPECS, WAIVERS, *CHECKS.get(kind, OF_OTHERS), *OF_SURROUNDINGS)


def _builds(kind: str) -> Check:
    """Return the check without which those after it have nothing to look at."""
    return next(check for check in _checks(kind) if check.name == "builds_from_its_spec")


NEED_NO_VALUES = (*OF_CLASSES, WAIVERS, *OF_CLASSES_OF_DATASETS)
"""The checks that need no values for required fields."""


@final
@dataclass(frozen=True)
class BoundCheck:
    """A check with the component it is about; call it to carry it out."""

    check: Check
    subject: Subject

    def __call__(self) -> None:
        """Carry the check out.

        Raises Skipped where it does not apply, Waived where it is broken and the component waives
        it, and else whatever shows that the promise is broken.
        """
        missing = ", ".join(self.subject.missing)
        if missing and self.check not in NEED_NO_VALUES:
            raise Skipped(f"no default and no example: {missing}; give example={{...}}")
        builds = _builds(self.subject.spec_class.kind)
        needs_build = self.check not in (*OF_SPECS, WAIVERS, *OF_DATASET_FILES, builds)
        if needs_build and not _passes(builds, self.subject):
            raise Skipped(f"it does not build: see {builds.name}")
        reason = self.subject.spec_class.waives.get(self.check.family)
        if reason and self.check.family not in NEVER_WAIVED:
            self._waived(reason)
        else:
            self.check.function(self.subject)

    def _waived(self, reason: str) -> None:
        try:
            self.check.function(self.subject)
        except Skipped:
            raise
        except Exception as error:
            raise Waived(f"waived: {reason}") from error

    def __str__(self) -> str:
        return f"{self.subject.label} {self.check.name}"


def bound_checks(
    spec_class: type[ComponentSpec], *, example: Mapping[str, Any] | None = None
) -> list[BoundCheck]:
    """Return every check of a component; ``example`` gives fields their values.

    Raises TypeError where ``spec_class`` is no component spec.
    """
    if not (isinstance(spec_class, type) and issubclass(spec_class, ComponentSpec)):
        raise TypeError(f"{spec_class!r} is not a component spec class")
    subject = Subject(spec_class, example)
    return [BoundCheck(check, subject) for check in _checks(spec_class.kind)]


def check_component(
    spec_class: type[ComponentSpec], *, example: Mapping[str, Any] | None = None
) -> Report:
    """Carry out every check of a component and report; nothing is raised by a broken one.

    ``example`` gives fields their values; one that has neither default nor example leaves the
    checks that need it skipped.
    """
    outcomes = tuple(map(_outcome, bound_checks(spec_class, example=example)))
    told = (*outcomes, *_stale(spec_class, outcomes))
    return Report(spec_class.kind, component_name(spec_class), told)


def checks_for(
    *spec_classes: type[ComponentSpec], example: Mapping[str, Any] | None = None
) -> pytest.MarkDecorator:
    """Return a pytest decorator that calls a test with ``check``, once for every check.

    The test carries it out with ``check()``.
    """
    import pytest

    require(bool(spec_classes), "checks_for needs a component spec class")
    checks = [b for spec_class in spec_classes for b in bound_checks(spec_class, example=example)]
    return pytest.mark.parametrize("check", checks, ids=str)


@lru_cache(maxsize=4)
def _passes(check: Check, subject: Subject) -> bool:
    try:
        check.function(subject)
    except (Exception, SystemExit):  # the check itself reports it
        return False
    return True


def _outcome(bound: BoundCheck) -> Outcome:
    name, promise = bound.check.name, bound.check.promise
    try:
        bound()
    except Skipped as reason:
        return Outcome(name, promise, "skipped", str(reason))
    except Waived as reason:
        return Outcome(name, promise, "waived", str(reason).removeprefix("waived: "))
    except AssertionError as error:
        return Outcome(name, promise, "failed", _told(str(error), error, bound.subject), error)
    except (Exception, SystemExit) as error:  # a component may break in any way
        text = _told(f"{type(error).__name__}: {error}", error, bound.subject)
        return Outcome(name, promise, "failed", text, error)
    return Outcome(name, promise, "passed")


def _stale(spec_class: type[ComponentSpec], outcomes: Sequence[Outcome]) -> Iterator[Outcome]:
    """Yield an outcome for each waiver whose checks were all carried out and hold."""
    for name, reason in spec_class.waives.items():
        waived = [o for o in outcomes if o.check.partition("[")[0] == name]
        if name not in NEVER_WAIVED and waived and all(o.state == "passed" for o in waived):
            text = f"it is waived ({reason}) and holds all the same: the waiver hides a later fault"
            yield Outcome(name, waived[0].promise, "stale", f"{text}; take it away")


def _told(text: str, error: BaseException, subject: Subject) -> str:
    """Return ``text`` on one line, with the place in the plugin where there is one."""
    place = place_of(error, subject.spec_class)
    return " ".join(f"{text} ({place})".split()) if place else " ".join(text.split())
