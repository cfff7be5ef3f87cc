import gzip
import itertools
import threading
import time
import zlib
from functools import partial

import pytest
from tests.served_folder import served
from tests.unit.apps.published.answers import NOT_FOUND, ok, serving, status
from tests.unit.tlog.quick_disk import QuickDisk

from escruta.apps.published import FileRefused, Limits, PlaceUnusable, open_published, paths_of_log
from escruta.apps.published.servers import PublishedServer
from escruta.tlog.building import build_log
from escruta.tlog.keys import KeyKind, SeedSigner
from escruta.tlog.policies import Policy
from escruta.tlog.tiles import tiles_of
from escruta.tlog.verification import verify_log

SIGNER = SeedSigner("example.com/log", KeyKind.ED25519, b"1" * 32)
PATIENT, HASTY = Limits(), Limits(patience_s=0.3)
"""Who drips is left soon; others have all the time of a busy machine."""


@pytest.fixture
def pauses():
    return []


@pytest.fixture
def asked():
    return []


@pytest.fixture
def reading(pauses, asked):
    """Read one path of a server that answers so, without waiting between tries."""

    def read(answer, path="log/file", limits=PATIENT):
        with serving({f"/{path}": answer}) as server, PublishedServer(server.url, limits, pauses.append) as published:
            try:
                return published.read(path)
            finally:
                asked[:] = server.asked

    return read


def refused(error, reading, *arguments, **more):
    with pytest.raises(error) as told:
        reading(*arguments, **more)
    assert told.value.where.startswith("http://127.0.0.1:")
    return told.value


def test_a_file_is_given_and_404_is_none(reading, asked):
    assert reading(ok(b"body")) == b"body"
    assert reading(ok(b"")) == b""
    assert reading(NOT_FOUND) is None
    assert reading(status("410 Gone")) is None
    assert reading(status("403 Forbidden", "x-amz-request-id: 1")) is None
    assert refused(FileRefused, reading, status("403 Forbidden")).found == "403 Forbidden"
    assert len(asked) == 1


def test_a_path_is_written_so_that_it_stays_a_path():
    path = "a b/ñ%2e?x#y:z/@"
    answers = {"/top/a%20b/%C3%B1%252e%3Fx%23y%3Az/%40": ok(b"x")}
    with serving(answers) as server, open_published(f"{server.url}/top") as published:
        assert published.read(path) == b"x"
        assert published.place == f"{server.url}/top/"
        assert published.paths() is None
        assert published.under("log").place == f"{server.url}/top/log"
        assert published.under("log").paths() is None


@pytest.mark.parametrize(
    "url", ["http://", "http://u:p@127.0.0.1/x", "http://h/x?q=1", "http://h/#f", "https://h/a.zip"]
)
def test_a_url_that_names_no_folder_of_a_server_is_refused_and_no_password_is_shown(url):
    with pytest.raises(PlaceUnusable) as told:
        open_published(url)
    assert ":p@" not in str(told.value)


# packed bodies

PACKED = gzip.compress(b"x" * 1000, mtime=0)


def test_gzip_is_unpacked(reading):
    assert reading(ok(PACKED, "Content-Encoding: gzip")) == b"x" * 1000


@pytest.mark.parametrize(
    "body",
    [b"plain", PACKED[:-9], PACKED + b"more", PACKED[:12] + b"\0" + PACKED[13:], b""],
    ids=["no gzip", "cut", "longer", "damaged", "nothing"],
)
def test_a_wrong_content_encoding_is_said_and_not_tried_again(reading, body, asked):
    told = refused(FileRefused, reading, ok(body, "Content-Encoding: gzip"))
    assert "packed with gzip, and what came is not" in told.what
    assert len(asked) == 1


@pytest.mark.parametrize("coding", ["br", "zstd", "deflate", "gzip, gzip", "compress"])
def test_a_packing_that_nobody_asked_for_is_refused(reading, coding):
    assert refused(FileRefused, reading, ok(PACKED, f"Content-Encoding: {coding}")).found == coding


def test_a_bomb_stops_at_the_limit_and_takes_no_memory(reading):
    unpacker_room = Limits(file_bytes=10_000)
    bomb = zlib.compressobj(wbits=31)
    packed = bomb.compress(bytes(50 << 20)) + bomb.flush()
    told = refused(FileRefused, reading, ok(packed, "Content-Encoding: gzip"), limits=unpacker_room)
    assert told.expected == "at most 10000 bytes"


