"""What a dataset promises: sound domains, the same each time, no label in the inputs; files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dakit.components import DatasetSpec
from dakit.contracts import Domain, DomainPair
from dakit.data.batches import InputBatch, TrainingBatches
from dakit.data.checks import check_parts
from dakit.data.mapping import memory_map
from dakit.data.prepare import PreparedData, prepare
from dakit.files.remote_files import RemoteFiles
from dakit.plugins.checks import component_name
from dakit.spec.annotations import fields, values_in
from dakit.spec.reference_table import ReferenceTable, read_reference_table
from dakit.testing.check import Skipped, checks_of, require
from dakit.testing.subject import Subject, loss_context

SEED = 1
LOOKED_AT = 500
"""So many rows of a domain are compared."""


def builds_from_its_spec(subject: Subject) -> None:
    """Its spec builds a DomainPair, every part of which is of its type."""
    pair = built(subject)
    require(isinstance(pair, DomainPair), f"build returned {type(pair).__name__}, no DomainPair")
    check_parts(pair, _spec(subject))


def has_a_word_for_its_origin(subject: Subject) -> None:
    """Its provenance has one word for the origin of the data."""
    origin = built(subject).provenance.origin
    require(len(origin.split()) == 1, f"provenance.origin must be one word, not {origin!r}")


def has_unique_ids(subject: Subject) -> None:
    """The ids of a domain are unique."""
    for domain in _domains(subject):
        unique, rows = len(np.unique(domain.ids)), len(domain)
        require(unique == rows, f"{domain.name}: {rows} rows but {unique} different ids")


def has_labels_in_range(subject: Subject) -> None:
    """The labels are indices of the class names; the source has at least two classes."""
    pair = built(subject)
    for domain in (pair.source, pair.target):
        if domain.labels is not None:
            lowest, highest = int(domain.labels.min()), int(domain.labels.max())
            require(
                lowest >= 0 and highest < pair.num_classes,
                f"{domain.name}: labels from {lowest} to {highest} for {pair.num_classes} classes",
            )
    require(len(np.unique(_source_labels(pair))) > 1, "the source has a single class")


def can_be_trained_on(subject: Subject) -> None:
    """It is split, normalised and cut into finite batches of the right shapes."""
    pair = built(subject)
    for batch in _batches(subject, _prepared(subject, pair)):
        source, target = _inputs(batch)
        require(source.shape[1:] == target.shape[1:], "the domains' inputs differ in shape")
        finite = bool(source.isfinite().all() and target.isfinite().all())
        require(finite, "the inputs are not finite")


def is_the_same_each_time(subject: Subject) -> None:
    """Two builds from the same spec and seed are the same."""
    again = subject.build()
    for first, second in zip(_domains(subject), (again.source, again.target), strict=True):
        rows = slice(0, LOOKED_AT)
        for what in ("inputs", "labels", "ids", "groups"):
            one, other = getattr(first, what), getattr(second, what)
            same = one is other is None or np.array_equal(one[rows], other[rows])
            require(same, f"{first.name}: a second build has other {what}")
    same = built(subject).provenance.checksums == again.provenance.checksums
    require(same, "a second build has other checksums")


def outlines_what_it_builds(subject: Subject) -> None:
    """Where ``outline`` returns domains, they are those of ``build`` but for the inputs' values."""
    outline = _spec(subject).outline(loss_context().base_dir)
    if outline is None:
        return
    for told, domain in zip((outline.source, outline.target), _domains(subject), strict=True):
        shapes = [(d.inputs.shape, d.inputs.dtype) for d in (told, domain)]
        require(
            shapes[0] == shapes[1],
            f"{domain.name}: inputs {shapes[0]} in the outline, {shapes[1]} when built",
        )
        for what in ("labels", "ids", "groups"):
            one, other = getattr(told, what), getattr(domain, what)
            same = one is other is None or np.array_equal(one, other)
            require(same, f"{domain.name}: the outline has other {what} than what is built")


def hides_the_target_labels(subject: Subject) -> None:
    """Training sees the same with target labels and without; inputs and groups do not tell them."""
    pair = built(subject)
    if pair.target.labels is None:
        raise Skipped("the target has no labels")
    for what, columns in (("inputs", _columns(pair.target)), ("groups", _groups(pair.target))):
        told = _tells(columns, pair.target.labels[:LOOKED_AT])
        require(not told, f"the target's {what} tell its labels")
    require(
        not _tells(_columns(pair.source), _source_labels(pair)[:LOOKED_AT]),
        "the source's inputs tell its labels",
    )
    without = replace(pair, target=replace(pair.target, labels=None))
    both = [list(_batches(subject, _prepared(subject, p))) for p in (pair, without)]
    for one, other in zip(*both, strict=True):
        require(_same_batch(one, other), "training changes where the target labels are taken away")


def keeps_mapped_inputs_mapped(subject: Subject) -> None:
    """Inputs in .npy files stay on disk, read-only, from the build to the training."""
    pair = built(subject)
    files = _array_files(subject)
    for domain in (pair.source, pair.target):
        in_file = any(_holds(file, domain.inputs) for file in files)
        mapped = memory_map(domain.inputs) is not None
        require(mapped or not in_file, f"{domain.name}: the .npy file was read whole, not mapped")
        writeable = mapped and domain.inputs.flags.writeable
        require(not writeable, f"{domain.name}: the map is writeable; use mmap_mode='r'")
    if all(memory_map(d.inputs) is None for d in (pair.source, pair.target)):
        raise Skipped("its inputs are not in .npy files")
    prepared = _prepared(subject, pair).pair
    for before, after in ((pair.source, prepared.source), (pair.target, prepared.target)):
        lost = memory_map(before.inputs) is not None and memory_map(after.inputs) is None
        require(not lost, f"{before.name}: prepared for training, the inputs are not mapped")


