"""The component works in a whole run."""

from pathlib import Path

import dakit

EXAMPLE = Path(__file__).parents[1] / "example.json"


def test_the_example_runs(tmp_path: Path) -> None:
    run = dakit.run(EXAMPLE, out=tmp_path, overrides=["training.epochs=1"])
    assert run.results["metrics"]["target_test"] is not None
