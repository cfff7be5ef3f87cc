"""A log witness over real HTTP: the whole table of C2SP tlog-witness, its limits, and everybody at once."""

import random
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from tests.unit.apps.serving import get
from tests.unit.apps.witness.trees import LOG_KEYS, LOG_SIGNERS, ORIGIN, TREES, head_of, request

from escruta.apps.witness import running, serving
from escruta.apps.witness.home import LOGS, trust_logs
from escruta.tlog.checkpoints import checkpoint_of
from escruta.tlog.keys import KeyKind, SeedSigner
from escruta.tlog.notes import parse_note
from escruta.tlog.policies import Policy, standing_of
from escruta.tlog.submissions import LARGEST_SUBMISSION
from escruta.tlog.witness_state import origin_hash

STRANGER = SeedSigner(ORIGIN, KeyKind.ED25519, b"x" * 32)
TEXT = "text/plain; charset=utf-8"


@pytest.fixture
def client(witness):
    with httpx.Client(base_url=witness.url, timeout=20) as client:
        yield client


def post(client, raw):
    return client.post("/add-checkpoint", content=raw)


# what is asked after 5 entries were cosigned, and how it is answered
TABLE = {
    "malformed": (b"old x\n\n", 400, TEXT),
    "too many hashes": (request(5, 7, hashes=[bytes(32)] * 64), 400, TEXT),
    "unknown origin": (request(0, 7, origin="example.com/other"), 404, TEXT),
    "unknown origin and old size too large": (request(8, 7, origin="example.com/other"), 404, TEXT),
    "not signed by a trusted key": (request(5, 7, signers=[STRANGER]), 403, TEXT),
    "not signed by a trusted key, old size too large": (request(8, 7, signers=[STRANGER]), 403, TEXT),
    "old size too large": (request(8, 7), 400, TEXT),
    "other old size": (request(4, 7), 409, "text/x.tlog.size"),
    "other old size and a false proof": (request(4, 7, hashes=[bytes(32)]), 409, "text/x.tlog.size"),
    "other old size, of a fork": (request(0, 7, 1), 409, "text/x.tlog.size"),
    "old size 0": (request(0, 7), 409, "text/x.tlog.size"),
    "smaller": (request(4, 4), 409, "text/x.tlog.size"),
    "false proof": (request(5, 7, hashes=[bytes(32)]), 422, TEXT),
    "no proof": (request(5, 7, hashes=[]), 422, TEXT),
    "fork": (request(5, 7, 1), 422, TEXT),
    "same size, another root": (request(5, 5, 1), 422, TEXT),
    "same size, another root, old size 0": (request(0, 5, 1), 409, "text/x.tlog.size"),
    "same size and root": (request(5, 5), 200, TEXT),
    "grown": (request(5, 7), 200, TEXT),
    "grown, by the other key, with a line of a stranger": (
        request(5, 7, signers=[STRANGER, LOG_SIGNERS[1]]),
        200,
        TEXT,
    ),
}


@pytest.mark.parametrize("case", TABLE)
def test_the_table_of_status_codes(client, witness, case):
    raw, status, media_type = TABLE[case]
    assert post(client, request(0, 5)).status_code == 200
    answer = post(client, raw)
    assert (answer.status_code, answer.headers["content-type"]) == (status, media_type)
    monitored = client.get(f"/{origin_hash(ORIGIN)}/checkpoint")
    policy = Policy(logs=LOG_KEYS, witnesses={str(at): key for at, key in enumerate(witness.keys)})
    standing = standing_of(parse_note(monitored.content), policy)
    assert set(standing.cosigned) == {"0", "1"}
    assert standing.checkpoint.head == head_of(7 if status == 200 and "grown" in case else 5)
    if status == 409:
        assert answer.text == "5\n"
    if status == 200:
        assert answer.text.encode() in monitored.content
        assert answer.text.count("\n") == 2


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (request(0, 0), 200),
        (request(0, 0, root=bytes(32)), 422),
        (request(0, 0, hashes=[bytes(32)]), 422),
        (request(0, 7), 200),
        (request(0, 7, hashes=[bytes(32)]), 422),
        (request(1, 7), 409),
    ],
)
def test_the_first_checkpoint_of_a_log(client, raw, status):
    assert client.get(f"/{origin_hash(ORIGIN)}/checkpoint").status_code == 404
    answer = post(client, raw)
    assert answer.status_code == status
    assert answer.text == "0\n" or status != 409


def test_the_routes_and_no_others(client):
    assert client.get("/add-checkpoint").status_code == 405
    assert client.put("/add-checkpoint").status_code == 405
    for path in ("/x", "/../witness.toml", f"/{origin_hash('other')}/checkpoint", "/%2e%2e/checkpoint", "/docs"):
        assert client.get(path).status_code == 404
    assert client.head("/").status_code == 200