@lru_cache(maxsize=1)
def built(subject: Subject) -> DomainPair:
    """Return the pair that the component builds; the latest is kept, since it may take long."""
    pair: DomainPair = subject.build()
    return pair


def _domains(subject: Subject) -> tuple[Domain, Domain]:
    pair = built(subject)
    return pair.source, pair.target


def _source_labels(pair: DomainPair) -> NDArray[Any]:
    labels = pair.source.labels
    require(labels is not None, "the source has no labels")
    assert labels is not None
    return labels


def _prepared(subject: Subject, pair: DomainPair) -> PreparedData:
    return prepare(pair, _spec(subject), SEED)


def _spec(subject: Subject) -> DatasetSpec:
    spec = subject.spec()
    assert isinstance(spec, DatasetSpec)
    return spec


def _batches(subject: Subject, data: PreparedData) -> Iterator[InputBatch]:
    """Yield the first two batches of an epoch."""
    batches = TrainingBatches(
        data,
        _spec(subject),
        batch_size=32,
        seed=SEED,
        device=torch.device("cpu"),
        with_target=True,
    )
    for _, batch in zip(range(2), batches.epoch(0), strict=False):
        yield batch


def _same_batch(one: InputBatch, other: InputBatch) -> bool:
    return all(map(torch.equal, _inputs(one), _inputs(other)))


def _inputs(batch: InputBatch) -> tuple[Tensor, Tensor]:
    assert batch.source_inputs is not None  # both are asked for
    assert batch.target_inputs is not None
    return batch.source_inputs, batch.target_inputs


def _columns(domain: Domain) -> NDArray[Any]:
    rows = np.asarray(domain.inputs[:LOOKED_AT])
    return rows.reshape(len(rows), -1)


def _groups(domain: Domain) -> NDArray[Any]:
    if domain.groups is None:
        return np.empty((min(len(domain), LOOKED_AT), 0))
    return np.unique(domain.groups[:LOOKED_AT], return_inverse=True)[1].reshape(-1, 1)


def _tells(columns: NDArray[Any], labels: NDArray[Any]) -> bool:
    """Return whether a column has one value for each class, and another for each other one."""
    classes, counts = np.unique(labels, return_counts=True)
    if len(classes) < 2 or counts.max() < 2 or columns.shape[1] == 0:
        return False
    of_class = [columns[labels == label] for label in classes]
    constant = np.all([(rows == rows[:1]).all(axis=0) for rows in of_class], axis=0)
    firsts = np.stack([rows[0] for rows in of_class])[:, constant]
    return any(len(np.unique(column)) == len(classes) for column in firsts.T)


def _array_files(subject: Subject) -> list[Path]:
    base = loss_context().base_dir
    paths = (base / value for value in values_in(_spec(subject)) if isinstance(value, Path))
    return [path for path in paths if path.is_file() and path.suffix == ".npy"]


def _holds(file: Path, inputs: NDArray[Any]) -> bool:
    held = np.load(file, mmap_mode="r", allow_pickle=False)
    return sorted(held.shape) == sorted(inputs.shape) and inputs.ndim > 1


CHECKS = checks_of(
    builds_from_its_spec,
    has_a_word_for_its_origin,
    has_unique_ids,
    has_labels_in_range,
    can_be_trained_on,
    is_the_same_each_time,
    outlines_what_it_builds,
    hides_the_target_labels,
    keeps_mapped_inputs_mapped,
)


def names_its_remote_files_soundly(subject: Subject) -> None:
    """Its remote files have unique names, http or https URLs, sizes and checksums that can be."""
    spec = subject.spec()
    assert isinstance(spec, DatasetSpec)
    remote = spec.remote_files()
    if remote is None:
        raise Skipped("it has no files to fetch")
    require(isinstance(remote, RemoteFiles), f"remote_files returned {remote!r}")
    require(bool(remote.files), "remote_files names no file; return None where there are none")
    names = [file.name.casefold() for file in remote.files]
    twice = {file.name for file in remote.files if names.count(file.name.casefold()) > 1}
    require(not twice, f"several remote files are called {', '.join(sorted(twice))}")
    for file in remote.files:
        require(file.size is None or file.size > 0, f"{file.name}: a size of {file.size} bytes")


def publishes_tables_that_load(subject: Subject) -> None:
    """Its published tables can be read, have names of their own and belong to settings it has."""
    assert issubclass(subject.spec_class, DatasetSpec)
    paths = subject.spec_class.published_tables()
    if not paths:
        raise Skipped("it has no published tables")
    tables = [read_reference_table(path) for path in paths]
    names = [table.name for table in tables]
    require(len(set(names)) == len(names), f"tables share a name: {', '.join(sorted(names))}")
    keys = {key for key, _ in fields(subject.spec_class)}
    _check_data(tables, component_name(subject.spec_class), keys)


def _check_data(tables: Iterable[ReferenceTable], name: str, keys: set[str]) -> None:
    for table in tables:
        named = table.data.get("name")
        require(named == name, f"{table.name}: its data are of the dataset {named!r}")
        unknown = sorted(set(table.data) - keys)
        require(not unknown, f"{table.name}: its data name {', '.join(unknown)}, no field")


WITHOUT_INSTANCE = checks_of(publishes_tables_that_load)
FILES = (*checks_of(names_its_remote_files_soundly), *WITHOUT_INSTANCE)
