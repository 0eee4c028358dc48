import pytest
import torch

from dakit.errors import InputError
from dakit.training.device import resolve_device


def test_the_cpu_is_always_there():
    assert resolve_device("cpu") == torch.device("cpu")


def test_auto_is_something_this_machine_has():
    torch.zeros(1, device=resolve_device("auto"))


@pytest.mark.parametrize("name", ["gpu", "", "cuda:x"])
def test_an_unknown_device_names_the_choices(name):
    with pytest.raises(InputError, match=r"unknown device.*auto, cpu"):
        resolve_device(name)


@pytest.mark.parametrize("name", ["cuda:99", "xla", "meta"])
def test_an_absent_device_names_the_choices(name):
    with pytest.raises(InputError, match=r"has no device.*auto, cpu"):
        resolve_device(name)


def test_auto_prefers_cuda_then_mps(monkeypatch):
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert resolve_device("auto").type == "mps"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert resolve_device("auto").type == "cuda"
