"""Experiments, methods, and what they are called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dakit.reporting import palette
from dakit.reporting.compare.compared_run import ComparedRun
from dakit.reporting.compare.grouping import group
from dakit.spec.reference_table import ReferenceTable

MakeRun = Callable[..., ComparedRun]


def labels(*runs: ComparedRun) -> list[str]:
    (experiment,) = group(runs)
    return [method.label for method in experiment.methods]


def test_seeds_of_one_spec_are_a_method_in_the_published_order(
    poster: tuple[ComparedRun, ...], make_drawn_table: Callable[..., ReferenceTable]
) -> None:
    (experiment,) = group(poster, [make_drawn_table()])
    assert [m.label for m in experiment.methods] == ["noDA", "MMD", "MMD+F", "ADA", "ADA+F"]
    assert [m.seeds for m in experiment.methods] == [(1, 2)] * 5
    assert experiment.title == "galaxy_mergers, experiment sim_sim, network deepmerge"


def test_without_a_publication_labels_tell_the_terms_and_no_adaptation_comes_first(
    poster: tuple[ComparedRun, ...], make_drawn_table: Callable[..., ReferenceTable]
) -> None:
    elsewhere = make_drawn_table(data={"name": "other_data"})
    for tables in ((), (elsewhere,)):
        (experiment,) = group(poster, tables)
        found = {method.label: method.colour for method in experiment.methods}
        assert list(found) == ["noDA", "ADA+entropy+fisher", "MMD", "MMD+entropy+fisher", "ADA"]
        assert list(found.values()) == list(palette.CLASSES[:5])


def test_data_and_network_part_experiments_and_mock_never_mixes(make_run: MakeRun) -> None:
    runs = [
        make_run(),
        make_run(experiment="sim_real"),
        make_run(backbone="resnet18"),
        make_run(origin="mock"),
        make_run("mmd"),
    ]
    found = group(runs)
    assert [len(e.runs) for e in found] == [2, 1, 1, 1]
    assert len({e.title for e in found}) == 4
    assert found[3].title.startswith("MOCK DATA: ")


def test_the_seed_of_the_split_is_part_of_the_seed(make_run: MakeRun) -> None:
    data = {"name": "galaxy_mergers", "experiment": "sim_sim", "split": {"seed": 5}}
    (experiment,) = group([make_run(seed=1), make_run(seed=2, data=data)])
    assert len(experiment.methods) == 1


def test_one_seed_on_two_data_sets_is_never_taken_for_two_seeds(make_run: MakeRun) -> None:
    runs = [make_run(*how, fingerprint=data) for how in ((), ("mmd",)) for data in ("aa", "bb")]
    found = group(runs)
    assert [[run.fingerprint for run in e.runs] for e in found] == [["aa", "aa"], ["bb", "bb"]]
    assert [m.seeds for e in found for m in e.methods] == [(1,)] * 4
    assert [e.title.rpartition(", ")[2] for e in found] == ["data aa", "data bb"]


def test_data_that_depend_on_the_seed_stay_together(make_run: MakeRun) -> None:
    (experiment,) = group([make_run(seed=1), make_run(seed=2, fingerprint="bb")])
    assert experiment.methods[0].seeds == (1, 2)


def test_a_run_given_twice_counts_once(make_run: MakeRun) -> None:
    (experiment,) = group([make_run(), make_run(), make_run(seed=2)])
    assert experiment.methods[0].seeds == (1, 2)


def test_methods_of_one_recipe_are_told_apart_by_name_or_by_settings(make_run: MakeRun) -> None:
    named = [make_run("mmd", name=n, optimizer={"lr": lr}) for n, lr in (("a", 0.1), ("b", 0.2))]
    assert labels(*named) == ["MMD (a)", "MMD (b)"]
    same = [make_run("mmd", optimizer={"lr": lr}) for lr in (0.1, 0.2)]
    assert labels(*same) == ["MMD (lr 0.1)", "MMD (lr 0.2)"]


def test_names_and_places_do_not_part_a_method(make_run: MakeRun) -> None:
    first = make_run("mmd", name="a", seed=1, description="x")
    second = make_run("mmd", name="b", seed=2, training={"epochs": 9, "device": "cpu"})
    third = make_run("mmd", name="b", seed=3, training={"epochs": 9, "device": "cuda"})
    assert labels(first, make_run("mmd", name="b", seed=2)) == ["MMD"]
    (experiment,) = group([second, third])
    assert len(experiment.methods) == 1


def test_what_a_run_starts_from_is_part_of_the_method_wherever_it_lies(make_run: MakeRun) -> None:
    def started(seed: int, **init: str) -> ComparedRun:
        return make_run("mmd", seed=seed, init_from={"spec": None, "run": None, **init})

    one = labels(started(1, spec="/a/first.json"), started(2, spec="/b/first.json"))
    assert one == ["TL+MMD"]
    assert len(labels(started(1, spec="/a/first.json"), started(1, spec="/a/other.json"))) == 2
    runs = (started(1, run="/r/first-0123456789"), started(2, run="/r/first-abcdef0123"))
    assert labels(*runs) == ["TL+MMD"]


def test_an_oracle_bears_its_stamp(make_run: MakeRun) -> None:
    training = {"epochs": 9, "selection": {"name": "oracle"}}
    assert labels(make_run(), make_run(oracle=True, training=training)) == ["noDA", "noDA ORACLE"]


@pytest.mark.parametrize(
    ("data", "title"),
    [
        ({"name": "images", "bad_files": "stop"}, "images tng → sdss.csv, network small_cnn"),
        (
            {"name": "images", "bad_files": "skip"},
            "images tng → sdss.csv, bad_files skip, network small_cnn",
        ),
        ({"name": "gone", "mode": "a"}, "gone, mode a, network small_cnn"),
    ],
)
def test_a_title_says_where_from_and_what_is_no_default(
    make_run: MakeRun, data: dict[str, Any], title: str
) -> None:
    sides = {"source": {"path": "/x/tng"}, "target": {"path": "/y/sdss.csv", "root": None}}
    (experiment,) = group([make_run(data={**sides, **data, "split": {}}, backbone="small_cnn")])
    assert experiment.title == title