def test_the_monitoring_url_may_be_read_from_any_page_and_is_not_kept_by_caches(client):
    post(client, request(0, 5))
    headers = client.get(f"/{origin_hash(ORIGIN)}/checkpoint").headers
    assert (headers["access-control-allow-origin"], headers["cache-control"]) == ("*", "no-cache")
    assert "server" not in headers


def test_the_page_says_what_this_is_and_what_it_cosigned(client, witness):
    assert "nothing yet" in client.get("/").text
    post(client, request(0, 5))
    page = client.get("/")
    assert "append-only" in page.text
    assert "nothing on content" in page.text
    assert ORIGIN in page.text
    assert all(str(key) in page.text for key in witness.keys)
    assert "two histories" not in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    post(client, request(5, 5, 1))
    assert "two histories" in client.get("/").text


def test_words_on_the_page_are_no_markup(run_witness):
    signer = SeedSigner("<script>alert(1)</script>", KeyKind.ED25519, b"9" * 32)
    running_one = run_witness(trusted=[signer.key])
    page = get(running_one.url).text
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_a_log_that_is_trusted_later_is_cosigned_without_a_restart(client, witness):
    signer = SeedSigner("example.com/b", KeyKind.ED25519, b"8" * 32)
    raw = request(0, 3, origin="example.com/b", signers=[signer])
    assert post(client, raw).status_code == 404
    trust_logs(witness.home, [signer.key])
    assert post(client, raw).status_code == 200
    (witness.home.folder / LOGS).write_text("nonsense\n")
    assert post(client, request(3, 4, origin="example.com/b", signers=[signer])).status_code == 200
    assert any("stay as they were" in told for told in witness.told)


def test_a_state_that_cannot_be_believed_is_an_error_of_the_witness(client, witness):
    post(client, request(0, 5))
    path = witness.home.folder / "state" / origin_hash(ORIGIN) / "checkpoint"
    path.write_bytes(b"damaged")
    assert post(client, request(5, 7)).status_code == 500
    assert client.get("/").status_code == 500
    assert any("not the checkpoint of" in told for told in witness.told)


# limits


def test_a_body_that_is_too_long_is_refused_before_it_has_come(witness):
    def endless():
        while True:
            yield b"x" * 65_536

    answer = httpx.post(f"{witness.url}/add-checkpoint", content=endless(), timeout=20)
    assert answer.status_code == 413
    exact = httpx.post(f"{witness.url}/add-checkpoint", content=b"x" * LARGEST_SUBMISSION, timeout=20)
    assert exact.status_code == 400


def test_a_body_that_does_not_come_is_given_up(witness, monkeypatch):
    monkeypatch.setattr(serving, "LONGEST_BODY_S", 0.3)
    with socket.create_connection(("127.0.0.1", int(witness.url.rpartition(":")[2])), timeout=20) as connection:
        connection.sendall(b"POST /add-checkpoint HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nold 0\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 408")


def test_a_connection_on_which_nothing_comes_is_closed(run_witness, monkeypatch):
    monkeypatch.setattr(running, "LONGEST_IDLE_S", 0.3)
    port = int(run_witness().url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(b"POST /add-checkpoint HTTP/1.1\r\nHost")
        start = time.monotonic()
        assert connection.recv(100) == b""
        assert time.monotonic() - start < 10


# everybody at once


def test_sixteen_at_once_with_two_forks_never_get_two_trees_cosigned(run_witness):
    """Each grows its own tree by the answers that it gets; all that is ever cosigned is of one tree."""
    for round_ in range(3):
        one = run_witness(f"w{round_}.example")

        def grow(number, url=one.url, seed=round_):
            chance = random.Random(1000 * seed + number)  # noqa: S311 - picks the sizes
            tree, old, cosigned = number % 2, 0, []
            with httpx.Client(base_url=url, timeout=30) as client:
                for _ in range(12):
                    size = min(old + chance.randint(0, 20), len(TREES[0]))
                    answer = post(client, request(old, size, tree))
                    if answer.status_code == 200:
                        cosigned.append((tree, size))
                        old = size
                    elif answer.status_code == 409:
                        old = int(answer.text)
                    else:
                        assert answer.status_code == 422
            return cosigned

        with ThreadPoolExecutor(16) as pool:
            cosigned = [each for grown in pool.map(grow, range(16)) for each in grown]
        trees = {tree for tree, size in cosigned if size}
        assert len(trees) == 1
        last = get(f"{one.url}/{origin_hash(ORIGIN)}/checkpoint").content
        assert checkpoint_of(parse_note(last)).head == head_of(max(size for _, size in cosigned), trees.pop())
