"""Arrays in FITS files are mapped where they lie."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from dakit.errors import InputError
from dakit.images import map_fits_image


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int32, np.int64, np.float32, np.float64])
def test_the_file_is_mapped_in_its_own_type(tmp_path: Path, dtype: type) -> None:
    values = (100 * np.random.default_rng(0).random((4, 2, 3))).astype(dtype)
    labels = np.arange(4)
    path = tmp_path / "a.fits"
    fits.HDUList([fits.PrimaryHDU(values), fits.ImageHDU(labels)]).writeto(path)
    mapped = map_fits_image(path)
    assert isinstance(mapped, np.memmap)
    assert not mapped.flags.writeable
    np.testing.assert_array_equal(mapped, values)
    np.testing.assert_array_equal(map_fits_image(path, 1), labels)


def test_what_cannot_be_mapped_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.fits"
    table = fits.BinTableHDU.from_columns([fits.Column("x", "J", array=[1])])
    scaled = fits.ImageHDU(np.zeros(3, np.uint16))
    fits.HDUList([fits.PrimaryHDU(np.zeros((50, 50))), table, scaled]).writeto(path)
    for hdu, said in ((1, "no plain image"), (2, "is scaled"), (3, "has no HDU 3")):
        with pytest.raises(InputError, match=said):
            map_fits_image(path, hdu)
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(InputError, match=r"a\.fits is cut short: HDU 0"):
        map_fits_image(path)
    path.write_bytes(b"text")
    with pytest.raises(InputError, match=r"a\.fits cannot be read as FITS"):
        map_fits_image(path)
    with pytest.raises(InputError, match="no such file"):
        map_fits_image(tmp_path / "b.fits")


@pytest.mark.parametrize("axes", [(2**31 - 1,) * 3, (10**9, 4, 4)])
def test_a_header_that_claims_more_than_there_is_is_named(
    tmp_path: Path, axes: tuple[int, ...]
) -> None:
    """The product of the first three is beyond 64 bits, which astropy finds itself."""
    cards = [f"NAXIS{i}  = {length:20}" for i, length in enumerate(axes, 1)]
    header = ["SIMPLE  =                    T", "BITPIX  =                  -64"]
    header += [f"NAXIS   = {len(axes):20}", *cards, "END"]
    text = "".join(card.ljust(80) for card in header).ljust(2880)
    (tmp_path / "a.fits").write_bytes(text.encode() + bytes(2880))
    with pytest.raises(InputError, match=r"a\.fits (is cut short: HDU 0|cannot be read as FITS)"):
        map_fits_image(tmp_path / "a.fits")
