"""Seeded mutations of every example spec: each must be told fine or wrong, quickly, in words.

Run with ``python tests/benchmarks/fuzz_specs.py [COUNT [FIRST]]``; 10,000 by default. Prints every
mutation that ends in anything but a spec or an InputError, or takes more than 2 s of this process,
with its number, which makes it again. ``tests/test_fuzzed_specs.py`` does as many as fit in a
few seconds.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from copy import deepcopy
from io import StringIO
from pathlib import Path
from typing import Any

from dakit.cli.app import main as dakit

EXAMPLES = Path(__file__).parents[2] / "examples/astro_mergers"
MOST_SECONDS = 2.0

VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 0.5, -0.0, 5.0, 2**31, 2**53, 2**63, -(2**63), 2**64, 10**400),
    *(1e300, -1e300, 5e-324, float("nan"), float("inf"), "", "x", "mmd", "small_cnn", "constant"),
    *("é" * 200, "x" * 5000, "\x00", "\ud800", "\u202e", "𝕏", "~nobody/x", "/dev/zero", ".", ".."),
    *([], {}, [[]], [None], {"name": None}, {"name": "mmd"}, {"name": "no"}, [1] * 1000),
    *("sim_sim_mmd.json", "../astro_mergers/sim_sim_mmd.json", "x" * 300, {"spec": "a.json"}),
)
BYTES = (
    b"{",
    b"}",
    b"[",
    b"]",
    b'"',
    b",",
    b":",
    b"\\",
    b"\x00",
    b"\xff",
    b"\xef\xbb\xbf",
    b"e999",
)


def _containers(document: Any) -> list[Any]:
    found, waiting = [], [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict | list) and value:
            found.append(value)
            waiting += value.values() if isinstance(value, dict) else value
    return found


def _place(document: Any, rng: random.Random) -> tuple[Any, Any]:
    chosen = rng.choice(_containers(document))
    return chosen, rng.choice([*chosen] if isinstance(chosen, dict) else [*range(len(chosen))])


def _another_value(document: Any, rng: random.Random) -> None:
    container, key = _place(document, rng)
    container[key] = deepcopy(rng.choice(VALUES))


def _no_value(document: Any, rng: random.Random) -> None:
    container, key = _place(document, rng)
    del container[key]


def _another_key(document: Any, rng: random.Random) -> None:
    container, key = _place(document, rng)
    if isinstance(container, dict):
        container[rng.choice(["extends", "name", "é", "", "a.b", key[:-1], "x" * 300])] = (
            container[key] if rng.random() < 0.5 else deepcopy(rng.choice(VALUES))
        )


def _moved_value(document: Any, rng: random.Random) -> None:
    (one, key), (other, place) = _place(document, rng), _place(document, rng)
    one[key] = json.loads(json.dumps(other[place]))


def _deeper_value(document: Any, rng: random.Random) -> None:
    container, key = _place(document, rng)
    for _ in range(rng.choice([1, 3, 48, 60, 150])):
        container[key] = [container[key]] if rng.random() < 0.5 else {"name": container[key]}


def _extended(document: Any, rng: random.Random) -> None:
    names = [path.name for path in sorted(EXAMPLES.glob("*.json"))]
    document["extends"] = rng.choice([*names, "mutant.json", names[:3], [], 3])


def _started(document: Any, rng: random.Random) -> None:
    names = [path.name for path in sorted(EXAMPLES.glob("*.json"))]
    document["init_from"] = {"spec": rng.choice([*names, "mutant.json", ""])}


CHANGES: tuple[Callable[[Any, random.Random], None], ...] = (
    *(_another_value,) * 4,
    *(_no_value, _another_key, _moved_value, _deeper_value, _extended, _started),
)


def _text(document: Any) -> bytes:
    try:
        return json.dumps(document, indent=1, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return json.dumps(document, indent=1).encode()


def _damaged(text: bytes, rng: random.Random) -> bytes:
    at, end = sorted(rng.randrange(len(text) + 1) for _ in range(2))
    end = min(end, at + rng.choice([1, 2, 20, 200]))
    return rng.choice(
        [
            text[:at] + text[end:],
            text[:end] + text[at:end] + text[end:],
            text[:at] + rng.choice(BYTES) * rng.choice([1, 2, 500]) + text[at:],
            text[:at] + bytes([rng.randrange(256)]) + text[at + 1 :],
            text[:at],
            text.replace(b"\n", rng.choice([b"\r", b"\r\n", b"\n\n"])),
            text.replace(b"1", b"1" * rng.choice([20, 400, 5000])),
        ]
    )


def mutation(number: int) -> tuple[str, bytes]:
    """Return the name of the example and the text that mutation ``number`` makes of it."""
    rng = random.Random(number)
    names = sorted(p for p in EXAMPLES.glob("*.json") if "schema" not in p.name)
    path = rng.choice([*names, *sorted((EXAMPLES / "paper").glob("*.json"))])
    document = json.loads(path.read_text())
    for _ in range(rng.choice([1, 1, 2, 4])):
        if _containers(document):
            rng.choice(CHANGES)(document, rng)
    text = _text(document)
    return path.name, _damaged(text, rng) if rng.random() < 0.35 else text


def fault(number: int, folder: Path, command: str = "validate") -> str | None:
    """Return what is wrong with how mutation ``number`` is taken; ``folder`` has the examples."""
    path = folder / "mutant.json"
    path.write_bytes(mutation(number)[1])
    out, err, before = StringIO(), StringIO(), time.process_time()
    try:
        with redirect_stdout(out), redirect_stderr(err):
            code = dakit([command, str(path)])
    except BaseException as error:
        return f"{type(error).__name__}: {error}"[:300]
    if time.process_time() - before > MOST_SECONDS:
        return f"{time.process_time() - before:.1f} s"
    if code not in {0, 2} or "Traceback" in err.getvalue():
        return f"exit code {code}: {err.getvalue()[-300:]}"
    return None if code == 0 or ".json" in err.getvalue() else f"no place: {err.getvalue()}"


def examples_in(folder: Path) -> Path:
    """Copy the examples into ``folder``, where mutants may name them; return it."""
    for path in EXAMPLES.glob("*.json"):
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


def main() -> None:
    """Print the faults, and how many mutations were fine."""
    words = sys.argv[1:]
    count, first = int((words or [10_000])[0]), int((words[1:] or [0])[0])
    faults: Counter[str] = Counter()
    before, longest = time.process_time(), 0.0
    with tempfile.TemporaryDirectory() as name:
        folder = examples_in(Path(name))
        for number in range(first, first + count):
            start = time.process_time()
            found = fault(number, folder)
            longest = max(longest, time.process_time() - start)
            if found:
                print(f"{number}: {found}", flush=True)
                faults[found[:40]] += 1
    seconds = time.process_time() - before
    print(
        f"{count} mutations, {sum(faults.values())} faults, {seconds:.0f} s, at most {longest:.2f}"
    )


if __name__ == "__main__":
    main()
