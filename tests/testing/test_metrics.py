"""A broken metric is caught by the check that is there for it."""

from typing import Any, Literal

import numpy as np
import pytest

from dakit import MetricSpec


def hits(labels: Any, probabilities: Any) -> float:
    return float((probabilities.argmax(1) == labels).mean()) if len(labels) else float("nan")


def spec_of(metric: Any, better: bool = True, called: str = "broken") -> type[MetricSpec]:
    class BrokenSpec(MetricSpec):
        """A metric."""

        higher_is_better = better
        name: Literal[called] = called  # type: ignore[valid-type]

        def build(self, context: Any) -> Any:
            return metric

    return BrokenSpec


def sorting(labels: Any, probabilities: Any) -> float:
    labels.sort()
    return 0.5


CASES = [
    (spec_of("high"), "builds_from_its_spec", "returned str"),
    (spec_of(lambda *_: "high"), "builds_from_its_spec", "returned str"),
    (spec_of(hits, called="accuracy"), "has_a_name_of_its_own", "accuracy"),
    (spec_of(hits, called="intervals"), "has_a_name_of_its_own", "intervals"),
    (spec_of(hits, better=False), "prefers_the_better_model", "higher_is_better is False"),
    (spec_of(lambda y, p: 100 * hits(y, p)), "stays_within_its_bounds", "not between 0 and 1"),
    (spec_of(lambda y, p: 1 / len(y)), "stays_within_its_bounds", "division"),
    (spec_of(lambda y, p: hits(y[:10], p[:10])), "does_not_depend_on_the_order", "another order"),
    (spec_of(sorting), "does_not_depend_on_the_order", "in place"),
]


@pytest.mark.parametrize(("spec_class", "check", "message"), CASES)
def test_the_check_for_it_catches(assert_caught, spec_class, check, message):
    assert_caught(spec_class, check, message)


@pytest.mark.parametrize("check", sorted({check for _, check, _ in CASES}))
def test_a_sound_one_passes(run_check, check):
    run_check(spec_of(hits), check)
    run_check(spec_of(lambda y, p: 1 - hits(y, p), better=False), check)


def test_a_metric_that_is_undefined_is_no_number():
    assert np.isnan(hits(np.empty(0), np.empty((0, 2))))
