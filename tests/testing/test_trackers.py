"""A broken tracker is caught by the check that is there for it."""

import json
from typing import Any, Literal

import pytest

from dakit import TrackerSpec
from dakit.contracts import Tracker


class Sound(Tracker):
    """Writes lines into its folder, with places to break it."""

    outside = False
    changes = False
    sums_metrics = False
    refuses_to_go_on = False

    def begin(self, run: Any) -> None:
        if self.refuses_to_go_on:
            run.own_folder.mkdir(parents=True)
        run.own_folder.mkdir(parents=True, exist_ok=True)
        self.file = (run.folder if self.outside else run.own_folder) / "rows.jsonl"

    def epoch(self, row: Any) -> None:
        with self.file.open("a") as file:
            file.write(json.dumps(row) + "\n")
        if self.changes:
            row.clear()

    def end(self, run: Any) -> None:
        if self.sums_metrics and run.results:
            sum(run.results["metrics"]["target_test"].values())


def spec_of(made: Any) -> type[TrackerSpec]:
    class BrokenSpec(TrackerSpec):
        """A tracker."""

        name: Literal["broken"] = "broken"

        def build(self, context: Any) -> Any:
            return made() if isinstance(made, type) else made

    return BrokenSpec


def broken(how: str) -> Any:
    return type("Broken", (Sound,), {how: True})


CASES = [
    ("tracker", "builds_from_its_spec", "returned str"),
    (broken("sums_metrics"), "takes_a_whole_run", "NoneType"),
    (broken("refuses_to_go_on"), "goes_on_with_a_run", "exists"),
    (broken("changes"), "changes_nothing_of_the_run", "changes the row"),
    (broken("outside"), "changes_nothing_of_the_run", r"writes into.*rows\.jsonl"),
]


@pytest.mark.parametrize(("made", "check", "message"), CASES)
def test_the_check_for_it_catches(assert_caught, made, check, message):
    assert_caught(spec_of(made), check, message)


@pytest.mark.parametrize("check", sorted({check for _, check, _ in CASES}))
def test_a_sound_one_passes(run_check, check):
    run_check(spec_of(Sound), check)
