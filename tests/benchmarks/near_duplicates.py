"""Precision and recall, pair by pair, of the search for near-duplicates where the truth is known.

Mock sim-real and sim-sim: a view is one galaxy from one camera; only views can be found, another
camera shows another picture. ``sdss``: 310 real SDSS images blown up to half of all images by
turning and zooming them by 0.9-1.1 after they were taken, as the published ones were, beside as
many others (skipped where the file is absent).

Run it with ``python tests/benchmarks/near_duplicates.py [IMAGES]``, 1200 by default.
"""

from __future__ import annotations

import sys
import time

import numpy as np
from scipy.ndimage import affine_transform
from shared_data import shared_file

from dakit.inspecting.joining import agreement, join
from dakit.inspecting.near_duplicates import near_duplicates
from dakit.inspecting.polar_maps import ring_spectra
from dakit_astro_mergers.mock.generate import mock_pair

THRESHOLDS = (0.88, 0.9, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98)
BLOWN_UP = 310


def views(experiment, side, domain):
    """Return what each row shows: equal numbers for turned, flipped or zoomed copies."""
    rows = np.arange(len(domain))
    merger = domain.labels == 1
    if experiment == "sim_real":
        return np.where(merger, 4 * domain.groups + rows % 4 * (side == "source"), 10**6 + rows)
    half = (merger.sum() + 1) // 2
    return np.where(merger, rows % half, 10**6 + rows)


def sdss(images):
    """Return real images, half of them copies of few, and what each shows."""
    with np.load(shared_file("sdss_galaxy_zoo1.npz")) as archive:
        stored = archive["images"][archive["labels"] != 4]
    rng = np.random.default_rng(0)
    chosen = rng.permutation(len(stored))
    half = min(images // 2, len(stored) - BLOWN_UP)
    shown = np.arange(half) * BLOWN_UP // half
    copies = [turned(stored[chosen[k]], rng) for k in shown]
    others = stored[chosen[BLOWN_UP : BLOWN_UP + half]]
    return np.concatenate([np.stack(copies), others]), np.concatenate(
        [shown, 10**6 + np.arange(half)]
    )


def turned(image, rng):
    angle, zoom = rng.uniform(0, 2 * np.pi), rng.uniform(0.9, 1.1)
    matrix = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) / zoom
    centre = (np.array(image.shape[1:]) - 1) / 2
    offset = centre - matrix @ centre
    return np.stack(
        [affine_transform(band, matrix, offset, order=1, mode="nearest") for band in image]
    )


def measure(name, inputs, view, galaxy):
    start = time.perf_counter()
    rows = np.arange(len(inputs))
    found = near_duplicates(ring_spectra(inputs, rows), rows)
    seconds = time.perf_counter() - start
    same = agreement(view, view).known
    print(f"\n{name}: {len(inputs):,} images, {same:,} pairs of copies, {seconds:.0f} s")
    print("threshold   links  right | in groups: precision (galaxy)  recall (copies)")
    for threshold in THRESHOLDS:
        pairs = found.at(threshold).pairs
        groups = join(len(inputs), pairs)
        right = (galaxy[pairs[:, 0]] == galaxy[pairs[:, 1]]).mean() if len(pairs) else np.nan
        precision, recall = agreement(groups, galaxy).precision, agreement(groups, view).recall
        precision = np.nan if precision is None else precision
        print(
            f"{threshold:9.2f} {len(pairs):7,}  {right:.3f} | {precision:28.3f}  {recall:15.3f}",
            flush=True,
        )


def main() -> None:
    """Print the tables."""
    images = int(sys.argv[1]) if len(sys.argv) > 1 else 1200
    for experiment in ("sim_real", "sim_sim"):
        pair = mock_pair(experiment, images, 0)
        for side in ("source", "target"):
            domain = getattr(pair, side)
            view = views(experiment, side, domain)
            measure(f"mock {experiment} {side}", domain.inputs, view, domain.groups)
    inputs, view = sdss(images)
    measure("sdss, turned and zoomed", inputs, view, view)


if __name__ == "__main__":
    main()
