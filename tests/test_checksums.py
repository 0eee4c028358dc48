"""A checksum that is kept is used for the very same file only."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

import pytest

from dakit import checksums
from dakit.checksums import file_checksum, file_sha256
from tests.file_limit import files_limited_to

pytestmark = pytest.mark.skipif(os.name == "nt", reason="nothing is kept there")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(checksums.time, "time", lambda: time.time_ns() / 1e9 + 3600)
    return tmp_path / "cache" / "dakit" / "checksums"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "data.npy"
    path.write_bytes(b"content")
    return path


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def forge(cache: Path, found: str = "f" * 64) -> str:
    """Change what is kept, so that its use can be seen."""
    (entry,) = cache.glob("*.json")
    entry.write_text(entry.read_text().replace(sha256(b"content"), found))
    return found


def test_an_unchanged_file_is_read_once(file: Path, cache: Path) -> None:
    assert file_sha256(file) == sha256(b"content")
    forged = forge(cache)
    assert file_sha256(file) == forged


def test_a_file_changed_behind_its_modification_time_is_read_again(file: Path, cache: Path) -> None:
    file_sha256(file)
    forge(cache)
    before = file.stat()
    with file.open("r+b") as opened:
        opened.write(b"CONTENT")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (file.stat().st_mtime_ns, file.stat().st_size) == (before.st_mtime_ns, before.st_size)
    assert file_sha256(file) == sha256(b"CONTENT")


def test_a_file_put_in_its_place_is_read_again(file: Path, cache: Path) -> None:
    file_sha256(file)
    forge(cache)
    other = file.with_name("other")
    other.write_bytes(b"CONTENT")
    os.utime(other, ns=(0, file.stat().st_mtime_ns))
    other.replace(file)
    assert file_sha256(file) == sha256(b"CONTENT")


def test_a_file_that_was_just_written_is_not_kept(
    file: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache.parents[1]))
    assert file_sha256(file) == sha256(b"content")
    assert not cache.exists()


def test_a_file_that_changes_while_it_is_read_is_not_kept(file: Path, cache: Path) -> None:
    file_checksum(file, "sha256", lambda position: file.write_bytes(b"more content"))
    assert not cache.exists()


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha512"])
def test_each_algorithm_is_kept_for_itself(file: Path, algorithm: str) -> None:
    told: list[int] = []
    for _ in range(2):
        assert file_sha256(file) == sha256(b"content")
        right = hashlib.new(algorithm, b"content").hexdigest()
        assert file_checksum(file, algorithm, told.append) == right
    assert told == [0, 7], "read once"


@pytest.mark.parametrize("entry", ["", "{", "[]", '{"file": {}, "checksum": 3}'])
def test_a_broken_entry_is_made_anew(file: Path, cache: Path, entry: str) -> None:
    file_sha256(file)
    (path,) = cache.glob("*.json")
    path.write_text(entry)
    assert file_sha256(file) == sha256(b"content")
    forge(cache)


def test_a_cache_that_cannot_be_written_is_none(file: Path, cache: Path) -> None:
    cache.parents[1].write_text("a file where the folder should be")
    assert file_sha256(file) == sha256(b"content")


def test_a_cache_on_a_full_disk_is_none_and_holds_no_half_of_an_entry(
    file: Path, cache: Path
) -> None:
    with files_limited_to(7):
        assert file_sha256(file) == sha256(b"content")
    assert list(cache.iterdir()) == []


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        file_sha256(tmp_path / "none.npy")
