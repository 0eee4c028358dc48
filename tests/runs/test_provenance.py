import json
import os
import platform
import subprocess

import pytest
import torch

from dakit.contracts import Provenance
from dakit.plugins import catalog
from dakit.plugins.catalog import Catalog
from dakit.plugins.loading import LoadedPlugin, PluginInfo
from dakit.runs.provenance import environment, git_state, package_version

PLUGINS = Catalog(
    [
        LoadedPlugin(PluginInfo("good", "1.2", "dakit-good")),
        LoadedPlugin(PluginInfo("bad", "0.1", "dakit-bad", "failed", "ImportError: no x")),
    ]
)


@pytest.fixture
def facts(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    provenance = Provenance("mock", "made up", {"a.npy": "ff"}, ("a note",))
    with catalog.using(PLUGINS):
        return environment(provenance, torch.device("cpu"))


@pytest.fixture
def checkout(tmp_path):
    def git(*arguments):
        identity = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *identity, *arguments], cwd=tmp_path, check=True)

    git("init", "-q")
    (tmp_path / "file").write_text("1")
    git("add", "file")
    git("commit", "-qm", "first")
    return tmp_path


def test_every_plugin_is_there_with_version_and_state(facts):
    assert facts["plugins"] == [
        {
            "name": "good",
            "version": "1.2",
            "distribution": "dakit-good",
            "state": "active",
            "reason": "",
        },
        {
            "name": "bad",
            "version": "0.1",
            "distribution": "dakit-bad",
            "state": "failed",
            "reason": "ImportError: no x",
        },
    ]


def test_versions_device_and_data_are_there(facts):
    assert facts["python"] == platform.python_version()
    assert facts["packages"]["torch"] == package_version("torch")
    assert facts["cpu"]["threads"] == torch.get_num_threads()
    assert facts["device"]["type"] == "cpu"
    assert facts["data"] == {
        "origin": "mock",
        "description": "made up",
        "checksums": {"a.npy": "ff"},
        "notes": ["a note"],
    }


def test_it_is_json_and_names_no_host(monkeypatch, tmp_path):
    machine = platform.uname_result("Linux", "secret-host", "6.1", "#1", "x86_64")
    monkeypatch.setattr(platform, "uname", lambda: machine)
    monkeypatch.chdir(tmp_path)
    with catalog.using(PLUGINS):
        text = json.dumps(environment(Provenance("files", ""), torch.device("cpu")))
    assert "x86_64" in text
    assert "secret-host" not in text


def test_outside_a_checkout_there_is_no_git_state(facts):
    assert facts["git"] is None


def test_the_git_state_is_commit_and_whether_tracked_files_changed(checkout):
    head = subprocess.check_output(["git", "rev-parse", "HEAD"], cwd=checkout, text=True).strip()
    assert git_state(checkout) == {"commit": head, "dirty": False}
    (checkout / "file").write_text("2")
    assert git_state(checkout) == {"commit": head, "dirty": True}


def test_without_git_there_is_no_git_state(checkout, monkeypatch):
    monkeypatch.setitem(os.environ, "PATH", "")
    assert git_state(checkout) is None


def test_a_package_that_is_not_installed_has_no_version():
    assert package_version("dakit-surely-not-installed") is None
