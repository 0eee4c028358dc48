"""A fetch as a whole: what is left alone, what the record says, room, mirrors, two at once."""

from __future__ import annotations

import errno
import hashlib
import os
import platform
import shutil
import threading
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from client import CONTENT, OTHER, Client
from faulty_server import NAME, Fault

from dakit import InputError, RunError
from dakit.fetching.record import FILE_NAME
from tests.file_limit import files_limited_to

MD5 = f"md5:{hashlib.md5(CONTENT).hexdigest()}"


def test_a_file_is_fetched_once_and_then_left_alone_without_any_request(client: Client) -> None:
    client.fetch()
    before = client.path.stat()
    again = client.fetch()
    assert (again.brought, again.there_already) == ((), (NAME,))
    assert client.path.stat() == before
    assert (len(client.server.requests), client.server.index_requests) == (1, 1)


def test_a_file_that_was_checked_is_not_hashed_again(client: Client, settled: None) -> None:
    for _ in range(3):
        client.fetch()
    checks = [title for title, *_ in client.reporter.begun if title.startswith("checking")]
    assert len(checks) == 2, "once as a part, once in its place"


def test_a_file_brought_by_hand_is_checked_once_and_kept(client: Client, settled: None) -> None:
    client.folder.mkdir()
    client.path.write_bytes(CONTENT)
    assert client.fetch().there_already == (NAME,)
    assert client.server.requests == []
    client.fetch()
    assert [title for title, *_ in client.reporter.begun] == [f"checking {NAME}"]


def test_a_file_changed_after_its_check_is_found_out(client: Client) -> None:
    client.fetch()
    client.path.write_bytes(OTHER)
    os.utime(client.path, ns=(0, 1))
    client.fetch()
    assert client.path.read_bytes() == CONTENT
    assert client.path.with_name(f"{NAME}.other").read_bytes() == OTHER


@pytest.mark.parametrize("wrong", [CONTENT[:-1], OTHER], ids=["size", "checksum"])
def test_another_file_of_that_name_is_set_aside(client: Client, wrong: bytes) -> None:
    client.folder.mkdir()
    client.path.write_bytes(wrong)
    client.path.with_name(f"{NAME}.other").write_bytes(b"older")
    client.fetch()
    assert client.path.read_bytes() == CONTENT
    assert client.path.with_name(f"{NAME}.other1").read_bytes() == wrong
    assert f"{NAME} is not the published file" in client.reporter.text


def test_a_folder_of_that_name_is_told(client: Client) -> None:
    client.path.mkdir(parents=True)
    with pytest.raises(InputError, match="is not a file"):
        client.fetch()


def test_no_other_files_are_left(client: Client) -> None:
    client.server.script.append(Fault("cut", 7))
    client.fetch()
    assert {path.name for path in client.folder.iterdir()} == {NAME, FILE_NAME}


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"[" * 100_000, b'{"ADDRESS/index": [{"key": "images.npy"}]}'],
)
def test_a_broken_memory_is_forgotten(client: Client, content: bytes) -> None:
    client.fetch()
    address = client.server.address.encode()
    (client.folder / FILE_NAME).write_bytes(content.replace(b"ADDRESS", address))
    assert client.fetch().there_already == (NAME,)


@pytest.mark.parametrize(
    ("index", "said"),
    [
        (b"<html>", "is no JSON"),
        (b"[" * 100_000, "is no JSON"),
        ([], "no list 'files'"),
        ({"files": {}}, "no list 'files'"),
        ({"files": []}, f"{NAME}: its checksum is not known"),
        ({"files": [{"key": NAME, "size": "big", "checksum": MD5}]}, "is not known"),
        ({"files": [{"key": NAME, "size": 50_000, "checksum": "md5:12"}]}, "is not known"),
        ({"files": [None, 3, {"key": "other.npy"}]}, "is not known"),
    ],
)
def test_without_a_checksum_in_the_record_the_size_alone_is_checked_and_that_is_said(
    client: Client, index: Any, said: str
) -> None:
    client.server.index = index
    fetched = client.fetch()
    assert client.path.read_bytes() == CONTENT
    assert fetched.unverified == (NAME,)
    assert fetched.lines()[-1] == f"Checksum not verified, size only: {NAME}"
    assert said in client.reporter.text


@pytest.mark.parametrize(("status", "asked"), [(404, 1), (503, 3)])
def test_a_record_that_is_not_there_is_said_and_a_busy_one_asked_again(
    client: Client, status: int, asked: int
) -> None:
    client.server.index_faults.extend([status] * 9)
    assert client.fetch().unverified == (NAME,)
    assert client.server.index_requests == asked
    assert f"the server answers {status}" in client.reporter.text


def test_a_record_that_answers_in_the_end_is_used(client: Client) -> None:
    client.server.index_faults.extend([503, 429])
    assert client.fetch().unverified == ()


def test_the_record_of_an_earlier_fetch_serves_where_it_cannot_be_reached(client: Client) -> None:
    client.fetch()
    client.path.unlink()
    client.server.index_faults.append(404)
    client.server.change_file(OTHER)
    with pytest.raises(RunError, match="expected the checksum"):
        client.fetch()


