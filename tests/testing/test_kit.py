from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pytest

from dakit import LauncherSpec, catalog
from dakit.catalog import Component
from dakit.testing import BoundCheck, bound_checks, check_component, checks_for

pytest_plugins = ("pytester",)

EXAMPLES: dict[str, dict[str, Any]] = {
    "galaxy_mergers": {"origin": "mock", "mock_size": 100},
    "daan": {"hidden": (16,)},  # one discriminator a class: the default takes long
}


class Broken(LauncherSpec):
    """A launcher."""

    name: Literal["broken"] = "broken"
    bare: int = 1

    def build(self, context: Any) -> Any: ...


@pytest.fixture
def arrays_example(tmp_path: Any) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    for side in ("source", "target"):
        np.save(tmp_path / f"{side}.npy", rng.normal(size=(40, 5)))
        np.save(tmp_path / f"{side}_labels.npy", np.arange(40) % 2)
    return {
        side: {"inputs": tmp_path / f"{side}.npy", "labels": tmp_path / f"{side}_labels.npy"}
        for side in ("source", "target")
    }


@pytest.fixture
def images_example(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setenv("DAKIT_CACHE", str(tmp_path / "cache"))
    rng = np.random.default_rng(0)
    for i in range(40):
        folder = tmp_path / "images" / "ab"[i % 2]
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / f"{i}.npy", rng.normal(size=(6, 6)))
    return {side: {"path": tmp_path / "images"} for side in ("source", "target")}


def test_everything_that_is_shipped_passes(
    component: Component, arrays_example: Any, images_example: Any
) -> None:
    examples = {**EXAMPLES, "arrays": arrays_example, "images": images_example}
    report = check_component(component.spec_class, example=examples.get(component.name))
    assert report.ok, report
    assert all(outcome.reason for outcome in report.skipped)
    assert report.counts["passed"] > report.counts["skipped"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "component" in metafunc.fixturenames:
        offered = catalog.current().components()
        metafunc.parametrize("component", offered, ids=lambda c: f"{c.kind}-{c.name}")


def test_arrays_stay_mapped(arrays_example: Any) -> None:
    arrays = catalog.current().find("dataset", "arrays")
    outcomes = {o.check: o.state for o in check_component(arrays, example=arrays_example).outcomes}
    assert outcomes["keeps_mapped_inputs_mapped"] == "passed"


def test_a_report_counts_and_tells_why() -> None:
    report = check_component(Broken)
    assert not report.ok
    assert [outcome.check for outcome in report.failed][:1] == ["describes_every_field"]
    assert sum(report.counts.values()) == len(report.outcomes) == len(bound_checks(Broken))
    first, *lines = str(report).splitlines()
    assert first.startswith("launcher broken: 14 checks ran:")
    assert any("describes_every_field: no description: bare" in line for line in lines)


MMD = catalog.current().find("transfer", "mmd")
SEEN: list[str] = []


@checks_for(MMD, example={"clamp": 0.5})
def test_one_test_a_check(check: BoundCheck) -> None:
    SEEN.append(check.check.name)
    assert check.subject.spec().model_dump()["clamp"] == 0.5


def test_each_check_came_once() -> None:
    assert [b.check.name for b in bound_checks(MMD)] == SEEN
    assert len(set(SEEN)) == len(SEEN)


def test_pytest_counts_a_check_that_does_not_apply_as_skipped(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        from dakit import catalog
        from dakit.testing import checks_for

        @checks_for(catalog.current().find("validator", "oracle"), example={"name": "oracle"})
        def test_conformance(check):
            check()

        @checks_for(catalog.current().find("dataset", "arrays"))
        def test_arrays(check):
            check()
    """)
    pytester.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(passed=20, skipped=11)


def test_only_spec_classes_are_checked() -> None:
    with pytest.raises(TypeError, match="not a component spec class"):
        check_component(object)  # type: ignore[arg-type]
