"""What a shell offers at Tab, asked for as bash does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dakit.cli.app import main

SPEC = {
    "schema_version": 1,
    "name": "x",
    "data": "digits_shift",
    "model": {"backbone": "mlp"},
    "objective": {"regularizers": ["entropy", "fisher"]},
}


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path):
    """Return what is offered at the end of a line; ``spec.json`` and ``sweep.json`` are there."""
    (tmp_path / "spec.json").write_text(json.dumps(SPEC))
    sweep = {"schema_version": 1, "name": "all", "specs": ["spec.json"], "seeds": [1]}
    (tmp_path / "sweep.json").write_text(json.dumps(sweep))
    monkeypatch.chdir(tmp_path)

    def ask(line: str) -> set[str]:
        words = line.split(" ")
        monkeypatch.setenv("_DAKIT_COMPLETE", "complete_bash")
        monkeypatch.setenv("COMP_WORDS", "\n".join(word for word in words if word))
        monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
        main([])
        return set(capsys.readouterr().out.split())

    return ask


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("dakit info mm", {"mmd"}),
        ("dakit info mmd --kind tran", {"transfer"}),
        ("dakit list-plugins --kind ba", {"backbone"}),
        ("dakit new-plugin mine --kind val", {"validator"}),
        ("dakit check-plugin bui", {"builtin"}),
        ("dakit fetch digits", {"digits_shift"}),
        ("dakit fetch digits_shift --set spl", {"split="}),
        ("dakit run spec.json --set training.ep", {"training.epochs="}),
        (
            "dakit show spec.json --set objective.regularizers.fisher.f",
            {"objective.regularizers.fisher.form="},
        ),
        ("dakit inspect spec.json --set data.bal", {"data.balance="}),
        ("dakit validate spec.json --set optimizer.l", {"optimizer.lr="}),
        ("dakit sweep sweep.json --set optimizer.l", {"optimizer.lr="}),
        ("dakit run no.json --set optimizer.l", set()),
    ],
)
def test_the_shell_offers_what_fits(offered, line: str, words: set[str]) -> None:
    assert offered(line) == words


def test_paths_that_are_offered_can_be_set(offered) -> None:
    paths = offered("dakit show spec.json --set ")
    assert {"objective.regularizers.entropy.weight=", "seed="} <= paths
    assert main(["show", "spec.json", "--set", "objective.regularizers.entropy.weight=0.5"]) == 0


def test_completing_imports_no_torch(tmp_path: Path) -> None:
    (tmp_path / "spec.json").write_text(json.dumps(SPEC))
    code = (
        "import sys\n"
        "from dakit.cli.app import main\n"
        "main([])\n"
        "assert not {'torch', 'numpy'} & set(sys.modules), 'heavy'\n"
    )
    environ = {"_DAKIT_COMPLETE": "complete_bash", "COMP_CWORD": "4"}
    environ["COMP_WORDS"] = "dakit\nrun\nspec.json\n--set\nseed"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environ},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.split(), done.stderr) == (0, ["seed="], "")
