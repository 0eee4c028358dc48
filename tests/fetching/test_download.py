"""Every fault of the server: the file comes whole, or an error says why and nothing is left."""

from __future__ import annotations

import hashlib
import io
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from client import CONTENT, OTHER, Client
from faulty_server import KINDS, NAME, SILENT, Fault, FaultyServer, serving
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console

from dakit import RunError
from dakit.fetching.fetch import fetch
from dakit.fetching.reporter import ConsoleReporter

SURVIVED_ONCE = [
    Fault("cut", 20_000),
    Fault("cut", 0),
    Fault("stall", 20_000),
    Fault("drip"),
    Fault("length too small"),
    Fault("length too large"),
    Fault("no length"),
    Fault("wrong bytes"),
    Fault("more bytes"),
    Fault("other file"),
    Fault("redirect"),
    Fault("gibberish"),
    Fault("broken chunks"),
    Fault("status", 429, "3"),
    Fault("status", 500),
    Fault("status", 503, "2"),
]


def name_of(fault: Fault) -> str:
    return f"{fault.kind} {fault.amount or ''}"


def impatient_where_it_stalls(client: Client, fault: Fault) -> None:
    if fault.kind in SILENT:
        client.policy = replace(client.policy, timeout=0.3)


@pytest.mark.parametrize("fault", SURVIVED_ONCE, ids=name_of)
def test_a_fault_that_passes_is_survived(client: Client, fault: Fault) -> None:
    client.server.script.append(fault)
    impatient_where_it_stalls(client, fault)
    fetched = client.fetch()
    assert fetched.brought == (NAME,)
    assert client.path.read_bytes() == CONTENT
    assert not client.part.exists()


@pytest.mark.parametrize(
    "fault",
    [
        Fault("ignore range"),
        Fault("wrong total"),
        Fault("wrong start"),
        Fault("refuse range"),
        Fault("endless length"),
        Fault("status", 503),
        Fault("other file"),
        Fault("cut", 10_000),
    ],
    ids=name_of,
)
@pytest.mark.parametrize("etag", ['"v1"', None])
def test_a_fault_in_going_on_is_survived(client: Client, fault: Fault, etag: str | None) -> None:
    client.server.etag = etag
    client.server.script.extend([Fault("cut", 20_000), fault])
    client.fetch()
    assert client.path.read_bytes() == CONTENT
    assert client.server.ranges[:2] == [None, "bytes=20000-"]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault("cut", 0), "the connection ended after 0 of 50000 bytes"),
        (Fault("stall", 0), "timed out"),
        (Fault("drip"), "bytes of content came in 0."),
        (Fault("length too small"), "expected 50000 bytes, the server offers 49995"),
        (Fault("length too large"), "expected 50000 bytes, the server offers 50005"),
        (Fault("wrong bytes"), f"expected the checksum md5:{hashlib.md5(CONTENT).hexdigest()}"),
        (Fault("more bytes"), "expected 50000 bytes, more came"),
        (Fault("other file"), "expected 50000 bytes, the server offers 26"),
        (Fault("gibberish"), "the connection failed"),
        (Fault("status", 404), "the server answers 404"),
        (Fault("status", 403), "the server answers 403"),
        (Fault("status", 500), "the server answers 500"),
        (Fault("status", 429, "1"), "the server answers 429"),
        (Fault("status", 503, "86400"), "asks to come back in 86400 s"),
        (Fault("encoded"), "in the encoding 'gzip'"),
    ],
    ids=lambda value: name_of(value) if isinstance(value, Fault) else "",
)
def test_a_fault_that_stays_is_told_and_leaves_nothing_wrong(
    client: Client, fault: Fault, said: str
) -> None:
    client.server.always = fault
    impatient_where_it_stalls(client, fault)
    with pytest.raises(RunError) as caught:
        client.fetch()
    assert said in str(caught.value)
    assert f"cannot fetch {NAME} from {client.server.address}/{NAME}: " in str(caught.value)
    assert not client.path.exists()
    assert len(client.slept) < client.policy.attempts


