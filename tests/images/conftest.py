"""Writers of image files in every format."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from PIL import Image


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DAKIT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def _write_image(path: Path, values: np.ndarray) -> Path:
    """Write ``(H, W)`` or, for pictures, ``(H, W, C)``; the suffix says how."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if ".fits" in path.name:
        fits.writeto(path, values)
    elif path.suffix == ".npy":
        np.save(path, values)
    else:
        Image.fromarray(values).save(path)
    return path


@pytest.fixture
def write_image() -> Callable[[Path, np.ndarray], Path]:
    return _write_image
