"""The hooks, one per kind. Each returns an iterable of component spec classes.

A plugin implements any of them in a light module named by an entry point in the group
``dakit``. Hook arguments are only ever added, never removed, within a major version.
"""

from __future__ import annotations

from collections.abc import Iterable

import pluggy

from dakit.components import (
    BackboneSpec,
    DatasetSpec,
    FigureSpec,
    LauncherSpec,
    MetricSpec,
    OptimizerSpec,
    RegularizerSpec,
    ScheduleSpec,
    StoppingSpec,
    TaskLossSpec,
    TrackerSpec,
    TransferLossSpec,
    ValidatorSpec,
)

PROJECT = "dakit"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def dakit_backbones() -> Iterable[type[BackboneSpec]]:  # type: ignore[empty-body]
    """Offer backbones: networks from inputs ``(B, *input_shape)`` to features ``(B, D)``.

    Example::

        @hookimpl
        def dakit_backbones():
            return [MyNetwork]  # class MyNetwork(BackboneSpec)
    """


@hookspec
def dakit_task_losses() -> Iterable[type[TaskLossSpec]]:  # type: ignore[empty-body]
    """Offer task losses: what is learned from the labels of the source.

    Example::

        @hookimpl
        def dakit_task_losses():
            return [FocalLoss]  # class FocalLoss(TaskLossSpec)
    """


@hookspec
def dakit_transfer_losses() -> Iterable[type[TransferLossSpec]]:  # type: ignore[empty-body]
    """Offer transfer losses: what brings source and target together.

    Example::

        @hookimpl
        def dakit_transfer_losses():
            return [SlicedWasserstein]  # class SlicedWasserstein(TransferLossSpec)
    """


@hookspec
def dakit_regularizers() -> Iterable[type[RegularizerSpec]]:  # type: ignore[empty-body]
    """Offer regularizers: further terms of the total loss.

    Example::

        @hookimpl
        def dakit_regularizers():
            return [NuclearNorm]  # class NuclearNorm(RegularizerSpec)
    """


@hookspec
def dakit_datasets() -> Iterable[type[DatasetSpec]]:  # type: ignore[empty-body]
    """Offer datasets: pairs of a labelled source and a target domain.

    Example::

        @hookimpl
        def dakit_datasets():
            return [TwoTelescopes]  # class TwoTelescopes(DatasetSpec)
    """


@hookspec
def dakit_optimizers() -> Iterable[type[OptimizerSpec]]:  # type: ignore[empty-body]
    """Offer optimizers: how the weights follow their gradients.

    Example::

        @hookimpl
        def dakit_optimizers():
            return [Lion]  # class Lion(OptimizerSpec)
    """


@hookspec
def dakit_schedules() -> Iterable[type[ScheduleSpec]]:  # type: ignore[empty-body]
    """Offer schedules: the learning rate over the training.

    Example::

        @hookimpl
        def dakit_schedules():
            return [Staircase]  # class Staircase(ScheduleSpec)
    """


@hookspec
def dakit_stoppings() -> Iterable[type[StoppingSpec]]:  # type: ignore[empty-body]
    """Offer stopping rules: when to stop before the last epoch.

    Example::

        @hookimpl
        def dakit_stoppings():
            return [MedianPlateau]  # class MedianPlateau(StoppingSpec)
    """


@hookspec
def dakit_validators() -> Iterable[type[ValidatorSpec]]:  # type: ignore[empty-body]
    """Offer validators: scores that choose the epoch a run keeps.

    Example::

        @hookimpl
        def dakit_validators():
            return [SoftNeighbourhoodDensity]  # class SoftNeighbourhoodDensity(ValidatorSpec)
    """


@hookspec
def dakit_metrics() -> Iterable[type[MetricSpec]]:  # type: ignore[empty-body]
    """Offer metrics: numbers that say how well a model does.

    Example::

        @hookimpl
        def dakit_metrics():
            return [CohensKappa]  # class CohensKappa(MetricSpec)
    """


@hookspec
def dakit_figures() -> Iterable[type[FigureSpec]]:  # type: ignore[empty-body]
    """Offer figures: pictures for reports and comparisons.

    Example::

        @hookimpl
        def dakit_figures():
            return [Confidences]  # class Confidences(FigureSpec)
    """


@hookspec
def dakit_trackers() -> Iterable[type[TrackerSpec]]:  # type: ignore[empty-body]
    """Offer trackers: tools that are told of a run while it trains.

    Example::

        @hookimpl
        def dakit_trackers():
            return [LabNotebook]  # class LabNotebook(TrackerSpec)
    """


@hookspec
def dakit_launchers() -> Iterable[type[LauncherSpec]]:  # type: ignore[empty-body]
    """Offer launchers: ways to run many specs somewhere.

    Example::

        @hookimpl
        def dakit_launchers():
            return [Slurm]  # class Slurm(LauncherSpec)
    """