# sizes


def test_a_promise_that_is_too_large_is_refused_before_the_body(reading):
    assert refused(FileRefused, reading, ok(b"x", length=1 << 50)).found == f"{1 << 50} bytes promised"


def test_a_body_without_a_promise_stops_at_the_limit(reading):
    endless = itertools.chain([b"HTTP/1.1 200 OK\r\n\r\n"], itertools.repeat(bytes(65536)))
    told = refused(FileRefused, reading, lambda: endless, limits=Limits(file_bytes=1 << 20))
    assert told.found == f"more than {1 << 20} bytes"


def test_a_tile_larger_than_tiles_are_is_refused(reading):
    assert reading(ok(bytes(8192)), "tile/0/000") == bytes(8192)
    assert refused(FileRefused, reading, ok(bytes(8193)), "tile/0/000").found == "8193 bytes promised"


def test_a_body_larger_than_promised_ends_where_it_was_promised(reading):
    assert reading(ok(b"12345678", length=4)) == b"1234"


def test_a_body_that_is_cut_off_is_fetched_again_and_then_refused(reading, asked):
    assert reading([ok(b"half", length=8), ok(b"complete")]) == b"complete"
    told = refused(FileRefused, reading, ok(b"half", length=8))
    assert "cut off" in told.what
    assert len(asked) == 4


def test_a_cut_in_pieces_with_lengths_is_noticed(reading):
    cut = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"
    assert "cut off" in refused(FileRefused, reading, cut).what


# soft 404

PAGE = b"\n<!DOCTYPE html><html><title>Not here</title>" + b"x" * 20_000


@pytest.mark.parametrize("kind", ["Content-Type: text/html; charset=utf-8", "Content-Type: application/octet-stream"])
@pytest.mark.parametrize("path", ["tile/0/000", "tile/entries/000.p/3", "checkpoint", "summary.json"])
def test_a_page_for_people_in_the_place_of_a_file_is_said_so(reading, kind, path):
    if "html" not in kind and path == "tile/0/000":
        assert "larger" in refused(FileRefused, reading, ok(PAGE, kind), path).what
        return
    told = refused(FileRefused, reading, ok(PAGE, kind), path)
    assert "a page for people where a file should be" in told.what
    assert "200 for whatever it does not have" in told.advice


def test_a_page_that_was_asked_for_is_given(reading):
    assert reading(ok(PAGE, "Content-Type: text/html"), "site/index.html") == PAGE


# redirects


def test_a_redirect_on_the_same_server_is_followed_and_a_circle_is_left():
    answers = {"/a": status("301 Moved", "Location: /b"), "/b": ok(b"b"), "/c": status("302 Found", "Location: /c")}
    with serving(answers) as server, open_published(server.url) as published:
        assert published.read("a") == b"b"
        with pytest.raises(PlaceUnusable, match="on and on"):
            published.read("c")
        assert server.asked.count("/c") == 4


@pytest.mark.parametrize("target", ["http://localhost:{port}/b", "http://127.0.0.1:1/b", "https://127.0.0.1:{port}/b"])
def test_a_redirect_to_another_host_port_or_scheme_is_refused_and_not_asked(target):
    with serving({"/b": ok(b"secret")}) as server:
        port = server.server_address[1]
        server.answers["/a"] = [status("307 Elsewhere", f"Location: {target.format(port=port)}")]
        with open_published(server.url) as published, pytest.raises(PlaceUnusable) as told:
            published.read("a")
        assert told.value.found == target.format(port=port)
        assert server.asked == ["/a"]


def test_a_redirect_to_nowhere_is_refused(reading):
    assert "nowhere" in refused(FileRefused, reading, status("302 Found")).what
    assert "Invalid URL" in refused(PlaceUnusable, reading, status("302 Found", "Location: http://h:abc")).found


# tries


@pytest.mark.parametrize("first", [status("503 Busy"), status("500 Oh"), status("429 Slow"), b"", b"nonsense\r\n\r\n"])
def test_what_may_pass_is_tried_again(reading, pauses, first):
    assert reading([first, first, ok(b"body")]) == b"body"
    assert pauses == [0.25, 0.5]


def test_the_tries_end_and_the_pauses_grow(reading, pauses, asked):
    told = refused(PlaceUnusable, reading, status("503 Busy"))
    assert (told.found, len(asked), pauses) == ("503 Busy", 4, [0.25, 0.5, 1.0])


