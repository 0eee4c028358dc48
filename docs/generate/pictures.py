"""Draws the pictures of README.md and the quick start from finished runs.

    python docs/generate/pictures.py runs

``runs`` is the folder that ``make run`` filled. The table is rich's own export, the pages are
photographed by chromium, which must be installed; Pillow joins the parts.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from io import StringIO
from pathlib import Path

from PIL import Image
from rich.console import Console

from dakit.reporting.compare.console import print_comparison
from dakit.spec.sweep import load_sweep
from dakit.workflows.compare import gather
from dakit.workflows.train import load_run

ROOT = Path(__file__).parents[2]
IMAGES = ROOT / "docs" / "images"
SWEEP = ROOT / "examples" / "astro_mergers" / "main.json"
WIDTH, HEIGHT = 820, 1300
"""Pixels of a page that are shown."""


def draw_table(folder: Path) -> None:
    """Write ``result.svg``: what ``make run`` ends with."""
    names = [Path(str(spec)).stem for spec in load_sweep(SWEEP).spec.specs]
    runs = [load_run(next(folder.glob(f"{name}-*/results.json")).parent) for name in names]
    console = Console(record=True, width=125, file=StringIO(), force_terminal=True)
    print_comparison(console, gather(runs, latent=False))
    console.save_svg(str(IMAGES / "result.svg"), title="make run")


def draw_pages(folder: Path) -> None:
    """Write ``report.png``: the comparison on the left, the report of the main job on the right."""
    report = next(folder.glob("sim_real_tl-*")) / "report.html"
    joined = Image.new("RGB", (2 * WIDTH, HEIGHT), "white")
    for number, (page, shown) in enumerate(
        ((folder / "main.html", "#s2, #s3"), (report, "#s5, #s6"))
    ):
        joined.paste(photograph(page, shown), (number * WIDTH, 0))
    small = joined.resize((1300, 1300 * HEIGHT // (2 * WIDTH)), Image.Resampling.LANCZOS)
    small.quantize(128).save(IMAGES / "report.png", optimize=True)


def photograph(page: Path, shown: str) -> Image.Image:
    """Return a picture of the sections ``shown`` of a page as a browser shows it."""
    with tempfile.TemporaryDirectory() as name:
        copy, shot = Path(name) / "page.html", Path(name) / "page.png"
        style = f"<style>section {{display: none}} {shown} {{display: block}}</style>"
        copy.write_text(page.read_text(encoding="utf-8") + style, encoding="utf-8")
        subprocess.run(
            [
                "chromium",
                "--headless",
                "--no-sandbox",
                "--hide-scrollbars",
                f"--window-size={WIDTH},{HEIGHT}",
                f"--screenshot={shot}",
                copy.as_uri(),
            ],
            check=True,
            capture_output=True,
        )
        return Image.open(shot).convert("RGB")


if __name__ == "__main__":
    draw_table(Path(sys.argv[1]))
    draw_pages(Path(sys.argv[1]))
