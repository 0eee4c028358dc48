"""The spec of the dataset ``digits_shift``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from pydantic import Field

from dakit import DatasetSpec


@final
class DigitsShift(DatasetSpec):
    """Scikit-learn's 8x8 digits against a turned, noisy copy: tiny, for tests and first steps.

    One half of the 1,797 digits is the source; the other half, turned by ``angle`` and with
    Gaussian noise, the target. No digit is in both.
    """

    implementation: ClassVar[str] = ".digits_shift_data:make_digits_shift"

    name: Literal["digits_shift"] = "digits_shift"
    angle: float = Field(35.0, description="Rotation of the target, in degrees.")
    noise: float = Field(0.1, ge=0, description="Noise of the target; a pixel's range is 1.")
    data_seed: int = Field(0, ge=0, description="Draws the halves and the noise.")
