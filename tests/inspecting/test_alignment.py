"""Similarity of two images after the best turn, flip and zoom."""

from __future__ import annotations

import numpy as np

from dakit.inspecting.polar_maps import ANGLES, similarities


def test_it_is_what_a_loop_over_all_turns_and_flips_finds() -> None:
    rng = np.random.default_rng(3)
    maps = rng.normal(size=(4, 2, 40, ANGLES))
    waves = np.fft.rfft(maps)[..., :9]
    smooth = np.fft.irfft(waves, n=ANGLES)
    pairs = np.array([[0, 1], [2, 3]])
    found = similarities((waves / ANGLES).astype(np.complex64), pairs)
    for (i, j), similarity in zip(pairs, found, strict=True):
        best = -1.0
        for steps in range(-4, 5):
            low, high = max(0, steps), min(40, 40 + steps)
            a, b = smooth[i][:, low:high], smooth[j][:, low - steps : high - steps]
            for turned in (
                np.roll(side, t, -1) for side in (b, b[..., ::-1]) for t in range(ANGLES)
            ):
                norms = (a**2).sum() + (turned**2).sum()
                best = max(best, 2 * (a * turned).sum() / norms)
        np.testing.assert_allclose(similarity, best, rtol=1e-4)


def test_a_shape_and_a_stronger_one_are_less_alike_than_two_equal_ones() -> None:
    wave = np.fft.rfft(np.random.default_rng(0).normal(size=(1, 1, 20, ANGLES)))[..., :9]
    spectra = np.concatenate([wave, wave, 3 * wave]).astype(np.complex64)
    equal, stronger = similarities(spectra, np.array([[0, 1], [0, 2]]))
    np.testing.assert_allclose([equal, stronger], [1, 0.6], atol=1e-5)
