"""Mean and spread over seeds; differences pair what bears the same id."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest

from dakit.reporting.compare.compared_run import ComparedRun
from dakit.reporting.compare.facts import differences, spread
from dakit.reporting.compare.grouping import group

MakeRun = Callable[..., ComparedRun]


def test_mean_and_standard_deviation_over_seeds(poster: tuple[ComparedRun, ...]) -> None:
    method = group(poster)[0].methods[1]
    values = [run.results.metrics["target_test"].accuracy for run in method.runs]
    found = spread(method, "target", "accuracy")
    assert found is not None
    assert found.mean == pytest.approx(np.mean(values))
    assert found.sd == pytest.approx(abs(values[0] - values[1]) / np.sqrt(2))
    assert found.n == 2


def test_one_seed_has_no_standard_deviation(make_run: MakeRun) -> None:
    found = spread(group([make_run()])[0].methods[0], "target", "auc")
    assert found is not None
    assert found.sd is None
    assert found.n == 1


def test_other_data_are_not_paired(make_run: MakeRun) -> None:
    same = [make_run(), make_run("mmd", separation=1.2)]
    other = [same[0], make_run("mmd", separation=1.2, fingerprint="bb")]
    widths = []
    for runs in (same, other):
        base, method = group(runs)[0].methods
        found = differences(method, base, "target")["accuracy"]
        assert found is not None
        assert found.low is not None
        assert found.high is not None
        widths.append(found.high - found.low)
    assert widths[0] < 0.8 * widths[1]


def test_without_labels_there_is_no_difference(make_run: MakeRun) -> None:
    base = make_run()
    sets = {**base.sets, "target": dataclasses.replace(base.sets["target"], labels=None)}
    first, second = group([base, make_run("mmd", sets=sets)])[0].methods
    assert set(differences(second, first, "target").values()) == {None}
    assert spread(second, "target", "accuracy") is None
    assert differences(second, first, "source")["accuracy"] is not None
