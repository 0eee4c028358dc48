from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import pytest
from torch import Tensor

from dakit import BackboneSpec, ComponentSpec, LauncherSpec, TransferLossSpec
from dakit.components import SPEC_BASES
from dakit.contracts import Batch, BuildContext, LossTerm
from dakit.plugins import catalog
from dakit.plugins.catalog import Component
from dakit.plugins.sources import local
from dakit.spec.schema import spec_fragment
from dakit.testing import BoundCheck, bound_checks, check_component, checks_for

pytest_plugins = ("pytester",)

EXAMPLES: dict[str, dict[str, Any]] = {
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
    assert not report.failed, str(report)
    assert all(outcome.reason for outcome in report.skipped)
    assert report.counts["passed"] > report.counts["skipped"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "component" in metafunc.fixturenames:
        # bundles have their own tests of conformance
        offered = [c for c in catalog.current().components() if c.plugin.distribution == "dakit"]
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
    assert first.startswith("launcher broken: 10 checks ran:")
    assert any("describes_every_field: no description: bare" in line for line in lines)


class DoesNotBuild(TransferLossSpec):
    """A loss."""

    name: Literal["does_not_build"] = "does_not_build"

    def build(self, context: Any) -> Any:
        return _broken_deep_inside()


class FailsLater(DoesNotBuild):
    """A loss."""

    def build(self, context: Any) -> Any:
        return _FailingTerm()


class BackboneThatDoesNotBuild(BackboneSpec):
    """A backbone."""

    name: Literal["does_not_build"] = "does_not_build"

    def build(self, context: Any) -> Any:
        return _broken_deep_inside()


class _FailingTerm(LossTerm):
    def forward(self, batch: Batch) -> Tensor:
        return batch.source.features @ batch.source.logits


def _broken_deep_inside() -> Any:
    return BuildContext(seed="x").new_head(purpose=len(3))  # type: ignore[arg-type]


def line_of(function: Any) -> int:
    return inspect.getsourcelines(function)[1] + 1


@pytest.mark.parametrize("spec_class", [DoesNotBuild, BackboneThatDoesNotBuild])
def test_what_does_not_build_is_told_once_with_its_place(spec_class: Any) -> None:
    report = check_component(spec_class)
    (told,) = [outcome for outcome in report.failed if outcome.check != "imports_no_torch"]
    assert told.check == "builds_from_its_spec"
    assert "TypeError: object of type 'int' has no len()" in told.reason
    assert told.reason.endswith(f"test_kit.py:{line_of(_broken_deep_inside)})")
    assert {o.reason for o in report.skipped} == {"it does not build: see builds_from_its_spec"}
    assert {"says_what_it_is", "survives_json"} <= {o.check for o in report.outcomes} - {
        o.check for o in report.skipped
    }


def test_an_exception_is_told_with_the_plugin_s_line_not_torch_s() -> None:
    outcomes = {outcome.check: outcome for outcome in check_component(FailsLater).outcomes}
    place = f"test_kit.py:{line_of(_FailingTerm.forward)})"
    assert outcomes["returns_a_scalar"].reason.endswith(place)
    assert isinstance(outcomes["returns_a_scalar"].error, RuntimeError)
    assert outcomes["needs_what_it_declares"].reason.endswith(place)  # told of a cause
    assert outcomes["builds_from_its_spec"].state == "passed"


LOCAL = """
from __future__ import annotations
from typing import Literal
from dakit import TransferLossSpec
class Local(TransferLossSpec):
    "A loss."
    name: Literal["local"] = "local"
    def build(self, context):
        from dakit.contracts import LossTerm
        class Term(LossTerm):
            def forward(self, batch):
                return (batch.source.features.mean(0) - batch.target.features.mean(0)).sum()
        return Term()
"""


@pytest.mark.parametrize(
    ("text", "failures"),
    [(LOCAL, []), (f"{LOCAL}\nimport torch\n", ["imports_no_torch"])],
    ids=["light", "heavy"],
)
def test_a_single_file_can_be_checked(text: str, failures: list[str], tmp_path: Path) -> None:
    file = tmp_path / "single_file.py"
    file.write_text(text)
    module: Any = local([file])[0].load()
    report = check_component(module.Local)
    assert [outcome.check for outcome in report.failed] == failures, report
    reasons = {outcome.check: outcome.reason for outcome in report.skipped}
    for check in ("survives_pickling", "survives_pickling_when_built"):
        assert "--plugin-module" in reasons[check]


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
        from dakit.plugins import catalog
        from dakit.testing import checks_for

        @checks_for(catalog.current().find("validator", "oracle"), example={"name": "oracle"})
        def test_conformance(check):
            check()

        @checks_for(catalog.current().find("dataset", "arrays"))
        def test_arrays(check):
            check()
    """)
    pytester.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(passed=24, skipped=14)


def test_only_spec_classes_are_checked() -> None:
    with pytest.raises(TypeError, match="not a component spec class"):
        check_component(object)  # type: ignore[arg-type]


class OddSpec(ComponentSpec):
    kind: ClassVar[str] = "odd"
    kind_label: ClassVar[str] = "odd thing"
    kind_place: ClassVar[str] = "odd.things.0"


class Odd(OddSpec):
    """An odd thing."""

    name: Literal["odd"] = "odd"

    def build(self, context: BuildContext) -> object:
        return object()


class Unbuilt(Odd):
    """Cannot be built."""

    def build(self, context: BuildContext) -> object:
        raise ValueError("no")


def test_a_kind_needs_no_more_than_its_base(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SPEC_BASES, "odd", OddSpec)
    fails = {spec: {o.check for o in check_component(spec).failed} for spec in (Odd, Unbuilt)}
    assert fails[Odd] == {"imports_no_torch"}  # as this file does
    assert "builds_from_its_spec" in fails[Unbuilt]
    assert spec_fragment(Odd) == {"odd": {"things": [{"name": "odd"}]}}
