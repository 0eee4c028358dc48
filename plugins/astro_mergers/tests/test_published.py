"""The published tables: as printed, and what their numbers say of each other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dakit.evaluation.metrics import metric_set
from dakit.reporting import palette
from dakit.reporting.compare.compared_run import Recipe
from dakit.reporting.compare.published import contradictions, looks_of
from dakit.spec.reference_table import ReferenceTable, read_reference_table
from dakit_astro_mergers.galaxy_mergers import GalaxyMergers

PATHS = {path.stem: path for path in map(Path, GalaxyMergers.published_tables())}


def table(name: str) -> ReferenceTable:
    return read_reference_table(PATHS[name])


def test_every_table_is_valid_and_named_like_its_file() -> None:
    assert set(PATHS) == {
        *("deepmerge2_sim_sim", "deepmerge2_sim_real", "talk2021_sim_sim_resnet18"),
        *("students_sim_sim", "students_sim_real"),
    }
    for name, path in PATHS.items():
        found = read_reference_table(path)
        assert found.name == name
        assert found.citation
        assert GalaxyMergers.model_validate(found.data)


def test_only_the_students_looked_at_target_labels_and_timed_their_epochs() -> None:
    for name in PATHS:
        students = name.startswith("students")
        assert table(name).used_target_labels == students
    seconds = {m.method: m.seconds_per_epoch for m in table("students_sim_sim").methods}
    assert seconds == {
        "No Domain Adaptation": None,
        "MMD": 8.4,
        "MMD + Fisher + Entropy": 19.5,
        "Adversarial": 4.5,
        "Adv. + Fisher + Entropy": 13.2,
    }


def test_of_the_papers_sixteen_rows_exactly_one_contradicts_itself() -> None:
    tables = [table("deepmerge2_sim_sim"), table("deepmerge2_sim_real")]
    rows = [(m, role) for t in tables for m in t.methods for role in ("source", "target")]
    assert len(rows) == 16
    assert all(getattr(m, role).precision is not None for m, role in rows)
    (found,) = contradictions(tables)
    assert found.row.table.name == "deepmerge2_sim_sim"
    assert (found.row.method.method, found.role) == ("noDA", "target")


@pytest.mark.parametrize("experiment", ["sim_sim", "sim_real"])
def test_methods_are_called_and_coloured_as_on_the_poster(experiment: str) -> None:
    data = {"name": "galaxy_mergers", "experiment": experiment, "origin": "mock"}
    looks = looks_of(map(table, PATHS), data)
    both = ("entropy", "fisher")
    poster = {
        "noDA": (Recipe(True, None, (), False), palette.NAVY),
        "MMD": (Recipe(True, "mmd", (), False), palette.PURPLE),
        "MMD+F": (Recipe(True, "mmd", both, False), palette.DARK_PURPLE),
        "ADA": (Recipe(True, "dann", (), False), palette.YELLOW),
        "ADA+F": (Recipe(True, "dann", both, False), palette.PINK),
    }
    recipes = [recipe for recipe, _ in poster.values()]
    assert [looks.label(recipe) for recipe in recipes] == list(poster)
    assert looks.colours(recipes) == [colour for _, colour in poster.values()]
    assert sorted(recipes, key=looks.rank) == recipes
    transfer = Recipe(True, "mmd", (), True)
    assert looks.label(transfer) == "TL+MMD"
    assert looks.colours([recipes[0], transfer]) == [palette.NAVY, palette.YELLOW]


def test_the_published_target_accuracies() -> None:
    expected = {
        "deepmerge2_sim_sim": [0.58, 0.77, 0.77, 0.79, 0.74],
        "deepmerge2_sim_real": [0.50, 0.53, 0.69],
        "talk2021_sim_sim_resnet18": [0.60, 0.74, 0.72, 0.75, 0.70],
        "students_sim_sim": [0.63, 0.76, 0.72, 0.74, 0.75],
        "students_sim_real": [0.62, 0.68, 0.47],
    }
    for name, accuracies in expected.items():
        assert [m.target.accuracy for m in table(name).methods] == accuracies


@pytest.mark.parametrize(
    ("role", "matrix"),
    [("source", [[567, 52], [47, 534]]), ("target", [[111, 479], [125, 485]])],
)
def test_the_published_confusion_matrices_give_the_published_metrics(
    role: str, matrix: list[list[int]]
) -> None:
    """The counts of the published notebook are those of sim-real without adaptation."""
    counts = np.asarray(matrix)
    labels = np.repeat([0, 0, 1, 1], counts.ravel())
    predicted = np.repeat([0, 1, 0, 1], counts.ravel())
    found = metric_set(labels, np.eye(2)[predicted], bootstrap=0)
    printed = getattr(table("deepmerge2_sim_real").methods[0], role)
    for name in ("accuracy", "precision", "recall", "f1"):
        assert round(found.value(name), 2) == getattr(printed, name), name


def test_the_students_brier_score_is_one_minus_accuracy() -> None:
    for name in ("students_sim_sim", "students_sim_real"):
        for method in table(name).methods:
            for scores in (method.source, method.target):
                assert scores.brier is not None
                assert scores.accuracy is not None
                assert abs(scores.brier - (1 - scores.accuracy)) <= 0.0101
