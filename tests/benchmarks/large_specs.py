"""How long large specs and sweep files take to be read: the time must grow with their length.

Run with ``python tests/benchmarks/large_specs.py [MEGABYTES]``; 1 by default. Each line is a way of
being large, valid or not, and the seconds of one reading. A tenth of it is a test:
``tests/test_large_specs.py``.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from dakit.errors import InputError
from dakit.spec.loading import load_spec
from dakit.spec.sweep_runs import check_sweep

BASE: dict[str, Any] = {
    "schema_version": 1,
    "name": "large",
    "data": {"name": "digits_shift"},
    "model": {"backbone": {"name": "mlp", "hidden": [4]}},
    "objective": {},
}


def large_specs(size: int) -> dict[str, str]:
    """Return texts of about ``size`` bytes, by what is large in them."""
    term = {"name": "entropy", "weight": 0.5}
    documents = {
        "one text": {**BASE, "description": "x " * (size // 2)},
        "one list": {**BASE, "model": {"backbone": {"name": "mlp", "hidden": [16] * (size // 8)}}},
        "wrong entries": {
            **BASE,
            "model": {"backbone": {"name": "mlp", "hidden": ["a"] * (size // 9)}},
        },
        "terms": {**BASE, "objective": {"regularizers": [term] * (size // 60)}},
        "unknown terms": {**BASE, "objective": {"regularizers": ["entropyy"] * (size // 20)}},
        "unknown keys": {**BASE, **{f"k{i}": i for i in range(size // 22)}},
        "unknown fields": {**BASE, "data": {f"k{i}": i for i in range(size // 25)}},
        "bases": {**BASE, "extends": ["other.json"] * (size // 18)},
        "one key": {**BASE, "x" * size: 1},
    }
    texts = {what: json.dumps(document, indent=1) for what, document in documents.items()}
    texts["one key often"] = "{" + ", ".join(['"a": 1'] * (size // 8)) + "}"
    texts["empty lines"] = "\n" * size + json.dumps(BASE)
    return texts


def large_sweeps(size: int) -> dict[str, str]:
    """Return texts of sweep files of about ``size`` bytes."""
    head = {"schema_version": 1, "name": "large", "specs": ["base.json"]}
    sets = [{"name": f"s{i}", "set": {"optimizer.lr": i + 1}} for i in range(size // 60)]
    documents = {
        "sweep: seeds": {**head, "seeds": [*range(size // 8)]},
        "sweep: overrides": {**head, "overrides": sets},
        "sweep: too many runs": {**head, "overrides": sets, "seeds": [*range(size // 20)]},
    }
    return {what: json.dumps(document, indent=1) for what, document in documents.items()}


def seconds(text: str, folder: Path, *, sweep: bool = False) -> float:
    """Return how long one reading takes this process, whatever comes of it."""
    (folder / "base.json").write_text(json.dumps(BASE))
    path = folder / "large.json"
    path.write_text(text)
    before = time.process_time()
    with suppress(InputError):
        check_sweep(path) if sweep else load_spec(path)
    return time.process_time() - before


def main() -> None:
    """Print a line a text."""
    size = int(float(sys.argv[1] if len(sys.argv) > 1 else 1) * 1e6)
    with tempfile.TemporaryDirectory() as folder:
        seconds("{}", Path(folder))  # imports
        for what, text in large_specs(size).items():
            print(f"{what:22s} {len(text):>9,} bytes {seconds(text, Path(folder)):6.2f} s")
        for what, text in large_sweeps(15_000).items():
            taken = seconds(text, Path(folder), sweep=True)
            print(f"{what:22s} {len(text):>9,} bytes {taken:6.2f} s")


if __name__ == "__main__":
    main()
