import threading
from contextlib import contextmanager
from http.client import HTTPConnection

import httpx
import pytest
from tests.unit.apps.mirror.conftest import HASHED, ORIGIN, POLICY, POLICY_TEXT
from tests.unit.apps.serving import get, running
from tests.unit.tlog.quick_disk import QuickDisk

from escruta.apps.mirror import HistoryRefused, Mirror
from escruta.apps.mirror.errors import MirrorUnusable
from escruta.apps.mirror.running import beside, listen, server_of, url_of
from escruta.apps.published import open_published, paths_of_log
from escruta.tlog.verification import verify_log


@contextmanager
def served(folder):
    """Serve as the command does, on loopback; gives the URL."""
    with listen("127.0.0.1:0") as listening, running(server_of(folder), listening):
        yield url_of(listening)


@pytest.fixture
def client(grow, mirror, pull):
    pull(grow(300))
    with served(mirror.folder) as url, httpx.Client(base_url=url, timeout=60) as opened:
        yield opened


def kinds(answer):
    names = ("content-type", "cache-control", "content-encoding", "vary", "access-control-allow-origin")
    return {name: answer.headers[name] for name in names if name in answer.headers}


def test_each_file_says_what_it_is_and_how_long_it_may_be_kept(client, mirror):
    for_ever = {"cache-control": "public, max-age=31536000, immutable", "access-control-allow-origin": "*"}
    octets = for_ever | {"content-type": "application/octet-stream"}
    plain = {"accept-encoding": "identity"}
    checkpoint = client.get(f"/{HASHED}/checkpoint", headers=plain)
    assert kinds(checkpoint) == {
        "content-type": "text/plain; charset=utf-8",
        "cache-control": "public, max-age=2",
        "access-control-allow-origin": "*",
    }
    assert checkpoint.content == (mirror.folder / HASHED / "checkpoint").read_bytes()
    assert kinds(client.get(f"/{HASHED}/tile/0/000", headers=plain)) == octets
    assert kinds(client.get(f"/{HASHED}/tile/0/001.p/44")) == octets, "hashes do not shrink"
    vary = {"vary": "Accept-Encoding"}
    assert kinds(client.get(f"/{HASHED}/tile/entries/000", headers=plain)) == octets | vary
    packed = client.get(f"/{HASHED}/tile/entries/000", headers={"accept-encoding": "gzip"})
    assert kinds(packed) == octets | vary | {"content-encoding": "gzip"}
    assert packed.content == (mirror.folder / HASHED / "tile/entries/000").read_bytes()
    assert int(packed.headers["content-length"]) < len(packed.content)


def test_an_etag_tells_the_version_and_the_packing_and_saves_the_body(client):
    tags = {}
    for coding in ("identity", "gzip"):
        path, headers = f"/{HASHED}/tile/entries/000", {"accept-encoding": coding}
        tags[coding] = client.get(path, headers=headers).headers["etag"]
        for asked in (tags[coding], f'"x", W/{tags[coding]}', "*"):
            again = client.get(path, headers=headers | {"if-none-match": asked})
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["etag"] == tags[coding]
        assert client.get(path, headers=headers | {"if-none-match": '"x"'}).status_code == 200
    assert len(set(tags.values())) == 2


def test_head_is_answered_without_a_body_and_nothing_is_taken(client):
    head = client.head(f"/{HASHED}/tile/0/000")
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", "8192")
    for method in ("POST", "PUT", "DELETE"):
        assert client.request(method, f"/{HASHED}/checkpoint").status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "none",
        HASHED,
        f"{HASHED}/",
        f"{HASHED}/tile",
        f"{HASHED}/tile/0/999",
        f"{HASHED}/tile/0/000/x",
        f"{HASHED}/tile/0/000.p",
        f"{HASHED}/.staging/x",
        f"{'0' * 64}/checkpoint",
        ".state",
        f".state/{HASHED}/policy",
        f".state/{HASHED}/pending",
        f"{HASHED}/../.state/{HASHED}/policy",
        f"{HASHED}/%2e%2e/.state/{HASHED}/policy",
        f"{HASHED}/tile/..%2f..%2fcheckpoint",
        f"evidence/{HASHED}",
        f"evidence/{HASHED}/..%2f..%2f.state%2f{HASHED}%2fpolicy",
        "%00",
        "..%2f..%2fetc/passwd",
    ],
)
def test_no_other_file_is_served(client, path):
    connection = HTTPConnection(client.base_url.host, client.base_url.port or 0, timeout=60)
    connection.request("GET", f"/{path}")  # as it stands: other clients tidy it up
    answer = connection.getresponse()
    assert (answer.status, answer.getheader("access-control-allow-origin")) == (404, "*")
    connection.close()


def test_what_is_held_and_what_speaks_against_a_log_is_told(client, grow, pull):
    logs = client.get("/").json()["logs"]
    assert [(log["origin"], log["size"], log["path"], log["evidence"]) for log in logs] == [
        (ORIGIN, 300, f"{HASHED}/", [])
    ]
    with pytest.raises(HistoryRefused):
        pull(grow(400, name="other", other_from=7))
    (log,) = client.get("/").json()["logs"]
    assert len(log["evidence"]) == 2
    for path in log["evidence"]:
        answer = client.get(f"/{path}")
        assert answer.content.decode().startswith(ORIGIN)
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"


def test_a_disk_that_fails_is_told_without_its_paths(client, mirror):
    target = mirror.folder / HASHED / "checkpoint"
    target.write_bytes(b"junk")
    answer = client.get("/")
    assert (answer.status_code, str(mirror.folder) in answer.text) == (500, False)


def test_an_empty_folder_holds_no_log(tmp_path):
    with served(tmp_path / "none") as url:
        assert get(url).json() == {"logs": []}


def test_whoever_reads_through_the_server_gets_the_log_as_the_mirror_verified_it(grow, mirror, pull, tmp_path, clock):
    pull(grow(20_000))
    second = Mirror(tmp_path / "second", [], clock, policy=POLICY_TEXT, files=QuickDisk())
    with served(mirror.folder) as url, open_published(f"{url}/{HASHED}") as published:
        for size in (20_000, 20_300):
            published.prefetch(paths_of_log(size))
            assert verify_log(published, POLICY).entries == size
            assert second.pull(published).head.size == size, "a mirror can be mirrored"
            pull(grow(20_300))


@pytest.mark.parametrize("address", ["nowhere", "127.0.0.1:x", "127.0.0.1:99999", "192.0.2.1:0", ""])
def test_an_address_that_cannot_be_used_is_told(address):
    with pytest.raises(MirrorUnusable, match="address"):
        listen(address)


def test_work_beside_ends_with_what_it_is_beside():
    turns = []

    def work(stop):
        while not stop.wait(0.001):
            turns.append(1)

    begun = threading.active_count()
    with beside(work):
        while len(turns) < 3:
            pass
    assert threading.active_count() == begun
