"""What trackers are told of a run, and that none of them can stop one."""

import json
from typing import Any, Literal

import pytest

import dakit
from dakit import TrackerSpec
from dakit.contracts import BuildContext, TrackedRun, Tracker
from dakit.errors import RunError
from dakit.spec.identity import run_id
from dakit.spec.loading import spec_from_dict
from dakit.training.reporter import Reporter
from dakit.training.trackers import Trackers
from dakit.workflows.train import make_plan
from tests.offered import offered

TOLD: list[tuple[str, Any]] = []


class Listens(Tracker):
    def __init__(self, fails: str, error: BaseException) -> None:
        self.fails, self.error = fails, error

    def _told(self, what: str, of: Any) -> None:
        TOLD.append((what, of))
        if what == self.fails:
            raise self.error

    def begin(self, run: Any) -> None:
        self._told("begin", run)

    def epoch(self, row: Any) -> None:
        self._told("epoch", dict(row))

    def end(self, run: Any) -> None:
        self._told("end", run)


class ListensSpec(TrackerSpec):
    """Listens, and fails where it is asked to."""

    name: Literal["listens"] = "listens"
    fails: str = ""
    exits: bool = False

    def build(self, context: Any) -> Any:
        if self.fails == "build":
            raise ValueError("broken")
        if self.fails == "type":
            return "tracker"
        return Listens(self.fails, SystemExit(3) if self.exits else ValueError("broken"))


class Notes(Reporter):
    """Keeps what is noted."""

    def __init__(self, stop_after: int = 100) -> None:
        self.texts: list[str] = []
        self.stop_after = stop_after

    def note(self, text: str) -> None:
        self.texts.append(text)

    def epoch(self, row: Any) -> None:
        if row["epoch"] == self.stop_after:
            raise KeyboardInterrupt


@pytest.fixture(autouse=True)
def _offered():
    TOLD.clear()
    with offered(ListensSpec):
        yield


def spec(*trackers: Any) -> dict[str, Any]:
    return {
        "schema_version": 1,
        "name": "tiny",
        "data": "digits_shift",
        "model": {"backbone": {"name": "mlp", "hidden": [2]}},
        "objective": {},
        "training": {"epochs": 3, "batch_size": 512},
        "evaluation": {"bootstrap": 0},
        "trackers": list(trackers),
    }


def test_a_tracker_is_told_of_every_epoch_and_of_the_results(tmp_path):
    run = dakit.run(spec("listens", "listens"), out=tmp_path, reporter=Notes())
    assert [what for what, _ in TOLD] == ["begin"] * 2 + ["epoch"] * 6 + ["end"] * 2
    assert [row for _, row in TOLD[2:8:2]] == run.history
    first, second = TOLD[0][1], TOLD[1][1]
    assert (first.name, first.run_id, first.epochs_done) == ("tiny", run.results["run_id"], 0)
    assert first.spec == run.resolved
    assert first.own_folder.parent == run.folder.path / "trackers"
    assert first.own_folder != second.own_folder
    assert first.results is None
    assert TOLD[-1][1].results == run.results


def test_a_resumed_run_goes_on_where_it_was(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        dakit.run(spec("listens"), out=tmp_path, reporter=Notes(stop_after=2))
    assert [what for what, _ in TOLD] == ["begin", "epoch", "epoch", "end"]
    ended = TOLD[-1][1]
    assert ended.results is None
    TOLD.clear()
    dakit.run(spec("listens"), out=tmp_path, reporter=Notes(), resume=True)
    assert TOLD[0][1].epochs_done == 2
    assert TOLD[0][1].run_id == ended.run_id
    assert [row["epoch"] for what, row in TOLD if what == "epoch"] == [3]


def test_an_epoch_that_was_not_saved_comes_again(tmp_path, monkeypatch):
    def full(*_: Any) -> None:
        raise RunError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("dakit.training.trainer.save", full)
        with pytest.raises(RunError):
            dakit.run(spec("listens"), out=tmp_path, reporter=Notes())
    dakit.run(spec("listens"), out=tmp_path, reporter=Notes(), resume=True)
    assert [row["epoch"] for what, row in TOLD if what == "epoch"] == [1, 1, 2, 3]


@pytest.mark.parametrize("fails", ["build", "type", "begin", "epoch", "end"])
@pytest.mark.parametrize("exits", [False, True])
def test_one_that_fails_is_told_of_once_and_nobody_else_is_harmed(tmp_path, fails, exits):
    run, notes = TrackedRun("a", "0", tmp_path, tmp_path / "own", {}), Notes()
    specs = [ListensSpec(fails=fails, exits=exits), ListensSpec()]
    trackers = Trackers(specs, run, BuildContext(seed=0), notes.note)
    trackers.begin(0)
    for epoch in (1, 2, 3):
        trackers.epoch({"epoch": epoch})
    trackers.end({"name": "a"})
    (told,) = notes.texts
    assert told.startswith("The tracker 'listens' is told nothing more of this run: ")
    assert "broken" in told or "returned 'tracker'" in told or "SystemExit" in told
    assert len([row for what, row in TOLD if what == "epoch"]) == {"epoch": 4, "end": 6}.get(
        fails, 3
    )
    assert TOLD[-1][1].results == {"name": "a"}


def test_a_run_goes_on_without_a_tracker_that_fails(tmp_path):
    notes = Notes()
    run = dakit.run(spec({"name": "listens", "fails": "epoch"}), out=tmp_path, reporter=notes)
    assert run.folder.state == "finished"
    (told,) = [text for text in notes.texts if "tracker" in text]
    assert "the tracker 'listens' of the plugin 'mine' (dakit-mine 1.0) raised ValueError" in told


def test_trackers_are_no_part_of_what_a_run_is(tmp_path):
    without, with_one = (
        spec_from_dict(s).resolved for s in (spec(), spec({"name": "listens", "fails": "end"}))
    )
    old = {key: value for key, value in without.items() if key != "trackers"}
    assert run_id(without, "data") == run_id(with_one, "data") == run_id(old, "data")
    make_plan(spec({"name": "listens", "fails": "build"}), out=tmp_path, reporter=Notes(), dry=True)
    assert not TOLD


def test_a_finished_run_is_shown_where_the_plugin_of_its_tracker_is_gone(tmp_path):
    run = dakit.run(spec("listens"), out=tmp_path, reporter=Notes())
    resolved = json.loads(run.folder.resolved.read_text())
    assert resolved["trackers"] == [{"name": "listens", "fails": "", "exits": False}]
    from dakit.workflows.plan_again import plan_again

    with offered():
        assert plan_again(run).loaded.spec.trackers == ()