def test_a_server_may_ask_for_a_pause_but_not_for_a_long_one(reading, pauses):
    reading([status("503 Busy", "Retry-After: 3"), status("503 Busy", "Retry-After: 99999999"), ok(b"")])
    assert pauses == [3.0, 0.5]
    pauses.clear()
    reading([status("503 Busy", "Retry-After: 3600"), ok(b"")])
    assert pauses == [10.0]


def test_a_silent_server_is_left_after_a_while(reading):
    released = threading.Event()

    def silent():
        released.wait(120)
        return b""

    begun = time.monotonic()
    told = refused(PlaceUnusable, reading, silent, limits=Limits(answer_s=0.1, tries=2))
    released.set()
    assert "ReadTimeout" in told.found
    assert time.monotonic() - begun < 60


def drip(*first, each=b"x", pause_s=0.02, most=400):
    def parts():
        yield from first
        for _ in range(most):
            time.sleep(pause_s)
            yield each

    return parts


def test_a_server_that_never_ends_its_head_is_left(reading):
    told = refused(PlaceUnusable, reading, drip(b"HTTP/1.1 200 OK\r\nX: "), limits=HASTY)
    assert "to the point" in told.what
    told = refused(PlaceUnusable, reading, drip(each=b"HTTP/1.1 103 Early Hints\r\n\r\n"), limits=HASTY)
    assert "to the point" in told.what


def test_a_server_that_drips_a_body_is_left(reading):
    told = refused(FileRefused, reading, drip(b"HTTP/1.1 200 OK\r\n\r\n"), limits=HASTY)
    assert "too slowly" in told.what


def test_nobody_listening_is_told():
    with serving({}) as server:
        url = server.url
    with PublishedServer(url, PATIENT, lambda _: None) as published, pytest.raises(PlaceUnusable, match="not answer"):
        published.read("checkpoint")


# many files


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    folder = tmp_path_factory.mktemp("log")
    entries = [b"%d" % number for number in range(20_000)]
    build_log(folder, entries, origin="example.com/log", signers=[SIGNER], time_s=1, files=QuickDisk())
    return folder


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 65_535, 65_536, 65_537, 131_072, 70_000])
def test_the_paths_of_a_log_are_those_of_its_tiles(size):
    paths = list(paths_of_log(size))
    assert sorted(paths) == sorted(tile.path for tile in tiles_of(size))


def test_a_verifier_that_says_what_it_will_read_waits_for_little_and_is_polite(log):
    def after_a_moment(path):
        time.sleep(0.005)
        return ok((log / path).read_bytes(), "Connection: close")

    names = [path.relative_to(log).as_posix() for path in log.rglob("*") if path.is_file()]
    answers = {f"/{name}": partial(after_a_moment, name) for name in names}
    with serving(answers) as server, open_published(server.url) as published:
        published.prefetch(paths_of_log(20_000))
        report = verify_log(published, Policy(logs=(SIGNER.key,)))
        assert report.is_sound
        assert len(server.asked) == len(set(server.asked)) == len(names), "each file once"
        assert 1 < server.most_at_once <= published.limits.at_once
        assert all(b"Accept-Encoding: gzip\r\n" in head for head in server.heads)


def test_what_is_fetched_ahead_is_bounded():
    answers = {f"/{number}": ok(bytes(1000)) for number in range(30)}
    limits = Limits(ahead=10)
    with serving(answers) as server, open_published(server.url, limits) as published:
        published.prefetch(str(number) for number in range(30))
        time.sleep(0.2)
        assert len(server.asked) <= 10
        assert [len(published.read(str(number)) or b"") for number in range(30)] == [1000] * 30
        assert len(server.asked) == 30


def test_a_failure_of_a_file_fetched_ahead_is_told_to_who_reads_it():
    with serving({"/a": ok(b"a"), "/b": status("400 No")}) as server, open_published(server.url) as published:
        published.prefetch(["a", "b", "c"])
        assert published.read("c") is None
        with pytest.raises(FileRefused, match="does not give"):
            published.read("b")
        assert published.read("a") == b"a"


def test_a_log_behind_an_ordinary_web_server_is_sound(log):
    with served(log) as address, open_published(f"{address}/") as published:
        published.prefetch(paths_of_log(20_000))
        assert verify_log(published, Policy(logs=(SIGNER.key,))).is_sound