def test_a_broken_download_goes_on_where_it_ended(client: Client) -> None:
    client.server.script.extend([Fault("cut", 20_000), Fault("cut", 5_000)])
    client.fetch()
    assert client.server.ranges == [None, "bytes=20000-", "bytes=25000-"]
    assert client.path.read_bytes() == CONTENT


@pytest.mark.parametrize("kind", ["wrong total", "wrong start", "refuse range"])
def test_a_server_whose_ranges_are_odd_is_asked_for_the_whole_file(
    client: Client, kind: str
) -> None:
    client.server.script.append(Fault("cut", 20_000))
    client.server.always = Fault(kind)
    client.fetch()
    assert client.server.ranges == [None, "bytes=20000-", None]
    assert client.path.read_bytes() == CONTENT


def test_what_came_before_an_error_is_gone_on_with_by_the_next_fetch(client: Client) -> None:
    client.server.script.extend([Fault("cut", 20_000), Fault("status", 404)])
    with pytest.raises(RunError, match="the 20 kB that came are kept"):
        client.fetch()
    assert client.part.read_bytes() == CONTENT[:20_000]
    client.fetch()
    assert client.server.ranges[-1] == "bytes=20000-"
    assert client.path.read_bytes() == CONTENT


def test_a_login_page_does_not_cost_what_has_come(client: Client) -> None:
    client.server.script.append(Fault("cut", 20_000))
    client.server.always = Fault("other file")
    with pytest.raises(RunError):
        client.fetch()
    assert client.part.read_bytes() == CONTENT[:20_000]


@pytest.mark.parametrize("kind", ["none", "ignore If-Range"])
@pytest.mark.parametrize("etag", ['"v2"', None])
def test_a_file_that_changes_between_attempts_is_not_glued(
    client: Client, kind: str, etag: str | None
) -> None:
    client.index = False
    client.server.script.append(Fault("cut", 20_000))
    client.policy = replace(client.policy, sleep=lambda _: client.server.change_file(OTHER, etag))
    client.server.script.append(Fault(kind))
    client.fetch()
    assert client.path.read_bytes() == OTHER


@pytest.mark.parametrize("etag", ['"v1"', None])
def test_without_a_checksum_nothing_is_gone_on_with(client: Client, etag: str | None) -> None:
    client.index = False
    client.server.etag = etag
    client.server.script.append(Fault("cut", 20_000))
    client.fetch()
    assert client.server.ranges == [None, None]
    assert client.path.read_bytes() == CONTENT


def test_a_changed_file_that_contradicts_the_record_is_refused(client: Client) -> None:
    client.server.change_file(OTHER)
    with pytest.raises(RunError, match="expected the checksum"):
        client.fetch()
    assert not client.path.exists()
    assert not client.part.exists()
    assert len(client.server.requests) == client.policy.copies


def test_a_part_that_is_wrong_is_replaced(client: Client) -> None:
    client.folder.mkdir()
    client.part.write_bytes(OTHER[:30_000])
    client.fetch()
    assert client.server.ranges == ["bytes=30000-", None]
    assert client.path.read_bytes() == CONTENT


@pytest.mark.parametrize("length", [50_000, 60_000])
def test_a_part_that_is_complete_or_too_long(client: Client, length: int) -> None:
    client.folder.mkdir()
    client.part.write_bytes((CONTENT + OTHER)[:length])
    client.fetch()
    assert client.server.ranges == ([] if length == len(CONTENT) else [None])
    assert client.path.read_bytes() == CONTENT


def test_the_size_may_be_told_by_the_server_alone(client: Client) -> None:
    client.index, client.size = False, None
    client.server.script.extend([Fault("cut", 20_000), Fault("wrong total")])
    fetched = client.fetch()
    assert client.path.read_bytes() == CONTENT
    assert fetched.unverified == (NAME,)


def test_a_size_that_nobody_tells_is_an_error(client: Client) -> None:
    client.index, client.size = False, None
    client.server.always = Fault("no length")
    with pytest.raises(RunError, match="neither its record nor the server tells its size"):
        client.fetch()
    assert not client.path.exists()


