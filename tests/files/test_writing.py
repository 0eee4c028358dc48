import errno
import json
import os
import subprocess
import sys

import numpy as np
import pytest

from dakit.errors import InputError, RunError
from dakit.files.writing import (
    append_json_line,
    check_writable,
    make_folder,
    read_json,
    read_json_lines,
    write_bytes,
    write_json,
    write_json_lines,
    write_text,
    write_together,
    writing,
)
from tests.file_limit import files_limited_to


@pytest.fixture
def full_disk(monkeypatch):
    """Every flush to the disk fails as on a full one."""

    def fail(handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", fail)


def test_text_and_bytes_are_written_as_they_are(tmp_path):
    write_text(tmp_path / "a.txt", "Sérsic\n")
    write_bytes(tmp_path / "b", b"\x00\r\n")
    assert (tmp_path / "a.txt").read_bytes() == "Sérsic\n".encode()
    assert (tmp_path / "b").read_bytes() == b"\x00\r\n"


def test_a_row_that_the_disk_has_half_room_for_is_no_row(tmp_path):
    path, told = tmp_path / "metrics.jsonl", r"cannot write .*metrics\.jsonl: File too large"
    append_json_line(path, {"epoch": 1})
    whole = path.read_bytes()
    with files_limited_to(len(whole) + 5), pytest.raises(RunError, match=told):
        append_json_line(path, {"epoch": 2})
    assert path.read_bytes() == whole


def test_a_full_disk_is_a_run_error_and_leaves_the_old_file_alone(tmp_path, full_disk):
    path = tmp_path / "results.json"
    path.write_text("old")
    with pytest.raises(RunError, match=r"results\.json: No space left on device"):
        write_text(path, "new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["results.json"]


def test_nothing_is_left_of_a_first_file_when_the_disk_is_full(tmp_path, full_disk):
    with pytest.raises(RunError):
        write_json(tmp_path / "results.json", {"a": 1})
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_appending_to_a_full_device_is_a_run_error():
    code = (
        "from pathlib import Path\n"
        "from dakit.errors import RunError\n"
        "from dakit.files.writing import append_json_line\n"
        "try: append_json_line(Path('/dev/full'), {'epoch': 1})\n"
        "except RunError as error: print(error)\n"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "/dev/full" in answer.stdout, answer.stderr


def test_a_missing_folder_is_a_run_error_naming_path_and_reason(tmp_path):
    with pytest.raises(RunError, match=r"gone/a\.txt: No such file or directory"):
        write_text(tmp_path / "gone" / "a.txt", "x")


def test_an_error_while_writing_leaves_no_file(tmp_path):
    def interrupted():
        with writing(tmp_path / "a") as file:
            file.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert os.listdir(tmp_path) == []


def test_the_file_appears_only_when_it_is_complete(tmp_path):
    path = tmp_path / "a"
    with writing(path) as file:
        file.write(b"half")
        file.flush()
        assert not path.exists()
    assert path.read_bytes() == b"half"


def test_json_holds_numpy_values_and_null_for_what_is_not_finite(tmp_path):
    path = tmp_path / "a.json"
    write_json(
        path,
        {
            "f": np.float32(0.5),
            "i": np.int64(3),
            "b": np.bool_(True),
            "a": np.array([1.0, np.nan]),
            "inf": float("inf"),
            "t": (1, 2),
            "p": tmp_path,
            "s": "π",
        },
    )
    expected = {
        "f": 0.5,
        "i": 3,
        "b": True,
        "a": [1.0, None],
        "inf": None,
        "t": [1, 2],
        "p": str(tmp_path),
        "s": "π",
    }
    assert json.loads(path.read_text()) == expected
    assert read_json(path) == expected
    assert "π" in path.read_text()


def test_unreadable_json_is_an_input_error(tmp_path):
    (tmp_path / "a.json").write_text('{"a": ')
    with pytest.raises(InputError, match=r"a\.json is no valid JSON"):
        read_json(tmp_path / "a.json")
    with pytest.raises(InputError, match=r"cannot read .*b\.json: No such file"):
        read_json(tmp_path / "b.json")


def test_rows_come_back_in_order(tmp_path):
    path = tmp_path / "metrics.jsonl"
    for epoch in range(3):
        append_json_line(path, {"epoch": epoch, "loss": float("nan")})
    assert read_json_lines(path) == [{"epoch": e, "loss": None} for e in range(3)]
    write_json_lines(path, [{"epoch": 7}])
    assert read_json_lines(path) == [{"epoch": 7}]


def test_no_file_means_no_rows(tmp_path):
    assert read_json_lines(tmp_path / "metrics.jsonl") == []


@pytest.mark.parametrize("kept", range(1, 14))
def test_a_row_torn_anywhere_is_dropped_and_the_next_one_is_whole(tmp_path, kept):
    path = tmp_path / "metrics.jsonl"
    append_json_line(path, {"epoch": 1})
    second = b'{"epoch": 222}'
    path.write_bytes(path.read_bytes() + second[:kept])
    assert read_json_lines(path) == [{"epoch": 1}]
    append_json_line(path, {"epoch": 3})
    assert read_json_lines(path) == [{"epoch": 1}, {"epoch": 3}]


def test_a_damaged_row_in_the_middle_is_named(tmp_path):
    path = tmp_path / "metrics.jsonl"
    path.write_text('{"epoch": 1}\n{"epo\n{"epoch": 3}\n')
    with pytest.raises(InputError, match=r"metrics\.jsonl:2"):
        read_json_lines(path)
    path.write_text('{"epoch": 1}\n[1]\n')
    with pytest.raises(InputError, match=r"metrics\.jsonl:2 holds list"):
        read_json_lines(path)


def test_a_row_that_does_not_fit_on_the_disk_takes_no_other_with_it(tmp_path, monkeypatch):
    path = tmp_path / "metrics.jsonl"
    append_json_line(path, {"epoch": 1})

    def fail(handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(RunError, match=r"metrics\.jsonl: No space left on device"):
        append_json_line(path, {"epoch": 2})
    assert path.read_bytes() == b'{"epoch": 1}\n'


def test_a_folder_is_made_with_its_parents(tmp_path):
    make_folder(tmp_path / "a" / "b")
    make_folder(tmp_path / "a" / "b")
    assert os.listdir(tmp_path / "a" / "b") == []


def test_a_folder_that_cannot_be_made_is_an_input_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"cannot write to the folder .*file/runs"):
        make_folder(tmp_path / "file" / "runs")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_an_unwritable_folder_is_an_input_error(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(InputError, match="Permission denied"):
        make_folder(tmp_path)
    tmp_path.chmod(0o700)


def test_where_no_file_can_be_is_told_before_the_work(tmp_path):
    check_writable(tmp_path / "file.csv")
    (tmp_path / "file.csv").touch()
    check_writable(tmp_path / "file.csv")
    with pytest.raises(InputError, match="is a folder"):
        check_writable(tmp_path)
    with pytest.raises(InputError, match=r"there is no folder .*missing"):
        check_writable(tmp_path / "missing" / "file.csv")


@pytest.mark.parametrize("fails", ["a", "b", "c"])
def test_files_that_belong_together_are_all_written_or_none(tmp_path, monkeypatch, fails):
    def replace(old, new, moved=os.replace):
        if new == tmp_path / fails:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        moved(old, new)

    monkeypatch.setattr(os, "replace", replace)
    contents = {tmp_path / name: name.encode() for name in "abc"}
    with pytest.raises(RunError, match=rf"cannot write .*/{fails}: Input/output error"):
        write_together(contents)
    assert not os.listdir(tmp_path)
    monkeypatch.undo()
    write_together(contents)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == contents


def test_of_files_that_belong_together_none_is_written_where_a_folder_has_a_name(tmp_path):
    (tmp_path / "b").mkdir()
    with pytest.raises(InputError, match="b is a folder"):
        write_together({tmp_path / "a": b"a", tmp_path / "b": b"b"})
    assert os.listdir(tmp_path) == ["b"]


def test_of_files_that_belong_together_the_disk_takes_all_or_none(tmp_path):
    (tmp_path / "a").write_text("old")
    with files_limited_to(5), pytest.raises(RunError, match="b: File too large"):
        write_together({tmp_path / "a": b"new", tmp_path / "b": b"too long"})
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a": "old"}
