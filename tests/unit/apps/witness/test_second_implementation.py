"""Another log witness, written from the same specification, and its client: each takes ours for its own kind."""

import importlib
import sys
import threading
from pathlib import Path

import httpx
import pytest
from tests.unit.apps.witness.trees import LOG_KEYS, ORIGIN, TREES, checkpoint_of_tree, head_of, proof_of, request

from escruta.apps.witness.asking import Outcome, ask_witnesses
from escruta.apps.witness.looking import look_elsewhere
from escruta.tlog.checkpoints import checkpoint_of
from escruta.tlog.keys import KeyKind, parse_verifier_key
from escruta.tlog.policies import Policy
from escruta.tlog.witness_state import origin_hash

ED25519 = LOG_KEYS[0]


@pytest.fixture(scope="module")
def peer():
    """The other implementation, where dev.py has unpacked it; without it the test is skipped."""
    folder = Path(sys.prefix) / "peers"
    if not (folder / "aics_witness").is_dir():
        pytest.skip("aics-witness is not unpacked here: python3 dev.py test does it")
    sys.path.append(str(folder))
    return importlib.import_module("aics_witness")


# its client and our server


@pytest.fixture
def feeder(peer, run_witness, tmp_path):
    """Its client, asking a log witness of ours that has both keys."""
    one = run_witness(kinds=(KeyKind.ED25519_COSIGNATURE, KeyKind.MLDSA44_COSIGNATURE))
    with peer.WitnessClient(one.url, str(one.keys[0]), state_path=tmp_path / "peer.json", backoff=0) as client:
        yield client


def submit(client, size, tree=0):
    return client.submit(bytes(checkpoint_of_tree(size, tree)), lambda old, new: list(proof_of(old, new, tree)))


@pytest.fixture
def aics_tlog(peer):  # noqa: ARG001 - it says where to look
    return importlib.import_module("aics_tlog")


def test_its_client_gets_our_cosignatures(peer, feeder, aics_tlog):
    policy = aics_tlog.WitnessPolicy(quorum=1, witnesses=(feeder.witness_vkey,))
    for size in (0, 1, 5, 5, 255, 256, 300):
        note = peer.merge_cosignatures(bytes(checkpoint_of_tree(size)), submit(feeder, size))
        key = aics_tlog.parse_vkey(str(ED25519))
        result = aics_tlog.verify_checkpoint(aics_tlog.parse_note(note), key, policy=policy)
        assert result.ok, result


def test_its_client_finds_our_size_by_our_conflict(feeder, peer):
    submit(feeder, 5)
    with peer.WitnessClient(feeder.url, feeder.witness_vkey, backoff=0) as other:
        assert submit(other, 7)
        assert other.known_sizes[ORIGIN] == 7


def test_its_client_stops_at_our_refusals(feeder, peer):
    submit(feeder, 5)
    with pytest.raises(peer.WitnessRejected) as refused:
        submit(feeder, 7, 1)
    assert refused.value.status == 422
    with pytest.raises(peer.WitnessAhead):
        submit(feeder, 4)
    stranger = bytes(checkpoint_of_tree(9, origin="example.com/other"))
    with pytest.raises(peer.WitnessRejected) as refused:
        feeder.submit(stranger, (0, []))
    assert refused.value.status == 404


# its server and our client


@pytest.fixture
def served(peer, tmp_path):
    """Its server; gives the URL and the verifier key."""
    command_line = importlib.import_module("aics_witness.cli")
    path = str(tmp_path / "witness.json")
    for command in (["init", "--name", "peer.example/w"], ["add-log", "--origin", ORIGIN, "--vkey", str(ED25519)]):
        assert command_line.main([command[0], "--config", path, *command[1:]]) == 0
    config = peer.load_config(path)
    key, _, _ = peer.load_or_create_key(config.key_path, create=False)
    with peer.WitnessStore(config.db_path) as store:
        its_own = peer.Witness(config.name, key, store, config.logs)
        server = peer.make_server(its_own)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", its_own.vkey_text
        server.shutdown()
        thread.join()
        server.server_close()


def test_our_client_gets_its_cosignatures_and_tells_its_refusals(served):
    url, text = served
    key = parse_verifier_key(text)
    policy = Policy(logs=LOG_KEYS, witnesses={"peer": key}, urls={str(key): url})

    def ask(size, tree=0):
        note = checkpoint_of_tree(size, tree)
        return ask_witnesses(policy, note, lambda old: proof_of(old, size, tree))[0]

    for size in (1, 5, 5, 256, 300):
        assert ask(size).outcome is Outcome.COSIGNED
    assert ask(300, 1).outcome is Outcome.SPLIT
    assert ask(299).outcome is Outcome.AHEAD
    (looked,) = look_elsewhere(policy, ORIGIN)
    assert looked.note is not None
    assert checkpoint_of(looked.note).head == head_of(300)


def test_both_servers_answer_alike(served, run_witness):
    """The same requests in the same order get the same status codes and, where it has a form, the same answer."""
    ours = run_witness(trusted=[ED25519])
    asked = [
        (5, 7, 0),
        (0, 5, 0),
        (0, 5, 0),
        (5, 5, 1),
        (5, 7, 1),
        (4, 7, 0),
        (8, 7, 0),
        (5, 7, 0),
        (7, 4, 0),
        (7, 7, 0),
        (0, 7, 1),
        (7, len(TREES[0]), 0),
    ]
    raws = [request(*each) for each in asked]
    raws += [b"", b"old 1\n", request(0, 9, origin="example.com/other"), request(300, 300, hashes=[bytes(32)] * 64)]
    raws += [request(300, 300, hashes=[bytes(32)]), raws[0].replace(b"old 5", b"old 05")]
    path = f"/{origin_hash(ORIGIN)}/checkpoint"
    with httpx.Client(timeout=60) as client:
        for raw in raws:
            one, other = (client.post(f"{url}/add-checkpoint", content=raw) for url in (ours.url, served[0]))
            assert one.status_code == other.status_code, raw
            if one.status_code == 409:
                assert (one.text, one.headers["content-type"]) == (other.text, other.headers["content-type"])
        texts = [client.get(url + path).text.partition("\n\n")[0] for url in (ours.url, served[0])]
    assert texts[0] == texts[1]
