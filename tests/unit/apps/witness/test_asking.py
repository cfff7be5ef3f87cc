"""A log asks its log witnesses: at the same time, at most twice each, and believes nothing that it has not verified."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.unit.apps.witness.liars import serve_answers
from tests.unit.apps.witness.trees import LOG_KEYS, ORIGIN, checkpoint_of_tree, proof_of, request

from escruta.apps.witness.asking import Outcome, ask_witnesses
from escruta.apps.witness.looking import look_elsewhere
from escruta.tlog.checkpoints import checkpoint_of
from escruta.tlog.keys import KeyKind, SeedSigner
from escruta.tlog.policies import Policy, standing_of
from escruta.tlog.signing import sign_text
from escruta.tlog.submissions import parse_submission

BOTH = (KeyKind.ED25519_COSIGNATURE, KeyKind.MLDSA44_COSIGNATURE)
LIAR = SeedSigner("liar.example/w", KeyKind.ED25519_COSIGNATURE, b"l" * 32)
NOTE = checkpoint_of_tree(7)
GOOD = str(sign_text(NOTE.text, LIAR, time_s=9)).encode()


def policy_of(*witnesses, urls=()):
    """Every key of these log witnesses, each with a name; and of the liar, at its URL."""
    keys = {f"{at}{key.kind:x}": (key, each.url) for at, each in enumerate(witnesses) for key in each.keys}
    keys |= {f"liar{at}": (LIAR.key, url) for at, url in enumerate(urls)}
    return Policy(
        logs=LOG_KEYS,
        witnesses={name: key for name, (key, _) in keys.items()},
        urls={str(key): url for key, url in keys.values()},
    )


def ask(policy, size, tree=0, **further):
    return ask_witnesses(policy, checkpoint_of_tree(size, tree), lambda old: proof_of(old, size, tree), **further)


def test_all_are_asked_and_their_lines_make_a_standing(run_witness):
    witnesses = [run_witness(f"w{at}.example", kinds=BOTH if at else BOTH[:1]) for at in range(3)]
    policy = policy_of(*witnesses)
    for size in (0, 5, 5, 7, 300):
        asked = ask(policy, size)
        assert [each.outcome for each in asked] == [Outcome.COSIGNED] * 3
        note = checkpoint_of_tree(size).signed_also(*(line for each in asked for line in each.lines))
        assert set(standing_of(note, policy).cosigned) == set(policy.witnesses)


def test_a_log_witness_with_two_keys_is_asked_once(run_witness):
    one = run_witness(kinds=BOTH)
    (asked,) = ask(policy_of(one), 5)
    assert asked.names == ("04", "06")
    assert len(asked.lines) == 2
    assert one.told.count("200 cosigned") == 1


def test_a_right_guess_saves_a_request_and_a_wrong_one_costs_one(run_witness):
    one = run_witness()
    policy = policy_of(one)
    ask(policy, 5)
    one.told.clear()
    ask(policy, 7, old_sizes={"04": 5})
    assert one.told == ["200 cosigned"]
    ask(policy, 9, old_sizes={"04": 6})
    assert one.told[1:] == ["409 other size", "200 cosigned"]
    ask(policy, 11, old_sizes={"04": 1000})
    assert one.told[3:] == ["409 other size", "200 cosigned"]


def test_a_fork_is_told_as_a_possible_split_view(run_witness):
    policy = policy_of(run_witness())
    ask(policy, 5, 1)
    for size in (5, 7):
        (asked,) = ask(policy, size)
        assert (asked.outcome, asked.status, asked.size) == (Outcome.SPLIT, 422, 5)


def test_a_witness_that_has_seen_more_is_told(run_witness):
    one = run_witness()
    policy = policy_of(one)
    ask(policy, 7)
    one.told.clear()
    (asked,) = ask(policy, 5)
    assert (asked.outcome, asked.size) == (Outcome.AHEAD, 7)
    assert one.told == ["409 other size"]


def test_a_log_that_it_does_not_know_is_told(run_witness):
    stranger = SeedSigner("example.com/x", KeyKind.ED25519, b"x" * 32)
    (asked,) = ask(policy_of(run_witness(trusted=[stranger.key])), 5)
    assert (asked.outcome, asked.status) == (Outcome.REFUSED, 404)
    assert "does not know this log" in asked.words
    other = SeedSigner(ORIGIN, KeyKind.ED25519, b"y" * 32)
    (asked,) = ask(policy_of(run_witness("b.example", trusted=[other.key])), 5)
    assert (asked.outcome, asked.status) == (Outcome.REFUSED, 403)


OTHER = SeedSigner("other.example/w", KeyKind.ED25519_COSIGNATURE, b"o" * 32)
LIES = {
    "no lines": ([(200, b"")], Outcome.UNUSABLE, 1),
    "no text": ([(200, b"\xff\n")], Outcome.UNUSABLE, 1),
    "a page": ([(200, b"<html>\n")], Outcome.UNUSABLE, 1),
    "a second note": ([(200, b"\n" + GOOD)], Outcome.UNUSABLE, 1),
    "a line without its end": ([(200, GOOD[:-1])], Outcome.UNUSABLE, 1),
    "a line of another key": ([(200, str(sign_text(NOTE.text, OTHER, time_s=9)).encode())], Outcome.UNUSABLE, 1),
    "a line over another tree": (
        [(200, str(sign_text(checkpoint_of_tree(6).text, LIAR, time_s=9)).encode())],
        Outcome.UNUSABLE,
        1,
    ),
    "a false line beside a good one": (
        [(200, GOOD + str(sign_text(checkpoint_of_tree(6).text, LIAR, time_s=9)).encode())],
        Outcome.COSIGNED,
        1,
    ),
    "no time": ([(200, str(sign_text(NOTE.text, LIAR, time_s=0)).encode())], Outcome.UNUSABLE, 1),
    "too much": ([(200, b"x" * 2_000_000)], Outcome.UNREACHABLE, 1),
    "a conflict without a size": ([(409, b"")], Outcome.UNUSABLE, 1),
    "a conflict with no size": ([(409, b"seven\n")], Outcome.UNUSABLE, 1),
    "a conflict with our own old size": ([(409, b"0\n")], Outcome.UNUSABLE, 1),
    "a conflict for ever": ([(409, b"3\n"), (409, b"4\n"), (409, b"5\n")], Outcome.UNUSABLE, 2),
    "a conflict at our size": ([(409, b"7\n")], Outcome.SPLIT, 2),
    "a conflict beyond": ([(409, b"8\n")], Outcome.AHEAD, 1),
    "a conflict far beyond": ([(409, b"9" * 5000 + b"\n")], Outcome.UNUSABLE, 1),
    "a conflict, then a cosignature": ([(409, b"3\n"), (200, GOOD)], Outcome.COSIGNED, 2),
    "a redirect": ([(302, b"")], Outcome.UNUSABLE, 1),
    "an error of its own": ([(500, b"\x1b[31mred\n")], Outcome.UNUSABLE, 1),
    "not found": ([(404, b"")], Outcome.REFUSED, 1),
}


@pytest.mark.parametrize("lie", LIES)
def test_whatever_it_answers_is_told_and_never_believed_and_nobody_is_asked_for_ever(lie):
    answers, outcome, requests = LIES[lie]
    with serve_answers(answers) as (url, came):
        (asked,) = ask(policy_of(urls=[url]), 7)
    assert (asked.outcome, len(came)) == (outcome, requests)
    assert asked.words.isprintable()
    assert [str(line).encode() for line in asked.lines] == ([GOOD] if outcome is Outcome.COSIGNED else [])
    assert [parse_submission(raw).old_size for raw in came] == [0, 7 if "at our" in lie else 3][:requests]


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://nobody.invalid", "http://[", "ftp://x", "http://a b"])
def test_one_that_cannot_be_reached_is_told(url):
    (asked,) = ask(policy_of(urls=[url]), 7)
    assert asked.outcome is Outcome.UNREACHABLE
    assert asked.words


def test_a_slow_one_costs_the_others_nothing_and_everybody_little(run_witness):
    quick = run_witness()
    with serve_answers([(200, GOOD, 1.0)]) as (url, _):
        start = time.monotonic()
        asked = ask(policy_of(quick, urls=[url]), 7, timeout_s=2.0)
        assert time.monotonic() - start < 30  # drop by drop it would take two minutes
    assert [each.outcome for each in asked] == [Outcome.COSIGNED, Outcome.UNREACHABLE]
    assert asked[1].words == "no answer within 2 s"


def test_nobody_is_asked_where_nobody_has_a_url():
    assert ask(Policy(logs=LOG_KEYS, witnesses={"w": LIAR.key}), 7) == ()


# what they show


def test_what_witnesses_and_mirrors_show_is_fetched(run_witness, tmp_path):
    one, empty = run_witness("a.example"), run_witness("b.example")
    ask(policy_of(one), 5)
    (tmp_path / "checkpoint").write_bytes(bytes(checkpoint_of_tree(6)))
    with serve_answers([(404, b""), (200, bytes(checkpoint_of_tree(9)))]) as (url, came):
        mirrors = [url, str(tmp_path), str(tmp_path / "none"), "http://127.0.0.1:9"]
        looked = {each.place: each for each in look_elsewhere(policy_of(one, empty), ORIGIN, mirrors)}
        assert came[0] == b"/checkpoint"
    sizes = {place: each.note and checkpoint_of(each.note).head.size for place, each in looked.items()}
    assert sizes == {"04": 5, "14": None, url: 9, str(tmp_path): 6, str(tmp_path / "none"): None, mirrors[3]: None}
    assert [looked[place].has_answered for place in ("14", mirrors[2], mirrors[3])] == [True, False, False]


@pytest.mark.parametrize("answer", [(200, b"no note"), (200, b"x" * 2_000_000), (500, b""), (302, b"")])
def test_a_mirror_that_shows_something_else_is_told(answer):
    with serve_answers([answer]) as (url, _):
        (looked,) = look_elsewhere(Policy(logs=LOG_KEYS), ORIGIN, [url])
    assert (looked.note, looked.has_answered) == (None, False)
    assert looked.words


def test_requests_are_what_the_specification_says():
    with serve_answers([(409, b"5\n"), (200, GOOD)]) as (url, came):
        ask(policy_of(urls=[f"{url}/"]), 7)
    assert came == [request(0, 7), request(5, 7)]


def test_asking_works_where_a_loop_runs_already():
    async def look():
        return look_elsewhere(Policy(), "a.example", ["http://127.0.0.1:9"])

    with ThreadPoolExecutor(1) as apart:  # another test's browser may run a loop in this one
        (looked,) = apart.submit(lambda: asyncio.run(look())).result()
    assert looked.note is None