@pytest.mark.parametrize("size", [None, len(CONTENT)])
def test_a_length_of_thousands_of_digits_is_none(client: Client, size: int | None) -> None:
    client.size, client.index = size, size is not None
    client.server.script.append(Fault("endless length"))
    if size is None:
        with pytest.raises(RunError, match="neither its record nor the server tells its size"):
            client.fetch()
    else:
        assert client.fetch().brought == (NAME,)


def test_a_server_that_drips_is_given_up_and_what_came_is_kept(client: Client) -> None:
    client.server.always = Fault("drip")
    client.policy = replace(client.policy, timeout=0.2)
    with pytest.raises(
        RunError, match=r"only \d+ bytes of content came in 0\.\d+ s \(tried 5 times\)"
    ):
        client.fetch()
    came = client.part.read_bytes()
    assert came == CONTENT[: len(came)]
    assert client.server.ranges[-1] is not None, "each attempt goes on where the last one ended"


def test_endless_redirects_and_ones_to_files_end(client: Client) -> None:
    client.checksum = f"md5:{hashlib.md5(CONTENT).hexdigest()}"
    client.server.always = Fault("redirect")
    client.server.redirect_to = "file:///etc/passwd"
    with pytest.raises(RunError, match="302"):
        client.fetch()
    client.server.redirect_to = f"/{NAME}"
    with pytest.raises(RunError, match="302"):
        client.fetch()
    assert not client.path.exists()


def test_a_redirect_to_what_is_no_url_is_told_at_once(client: Client) -> None:
    client.server.always = Fault("redirect")
    client.server.redirect_to = "http://[::1"
    with pytest.raises(RunError, match=r"leads to what is no URL \(Invalid IPv6 URL\)$"):
        client.fetch()
    assert client.slept == []


def test_escape_codes_of_a_server_reach_no_terminal(client: Client) -> None:
    out = io.StringIO()
    client.server.reason = "\x1b[31mbusy"
    client.server.script.append(Fault("status", 503))
    fetch(client.remote(), policy=client.policy, reporter=ConsoleReporter(Console(file=out)))
    assert r"the server answers 503 \x1b[31mbusy; trying again in 1 s" in out.getvalue()
    assert "\x1b" not in out.getvalue()


def test_waits_grow_and_honour_the_server(client: Client) -> None:
    busy = [Fault("status", 503), Fault("status", 503), Fault("status", 429, "90")]
    client.server.script.extend(busy)
    client.fetch()
    assert client.slept == [1.0, 2.0, 90.0]


faults = st.builds(
    Fault,
    st.sampled_from([kind for kind in KINDS if kind not in SILENT]),
    st.sampled_from([0, 1, 10_000, 49_999]),
).map(lambda fault: Fault("status", 503) if fault.kind == "status" else fault)


@settings(
    deadline=None, max_examples=100, suppress_health_check=list(HealthCheck), derandomize=True
)
@given(
    script=st.lists(faults, max_size=8),
    etag=st.sampled_from(['"v1"', 'W/"v1"', None]),
    indexed=st.booleans(),
    change_at=st.none() | st.integers(0, 4),
)
def test_any_faults_end_with_the_exact_bytes_or_an_error(
    shared: FaultyServer,
    script: list[Fault],
    etag: str | None,
    indexed: bool,
    change_at: int | None,
) -> None:
    if not indexed:  # nobody could tell that these are wrong
        script = [fault for fault in script if fault.kind != "wrong bytes"]
    shared.change_file(CONTENT, etag)
    shared.script.clear()
    shared.script.extend(script)
    with tempfile.TemporaryDirectory() as folder:
        client = Client(shared, Path(folder))
        client.index = indexed

        def sleep(seconds: float) -> None:
            client.slept.append(seconds)
            if len(client.slept) == change_at:
                shared.change_file(OTHER, etag and etag.replace("1", "2"))

        client.policy = replace(client.policy, sleep=sleep)
        right = {CONTENT} if indexed else {CONTENT, OTHER}
        try:
            client.fetch()
        except RunError:
            assert not client.path.exists()
        else:
            assert client.path.read_bytes() in right
            assert not client.part.exists()


@pytest.fixture(scope="module")
def shared() -> object:
    with pytest.MonkeyPatch.context() as patch, serving(CONTENT) as server:
        patch.setenv("NO_PROXY", "*")
        yield server
