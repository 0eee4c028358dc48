from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import Field

from dakit import DatasetSpec, InputError, RemoteFile, RemoteFiles
from dakit.fetching.fetch import remote_files
from dakit.plugins import catalog
from dakit.plugins.catalog import Catalog
from dakit.plugins.loading import LoadedPlugin, PluginInfo


class Sky(DatasetSpec):
    """A survey."""

    name: Literal["sky"] = "sky"
    release: int = Field(1, ge=1, description="The release.")
    origin: str = Field("web", description="web or mock.")

    def remote_files(self) -> RemoteFiles | None:
        if self.origin == "mock":
            return None
        file = RemoteFile("sky.npy", f"https://sky.example/{self.release}/sky.npy")
        return RemoteFiles((file,), Path("data"))

    def build(self, context: Any) -> Any: ...


class Own(DatasetSpec):
    """Own files, of which one must be named."""

    name: Literal["own"] = "own"
    file: Path = Field(description="The file.")

    def build(self, context: Any) -> Any: ...


@pytest.fixture(autouse=True)
def _catalog() -> Iterator[None]:
    with catalog.using(Catalog([LoadedPlugin(PluginInfo("mine", "1", "mine"), (Sky, Own))])):
        yield


@pytest.mark.parametrize("setting", ["release=2", "data.release=2"])
def test_the_files_follow_the_settings(setting: str) -> None:
    (file,) = remote_files("sky", [setting]).files
    assert file.url == "https://sky.example/2/sky.npy"


@pytest.mark.parametrize(("name", "settings"), [("own", []), ("sky", ["origin=mock"])])
def test_a_dataset_without_files_is_told_with_those_that_have_some(
    name: str, settings: list[str]
) -> None:
    with pytest.raises(InputError, match=f"'{name}' has no files to fetch. dakit can fetch: sky."):
        remote_files(name, settings)


def test_an_unknown_dataset_is_told_with_what_is_near() -> None:
    with pytest.raises(InputError, match="did you mean 'sky'"):
        remote_files("skye")


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("relase=2", "data.relase: unknown key; did you mean 'release'? Allowed: "),
        ("release=0", "--set data.release=0: release: must be at least 1, not 0"),
        ("release", "must be KEY=VALUE"),
    ],
)
def test_wrong_settings_are_told(setting: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        remote_files("sky", [setting])
    assert said in str(caught.value)


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".hidden", "a\\b", "c:x", "x\n"])
def test_a_name_cannot_lead_out_of_the_folder(name: str) -> None:
    with pytest.raises(ValueError, match="no plain file name"):
        RemoteFile(name, "https://sky.example/x")


@pytest.mark.parametrize("checksum", ["md5:12", "crc32:" + "0" * 8, "0" * 32, "md5:" + "G" * 32])
def test_a_checksum_that_could_never_be_met_is_refused(checksum: str) -> None:
    with pytest.raises(ValueError, match="no checksum"):
        RemoteFile("x.npy", "https://sky.example/x", checksum=checksum)
