"""Whatever a user, a plugin or a server calls a thing, no terminal obeys it."""

from __future__ import annotations

import json
import re
import socket
import threading
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dakit.cli.app import COMMANDS, main

EVIL = "\x1b[31mred\x1b]0;title\x07\x9b2J\x85\r\x08\u202e"
"""CSI, OSC with BEL, C1 codes, a return, a backspace, and text from right to left."""

PLUGIN = """
from pathlib import Path
from typing import Literal
import numpy as np
from pydantic import Field
from dakit import (
    DatasetSpec, RemoteFile, RemoteFiles, TransferLossSpec, ValidatorSpec, hookimpl
)

EVIL = {evil!r}

class Sky(DatasetSpec):
    __doc__ = EVIL
    name: Literal["sky"] = "sky"
    paper = EVIL
    words: str = Field(EVIL, description=EVIL)

    def build(self, context):
        from dakit.contracts import Domain, DomainPair, Provenance

        labels = np.arange(48) % 2
        random = np.random.default_rng(3)

        def domain(name):
            inputs = random.normal(size=(48, 3)) + 4 * labels[:, None]
            ids = [f"{{name}}{{i}}{{EVIL}}" for i in range(48)]
            return Domain(name, inputs.astype("float32"), labels, np.array(ids))

        about = Provenance("generated", EVIL, notes=(EVIL,))
        return DomainPair(domain("s"), domain("t"), (f"a{{EVIL}}", f"b{{EVIL}}"), about)

    def remote_files(self):
        file = RemoteFile(f"images{{EVIL}}", "http://127.0.0.1:{port}/images")
        return RemoteFiles((file,), Path("here"), "http://127.0.0.1:{port}/", EVIL)

class Falls(TransferLossSpec):
    __doc__ = EVIL
    name: Literal["falls"] = "falls"

    def build(self, context):
        raise RuntimeError(EVIL)

class Score(ValidatorSpec):
    __doc__ = EVIL
    name: Literal["score"] = "score"

    def build(self, context):
        return lambda view: EVIL

@hookimpl
def dakit_datasets():
    print(EVIL)
    return [Sky]

@hookimpl
def dakit_transfer_losses():
    return [Falls]

@hookimpl
def dakit_validators():
    return [Score]
"""


@pytest.fixture(scope="module")
def address() -> Iterator[int]:
    """The port of a server whose status line, headers and reasons are escape codes."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        answer = f"HTTP/1.1 404 {EVIL}\nServer: {EVIL}\nConnection: close\n\n{EVIL}"

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65536)
                    connection.sendall(answer.replace("\n", "\r\n").encode("latin-1", "replace"))

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def spec(**changes: Any) -> dict[str, Any]:
    return {
        "schema_version": 1,
        "name": "evil",
        "description": EVIL,
        "data": {"name": "sky"},
        "model": {"backbone": {"name": "mlp", "hidden": [4]}},
        "objective": {"transfer": "mmd"},
        "training": {"epochs": 1, "batch_size": 16},
        "evaluation": {"bootstrap": 5},
        **changes,
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, address: int) -> Path:
    folder = tmp_path_factory.mktemp("escapes") / f"in {EVIL}"
    folder.mkdir()
    files = {
        "spec": spec(),
        "falls": spec(objective={"transfer": "falls"}),
        "scored": spec(training={"epochs": 1, "selection": {"name": "score"}}),
        "wrong": spec(**{EVIL: EVIL, "model": {"backbone": EVIL}}),
        "missing": spec(data={"name": "images", "source": {"path": EVIL}, "target": {"path": "x"}}),
        "named": spec(name=EVIL),
        "sweep": {"schema_version": 1, "name": "evils", "specs": ["spec.json"], "seeds": [0, 1]},
    }
    for name, document in files.items():
        (folder / f"{name}.json").write_text(json.dumps(document))
    (folder / f"{EVIL}.json").write_text(json.dumps(spec()))
    (folder / "no.json").write_text("{" + EVIL)
    np.save(folder / f"new{EVIL}.npy", np.zeros((3, 3), dtype="float32"))
    (folder / "sky.py").write_text(PLUGIN.format(evil=EVIL, port=address))
    (folder / f"broken{EVIL}.py").write_text(f"raise ValueError({EVIL!r})")
    return folder


@pytest.fixture(scope="module")
def run(folder: Path) -> Path:
    """The folder of a finished run, whose path is escape codes too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        line = ["run", "spec.json", "--no-report", "--quiet", "--plugin-module", "sky.py"]
        assert main([*line, "--out", f"runs{EVIL}"]) == 0
    (run,) = (folder / f"runs{EVIL}").iterdir()
    return run


