from __future__ import annotations

import pytest
import torch

from dakit.builtin.launchers import machine


@pytest.fixture(autouse=True)
def _eight_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_cores", lambda: 8)
    monkeypatch.setattr(machine, "_memory", lambda: 64 * 1024**3)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)


def test_a_job_per_core_as_long_as_there_is_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    assert machine.fitting_jobs() == 8
    monkeypatch.setattr(machine, "_memory", lambda: 7 * 1024**3)
    assert machine.fitting_jobs() == 3
    monkeypatch.setattr(machine, "_memory", lambda: 1024**3)
    assert machine.fitting_jobs() == 1


def test_a_job_per_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert machine.fitting_jobs() == 2
    places = machine.job_environments(3, None)
    assert [place["CUDA_VISIBLE_DEVICES"] for place in places] == ["0", "1", "0"]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "5,7")
    assert machine.job_environments(2, 1)[1]["CUDA_VISIBLE_DEVICES"] == "7"


def test_cores_are_shared_out(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [p["OMP_NUM_THREADS"] for p in machine.job_environments(3, None)] == ["2", "2", "2"]
    assert machine.job_environments(20, None)[0]["MKL_NUM_THREADS"] == "1"
    assert machine.job_environments(1, 5)[0]["OMP_NUM_THREADS"] == "5"
    monkeypatch.setenv("OMP_NUM_THREADS", "3")  # the user has decided already
    assert machine.job_environments(2, None) == [{}, {}]
