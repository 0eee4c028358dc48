"""A broken dataset is caught by the check that is there for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from pydantic import Field

from dakit import DatasetSpec
from dakit.contracts import (
    BuildContext,
    Domain,
    DomainPair,
    Provenance,
)
from dakit.testing import Skipped


def pair(draw: int = 0) -> DomainPair:
    rng = np.random.default_rng(draw)
    labels = np.arange(60, dtype=np.int64) % 3
    inputs = rng.normal(size=(60, 4)).astype(np.float32)
    source = Domain("source", inputs, labels, np.arange(60))
    target = Domain("target", inputs + 1, labels, np.arange(60))
    return DomainPair(source, target, ("a", "b", "c"), Provenance("generated", "points"))


def with_target(**changes: Any) -> DomainPair:
    return replace(pair(), target=replace(pair().target, **changes))


def label_in_the_inputs() -> DomainPair:
    inputs = pair().target.inputs.copy()
    inputs[:, 2] = pair().target.labels * 0.1 + 5
    return with_target(inputs=inputs)


def two_words() -> DomainPair:
    return replace(pair(), provenance=Provenance("my files", ""))


def listed_checksums() -> DomainPair:
    wrong: Any = ["abc"]
    return replace(pair(), provenance=Provenance("generated", "", wrong))


def nan_inputs() -> DomainPair:
    return with_target(inputs=np.full((60, 4), np.nan, np.float32))


DATASETS: list[tuple[Callable[[], DomainPair], str, str]] = [
    (lambda: with_target(ids=np.zeros(60)), "has_unique_ids", "different ids"),
    (lambda: with_target(labels=np.full(60, 7)), "has_labels_in_range", "to 7 for 3"),
    (label_in_the_inputs, "hides_the_target_labels", "inputs tell"),
    (lambda: with_target(groups=pair().target.labels), "hides_the_target_labels", "groups tell"),
    (two_words, "has_a_word_for_its_origin", "one word"),
    (listed_checksums, "builds_from_its_spec", "'build.provenance.checksums' of 'points' returned"),
    (nan_inputs, "can_be_trained_on", "target"),
    (lambda: pair(int.from_bytes(np.random.bytes(3))), "is_the_same_each_time", "other inputs"),
]


@pytest.mark.parametrize(("build", "check", "message"), DATASETS)
def test_a_broken_dataset_is_caught(
    build: Callable[[], DomainPair],
    check: str,
    message: str,
    run_check: Callable[..., None],
    assert_caught: Callable[..., None],
) -> None:
    def spec_of(made: Callable[[], DomainPair]) -> Any:
        class Spec(DatasetSpec):
            name: Literal["points"] = "points"

            def build(self, context: BuildContext) -> DomainPair:
                return made()

        return Spec

    run_check(spec_of(pair), check)
    assert_caught(spec_of(build), check, message)


class FromFile(DatasetSpec):
    name: Literal["from_file"] = "from_file"
    file: Path = Field(description="The inputs.")
    mapped: bool = Field(True, description="Map it.")

    def build(self, context: BuildContext) -> DomainPair:
        inputs = np.load(self.file, mmap_mode="r" if self.mapped else None)
        return replace(
            pair(),
            source=replace(pair().source, inputs=inputs),
            target=replace(pair().target, inputs=inputs),
        )


def test_a_file_that_is_read_whole_is_caught(
    tmp_path: Path, run_check: Callable[..., None], assert_caught: Callable[..., None]
) -> None:
    np.save(tmp_path / "inputs.npy", pair().source.inputs)
    check, file = "keeps_mapped_inputs_mapped", tmp_path / "inputs.npy"
    run_check(FromFile, check, file=file)
    assert_caught(FromFile, check, "read whole", file=file, mapped=False)


def test_a_field_without_value_skips_what_needs_it(run_check: Callable[..., None]) -> None:
    run_check(FromFile, "describes_every_field")
    with pytest.raises(Skipped, match="no default and no example: file"):
        run_check(FromFile, "has_unique_ids")


def test_an_outline_of_other_data_is_caught(
    run_check: Callable[..., None], assert_caught: Callable[..., None]
) -> None:
    def spec_of(outlined: DomainPair) -> Any:
        class Spec(DatasetSpec):
            name: Literal["points"] = "points"

            def outline(self, base_dir: Path) -> DomainPair:
                return outlined

            def build(self, context: BuildContext) -> DomainPair:
                return pair()

        return Spec

    check = "outlines_what_it_builds"
    unread = np.broadcast_to(np.float32(0), (60, 4))
    run_check(spec_of(with_target(inputs=unread)), check)
    assert_caught(spec_of(with_target(inputs=unread[:, :3])), check, r"\(60, 3\)")
    assert_caught(spec_of(with_target(labels=None)), check, "other labels")
    assert_caught(spec_of(with_target(ids=np.arange(1, 61))), check, "other ids")
