from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, ClassVar, Literal

import pytest
from pydantic import Field

from dakit import BackboneSpec, TransferLossSpec
from dakit.cli.app import main
from dakit.plugins import catalog
from dakit.plugins.catalog import Catalog
from dakit.plugins.loading import LoadedPlugin, PluginInfo, load_plugins
from dakit.plugins.options import PluginOptions


class Sliced(TransferLossSpec):
    """Sliced distance.

    The mean of ``D`` one-dimensional distances.
    """

    paper: ClassVar[str] = "Lee et al. 2019"
    oracle: ClassVar[str] = "scipy, in one dimension"
    measured: ClassVar[str] = "on nothing yet"
    name: Literal["sliced"] = "sliced"
    projections: int = Field(128, ge=1, description="Number of directions.")

    def build(self, context: Any) -> Any: ...


class SlicedNet(BackboneSpec):
    """A network of the same name."""

    published_head: ClassVar[tuple[int, ...]] = (64, 32)

    name: Literal["sliced"] = "sliced"

    def build(self, context: Any) -> Any: ...


BEFORE = catalog.current()
OFFERED = Catalog([LoadedPlugin(PluginInfo("mine", "1.2", "dakit-mine"), (Sliced, SlicedNet))])


@pytest.fixture(autouse=True)
def _catalog() -> Iterator[None]:
    with catalog.using(OFFERED):
        yield


def test_everything_about_a_component(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", "sliced", "--kind", "transfer"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("sliced: transfer loss, from plugin 'mine' (dakit-mine 1.2)\n")
    assert "\nSliced distance.\n\nThe mean of `D` one-dimensional distances.\n" in out
    assert "\nPaper: Lee et al. 2019\nOracle: scipy, in one dimension\n" in out
    assert "\nMeasured: on nothing yet\n\n" in out
    (row,) = [line.split() for line in out.splitlines() if line.startswith("projections")]
    assert row == ["projections", "integer", "128", "≥", "1", "Number", "of", "directions."]


def test_the_published_head_of_a_backbone_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", "sliced", "--kind", "backbone"]) == 0
    assert "\nDefault of model.head.hidden: [64, 32], as published\n" in capsys.readouterr().out


def test_fragment_can_be_pasted(capsys: pytest.CaptureFixture[str]) -> None:
    main(["info", "sliced", "--kind", "transfer"])
    fragment = json.loads(capsys.readouterr().out.partition("In a run spec:\n")[2])
    pasted = Sliced.model_validate(fragment["objective"]["transfer"])
    assert pasted == Sliced()


def test_one_name_of_several_kinds_is_explained_for_each(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["info", "sliced"]) == 0
    out = capsys.readouterr().out
    assert "sliced: backbone, " in out
    assert "sliced: transfer loss, " in out


def test_unknown_name_is_the_users_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", "slicd"]) == 2
    assert capsys.readouterr().err.startswith(
        "error: there is no component named 'slicd'; did you mean 'sliced'?"
    )


def test_a_launcher_belongs_into_a_sweep_file(capsys: pytest.CaptureFixture[str]) -> None:
    with catalog.using(BEFORE):
        main(["info", "local"])
    fragment = json.loads(capsys.readouterr().out.partition("In a sweep file:\n")[2])
    assert fragment == {"launcher": {"name": "local"}}


def test_a_long_default_is_cut(capsys: pytest.CaptureFixture[str]) -> None:
    builtin = load_plugins(PluginOptions(allowed=())).plugins
    with catalog.using(Catalog(builtin)):
        assert main(["info", "mmd"]) == 0
    (row,) = (r for r in capsys.readouterr().out.splitlines() if r.startswith("variances "))
    assert "[1e-06, 1e-05, " in row
    assert " ...  " in row
    assert len(row) < 200