OF_RICH = re.compile(r"\r?\x1b\[[0-9;?]*[mhlAK]")
"""Its colours, and how its progress bars move."""

LINES = (
    ("run", "spec.json", "--no-report"),
    ("run", "spec.json", "--dry-run", "--out", EVIL),
    ("run", "falls.json"),
    ("run", "scored.json"),
    ("run", "spec.json", "--out", "RUNS", "--no-report"),
    ("run", EVIL),
    ("validate", "spec.json", "wrong.json", "named.json", "missing.json", "no.json", EVIL),
    ("validate", f"{EVIL}.json", "--set", f"{EVIL}={EVIL}"),
    ("validate", f"{EVIL}.json", "wrong.json", "--json"),
    ("validate", f"{EVIL}.json", "--data"),
    ("show", f"{EVIL}.json"),
    ("show", f"{EVIL}.json", "--json"),
    ("runs", "RUNS"),
    ("runs", "RUNS", "--json"),
    ("runs", EVIL),
    ("report", "RUN"),
    ("report", EVIL),
    ("fetch", "sky"),
    ("fetch", EVIL),
    ("fetch", "sky", "--to", EVIL, "--mirror", "http://127.0.0.1:1/" + EVIL),
    ("predict", "RUN", f"new{EVIL}.npy", "--out", f"p{EVIL}.csv", "--distance"),
    ("predict", "RUN", f"new{EVIL}.npy", "--out", f"p{EVIL}.csv"),
    ("evaluate", "RUN", "--data", "spec.json", "--out", f"e{EVIL}.json"),
    ("export", "RUN", "--out", f"x{EVIL}"),
    ("choose", "RUN", "--out", f"o{EVIL}"),
    ("choose", "RUNS", EVIL, "--out", f"o{EVIL}"),
    ("compare", "RUN", EVIL, "--out", f"c{EVIL}.html", "--csv", f"c{EVIL}.csv", "--no-latent"),
    ("compare", "RUN", "RUN2", "--out", f"c{EVIL}.html", "--csv", f"c{EVIL}.csv", "--no-latent"),
    ("inspect", f"{EVIL}.json", "--out", f"i{EVIL}"),
    ("inspect", f"{EVIL}.json", "--out", f"i{EVIL}", "--json"),
    ("sweep", "sweep.json", "--dry-run", "--out", f"s{EVIL}"),
    ("sweep", "sweep.json", "--dry-run", "--json"),
    ("list-plugins",),
    ("list-plugins", "--json"),
    ("info", "sky"),
    ("info", "falls"),
    ("info", EVIL),
    ("schema",),
    ("new-plugin", EVIL, "--kind", "backbone"),
    ("new-plugin", "fine", "--kind", "backbone", "--out", f"plugin{EVIL}"),
    ("check-plugin", "sky"),
    ("check-plugin", EVIL),
    ("doctor",),
    (EVIL,),
    ("runs", f"--{EVIL}"),
    ("run", "falls.json", "--debug"),
)


@pytest.mark.usefixtures("svg_alone")
@pytest.mark.parametrize("terminal", [False, True], ids=["pipe", "terminal"])
@pytest.mark.parametrize(
    "line", LINES, ids=[f"{n}-{line[0][:12]!a}" for n, line in enumerate(LINES)]
)
def test_no_command_prints_what_a_terminal_obeys(
    line: tuple[str, ...],
    terminal: bool,
    folder: Path,
    run: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if terminal and line == ("report", "RUN"):
        pytest.skip("draws all figures again, to print the same path")
    if terminal:
        monkeypatch.setenv("FORCE_COLOR", "1")
        monkeypatch.setattr("dakit.cli.streams._Spelling.isatty", lambda self: True, raising=False)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("NO_PROXY", "*")
    places = {"RUN": str(run), "RUNS": str(run.parent)}
    plugins = ["--plugin-module=sky.py", f"--plugin-module=broken{EVIL}.py"]
    main([*plugins, *(places.get(word, word) for word in line)])
    told = capsys.readouterr()
    for text in (told.out, told.err):
        seen = OF_RICH.sub("", text) if terminal else text
        assert "\x1b[31mred" not in text
        assert not {c for c in seen if unicodedata.category(c) in {"Cc", "Cf"}} - {"\n", "\t"}
    if "--json" in line and line[0] != "inspect":
        json.loads(told.out)
    assert "Traceback" not in told.err or "--debug" in line


def test_the_walk_knows_every_command() -> None:
    assert {line[0] for line in LINES} >= set(COMMANDS)
