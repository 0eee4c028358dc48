"""What this machine carries: how many jobs at a time, and what each of them may use."""

from __future__ import annotations

import os

import torch

MEMORY_PER_JOB = 2 * 1024**3
"""Bytes; a run on 2 x 15,000 memory-mapped images of 3 x 75 x 75 takes less."""
THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
GPU_VARIABLE = "CUDA_VISIBLE_DEVICES"


def fitting_jobs() -> int:
    """Return how many jobs run at a time by default."""
    if torch.cuda.is_available():
        return max(1, torch.cuda.device_count())
    return max(1, min(_cores(), _memory() // MEMORY_PER_JOB))


def job_environments(jobs: int, threads: int | None) -> list[dict[str, str]]:
    """Return for each of ``jobs`` places its environment variables: threads and GPU."""
    given = {} if threads is None else dict.fromkeys(THREAD_VARIABLES, str(threads))
    if threads is None and THREAD_VARIABLES[0] not in os.environ:
        given = dict.fromkeys(THREAD_VARIABLES, str(max(1, _cores() // jobs)))
    gpus = _gpus()
    return [
        {**given, **({GPU_VARIABLE: gpus[place % len(gpus)]} if gpus else {})}
        for place in range(jobs)
    ]


def _gpus() -> list[str]:
    if not torch.cuda.is_available():
        return []
    visible = [name for name in os.environ.get(GPU_VARIABLE, "").split(",") if name.strip()]
    return visible or [str(index) for index in range(torch.cuda.device_count())]


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):  # what a container or batch system leaves us
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _memory() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return MEMORY_PER_JOB
