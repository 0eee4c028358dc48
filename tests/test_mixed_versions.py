"""A run that was killed is not finished with another version of a formula unless that is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any, Literal

import pytest
from rich.console import Console
from torch import Tensor

import dakit
from dakit import RegularizerSpec
from dakit.cli.app import main
from dakit.contracts import Batch, BuildContext, LossTerm
from dakit.errors import InputError
from dakit.plugins import catalog
from dakit.plugins.catalog import Catalog
from dakit.plugins.loading import LoadedPlugin, PluginInfo, load_plugins
from dakit.plugins.options import PluginOptions
from dakit.plugins.sources import local
from dakit.reporting.compare.cautions import cautions as compare_cautions
from dakit.reporting.compare.console import print_comparison
from dakit.reporting.report.cautions import cautions
from dakit.runs.folder import RunFolder
from dakit.training.reporter import SilentReporter
from dakit.workflows import compare as comparison
from dakit.workflows.report import gather

SPEC: dict[str, Any] = {
    "schema_version": 1,
    "name": "mixed",
    "data": "digits_shift",
    "model": {"backbone": {"name": "mlp", "hidden": [4]}},
    "objective": {"task": "cross_entropy", "regularizers": ["small"]},
    "training": {"epochs": 3, "batch_size": 512, "device": "cpu"},
    "evaluation": {"bootstrap": 0},
}


class Small(LossTerm):
    def forward(self, batch: Batch) -> Tensor:
        return batch.target.features.square().mean()


class SmallSpec(RegularizerSpec):
    name: Literal["small"] = "small"

    def build(self, context: BuildContext) -> LossTerm:
        return Small()


@contextmanager
def installed(version: str) -> Iterator[None]:
    own = load_plugins(PluginOptions(allowed=())).plugins
    mine = LoadedPlugin(PluginInfo("classics", version, "dakit-classics"), (SmallSpec,))
    idle = LoadedPlugin(PluginInfo("idle", version, "dakit-idle"))
    with catalog.using(Catalog([*own, mine, idle])):
        yield


class Killed(SilentReporter):  # type: ignore[misc]
    """Ends the process after two epochs."""

    def epoch(self, row: Mapping[str, Any]) -> None:
        if row["epoch"] == 2:
            raise KeyboardInterrupt


@pytest.fixture
def killed(tmp_path: Path) -> RunFolder:
    with installed("0.1.0"), pytest.raises(KeyboardInterrupt):
        dakit.run(SPEC, out=tmp_path, reporter=Killed())
    (path,) = tmp_path.iterdir()
    return RunFolder(path)


def resume(folder: RunFolder, **options: Any) -> dakit.workflows.train.Run:
    out = folder.path.parent
    return dakit.run(SPEC, out=out, resume=True, reporter=SilentReporter(), **options)


def test_a_plugin_of_another_version_is_refused(killed: RunFolder) -> None:
    with installed("0.2.0"), pytest.raises(InputError) as caught:
        resume(killed)
    assert "so far with classics 0.1.0 (0.2.0 is installed): go on with these" in str(caught.value)
    assert "--other-versions" in str(caught.value)
    assert killed.state == "interrupted"


def test_dakit_of_another_version_is_refused(
    killed: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = dakit.__version__
    monkeypatch.setattr("dakit.__version__", "9.9")
    with installed("0.1.0"), pytest.raises(InputError, match=rf"dakit {here} \(9\.9 is install"):
        resume(killed)


def test_the_same_versions_go_on(killed: RunFolder) -> None:
    with installed("0.1.0"):
        run = resume(killed)
        assert not [line for line in cautions(gather(run)) if "mixed" in line]
    assert [row["epoch"] for row in run.history] == [1, 2, 3]


def test_where_it_is_asked_for_every_epoch_has_its_versions_and_the_report_says_so(
    killed: RunFolder,
) -> None:
    with installed("0.2.0"):
        run = resume(killed, other_versions=True)
        told = cautions(gather(run))
    versions = [row["versions"] for row in run.history]
    assert [each["classics"] for each in versions] == ["0.1.0", "0.1.0", "0.2.0"]
    assert all(set(each) == {"dakit", "classics"} for each in versions)
    own = f"dakit {dakit.__version__}"
    (line,) = [line for line in told if "mixed" in line]
    assert f"epochs 1 to 2 with {own}, classics 0.1.0; epochs 3 to 3 with {own}, cl" in line


def test_a_comparison_warns_of_a_run_of_several_versions_and_of_runs_of_other_ones(
    killed: RunFolder, tmp_path: Path
) -> None:
    with installed("0.2.0"):
        mixed = resume(killed, other_versions=True)
        whole = dakit.run(SPEC | {"seed": 7}, out=tmp_path / "b", reporter=SilentReporter())
        both = comparison.gather([mixed, whole], latent=False)
        told = compare_cautions(both)
        console = Console(width=500, record=True, file=StringIO())
        print_comparison(console, both)
        alone = compare_cautions(comparison.gather([whole], latent=False))
    own = f"dakit {dakit.__version__}"
    (line,) = [line for line in told if line.startswith("Versions are mixed")]
    assert f"epochs 1 to 2 with {own}, classics 0.1.0; epochs 3 to 3 with {own}, cl" in line
    assert "seed 0" in line
    assert "seed 7" not in line
    assert line in " ".join(console.export_text().split())
    (line,) = [line for line in told if line.startswith("Different versions")]
    assert "'classics'" in line
    assert "0.1.0, then 0.2.0: mixed seed 0" in line
    assert "0.2.0: mixed seed 7" in line
    assert not [line for line in alone if "ersions" in line]


def test_a_run_of_several_versions_of_dakit_is_told_beside_one_of_the_last(
    killed: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = dakit.__version__
    monkeypatch.setattr("dakit.__version__", "9.9")
    with installed("0.1.0"):
        mixed = resume(killed, other_versions=True)
        whole = dakit.run(SPEC | {"seed": 7}, out=tmp_path / "b", reporter=SilentReporter())
        told = compare_cautions(comparison.gather([mixed, whole], latent=False))
    (line,) = [line for line in told if line.startswith("Different versions")]
    assert f"'builtin' made these runs ({here}, then 9.9: mixed seed 0; 9.9: mixed seed 7)" in line


def test_the_option_is_one_of_the_command(killed: RunFolder, tmp_path: Path) -> None:
    line = ["run", str(killed.spec), "--out", str(tmp_path), "--resume", "--no-report"]
    with installed("0.2.0"):
        assert main(line) == 2
        assert main([*line, "--other-versions"]) == 0
    assert killed.state == "finished"


def test_a_local_file_that_was_edited_has_another_version(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text("a = 1\n")
    (before,) = local([file])
    file.write_text("a = 2\n")
    (after,) = local([file])
    assert before.version.startswith("local ")
    assert before.version != after.version