def test_the_record_knows_the_size_better(client: Client) -> None:
    client.size = 49_000
    client.fetch()
    assert client.path.read_bytes() == CONTENT
    assert "the record says 50000 bytes, not 49000" in client.reporter.text


def test_a_checksum_that_the_dataset_declares_stands(client: Client) -> None:
    client.checksum = f"sha256:{hashlib.sha256(OTHER).hexdigest()}"
    with pytest.raises(RunError, match="expected the checksum sha256:"):
        client.fetch()
    client.server.change_file(OTHER)
    client.fetch()
    assert client.path.read_bytes() == OTHER
    assert client.server.index_requests == 0


def test_a_mirror_is_asked_for_the_file_and_the_record_for_the_checksum(client: Client) -> None:
    remote = client.remote
    client.remote = lambda: replace(  # type: ignore[method-assign]
        remote(),
        files=tuple(replace(f, url="http://127.0.0.1:1/x") for f in remote().files),
    )
    client.fetch(mirror=f"{client.server.address}/")
    assert client.path.read_bytes() == CONTENT
    assert client.server.index_requests == 1


def test_a_mirror_goes_on_with_what_another_place_began(client: Client) -> None:
    client.server.script.extend([Fault("cut", 20_000), Fault("status", 403)])
    with pytest.raises(RunError):
        client.fetch()
    mirror = client.server.address.replace("127.0.0.1", "localhost")
    client.fetch(mirror=mirror)
    assert client.server.ranges[-1] == "bytes=20000-"
    assert "if-range" not in client.server.requests[-1]
    assert client.path.read_bytes() == CONTENT


@pytest.mark.parametrize(
    "mirror",
    ["ftp://host/x", "/data/copy", "file:///data", "http://", "http://[::1", "http://host:99999"],
)
def test_a_mirror_must_be_on_the_web(client: Client, mirror: str) -> None:
    with pytest.raises(InputError, match="is no http or https URL"):
        client.fetch(mirror=mirror)


def test_an_unknown_file_is_told_with_what_is_near(client: Client) -> None:
    with pytest.raises(InputError, match=f"'image.npy'; did you mean '{NAME}'"):
        client.fetch(names=["image.npy"])
    assert client.fetch(names=[NAME]).brought == (NAME,)


def test_a_full_disk_is_told_before_anything_is_fetched(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = SimpleNamespace(free=29_999)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: free)
    with pytest.raises(RunError, match=r"50 kB are still to come, 30 kB are free in .*data; "):
        client.fetch()
    assert client.server.requests == []
    client.part.write_bytes(CONTENT[:20_001])
    client.fetch()
    assert client.path.read_bytes() == CONTENT


def test_a_disk_that_becomes_full_is_told_and_the_part_kept(client: Client) -> None:
    told = r"cannot write .*npy.part: File too large"
    with files_limited_to(30_000), pytest.raises(RunError, match=told):
        client.fetch()
    assert client.part.read_bytes() == CONTENT[:30_000]
    client.fetch()
    assert client.server.ranges == [None, "bytes=30000-"]
    assert client.path.read_bytes() == CONTENT


def test_a_folder_that_cannot_be_written_to_is_told(client: Client) -> None:
    client.folder.write_text("a file")
    with pytest.raises(InputError, match="cannot write to the folder"):
        client.fetch()


def test_a_second_fetch_waits_for_the_first_and_finds_the_file(
    client: Client, tmp_path: Path
) -> None:
    client.server.trickle = threading.Event()
    second = Client(client.server, client.folder)

    def first_may_end(seconds: float) -> None:
        assert client.server.trickle is not None
        client.server.trickle.set()
        first.join()

    second.policy = replace(second.policy, sleep=first_may_end)
    first = threading.Thread(target=client.fetch)
    first.start()
    while not client.part.exists():
        first.join(0.01)
    assert second.fetch().there_already == (NAME,)
    assert (
        f"another dakit fetch (process {os.getpid()} on {platform.node()}) writes into"
        in second.reporter.text
    )
    assert len(client.server.requests) == 1


def test_a_folder_that_cannot_be_locked_is_used_and_that_is_said(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unsupported(handle: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", unsupported)
    assert client.fetch().brought == (NAME,)
    assert "cannot be locked" in client.reporter.text


def test_the_reporter_is_closed_whatever_happens(client: Client) -> None:
    client.server.always = Fault("status", 404)
    with pytest.raises(RunError):
        client.fetch()
    assert client.reporter.closed


def test_interruption_leaves_the_part_to_go_on_from(client: Client) -> None:
    def interrupt(position: int) -> None:
        raise KeyboardInterrupt

    client.reporter.at = interrupt  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        client.fetch()
    have = client.part.stat().st_size
    assert client.part.read_bytes() == CONTENT[:have]
    assert have > 0
    del client.reporter.at
    client.fetch()
    assert client.path.read_bytes() == CONTENT
