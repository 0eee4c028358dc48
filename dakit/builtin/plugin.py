"""Offers the components that dakit ships, through the hooks that every plugin uses."""

from __future__ import annotations

from collections.abc import Iterable

from dakit import (
    BackboneSpec,
    DatasetSpec,
    LauncherSpec,
    MetricSpec,
    OptimizerSpec,
    RegularizerSpec,
    ScheduleSpec,
    StoppingSpec,
    TaskLossSpec,
    TransferLossSpec,
    ValidatorSpec,
    hookimpl,
)
from dakit.builtin import (
    backbones,
    datasets,
    launchers,
    metrics,
    optimizers,
    regularizers,
    schedules,
    stoppings,
    tasks,
    transfer,
    validators,
)


@hookimpl
def dakit_backbones() -> Iterable[type[BackboneSpec]]:
    """The backbones dakit ships."""
    return backbones.SPECS


@hookimpl
def dakit_task_losses() -> Iterable[type[TaskLossSpec]]:
    """The task losses dakit ships."""
    return tasks.SPECS


@hookimpl
def dakit_transfer_losses() -> Iterable[type[TransferLossSpec]]:
    """The transfer losses dakit ships."""
    return transfer.SPECS


@hookimpl
def dakit_regularizers() -> Iterable[type[RegularizerSpec]]:
    """The regularizers dakit ships."""
    return regularizers.SPECS


@hookimpl
def dakit_datasets() -> Iterable[type[DatasetSpec]]:
    """The datasets dakit ships."""
    return datasets.SPECS


@hookimpl
def dakit_optimizers() -> Iterable[type[OptimizerSpec]]:
    """The optimizers dakit ships."""
    return optimizers.SPECS


@hookimpl
def dakit_schedules() -> Iterable[type[ScheduleSpec]]:
    """The schedules dakit ships."""
    return schedules.SPECS


@hookimpl
def dakit_stoppings() -> Iterable[type[StoppingSpec]]:
    """The stopping rules dakit ships."""
    return stoppings.SPECS


@hookimpl
def dakit_validators() -> Iterable[type[ValidatorSpec]]:
    """The validators dakit ships."""
    return validators.SPECS


@hookimpl
def dakit_metrics() -> Iterable[type[MetricSpec]]:
    """The metrics dakit ships."""
    return metrics.SPECS


@hookimpl
def dakit_launchers() -> Iterable[type[LauncherSpec]]:
    """The launchers dakit ships."""
    return launchers.SPECS
