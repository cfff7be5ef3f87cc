import json
import re
import shutil
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import polars as pl
import pytest
from tests.unit.portal.make_log import LOG_SIGNERS, ORIGIN, SEAL, WITNESSES, cosign, entries_of, make_log, sign_fork
from tests.unit.portal.make_record import Shape, make_record
from tests.unit.portal.reading_pages import read_page
from tests.unit.tlog.quick_disk import QuickDisk

from escruta.base.errors import FileUnreadable
from escruta.portal import render_site
from escruta.portal.proof import RecordLog
from escruta.portal.proof.pages import spoken
from escruta.record.digests import INDEX, PARTS, digest_of, part_of
from escruta.tlog import LogInputError, build_log, parse_note, parse_proof_file
from escruta.tlog.checkpoints import checkpoint_of
from escruta.tlog.encodings import to_base64
from escruta.tlog.errors import ProofRefused, SignatureRefused
from escruta.tlog.keys import KeyKind, SeedSigner
from escruta.tlog.signing import sign_note


@pytest.fixture(scope="module")
def logged(tmp_path_factory) -> Path:
    """A record with a log that three log witnesses know and two have cosigned."""
    record = make_record(tmp_path_factory.mktemp("logged") / "record", Shape(stations=40))
    make_log(record)
    return record


@pytest.fixture(scope="module")
def site(logged) -> Path:
    return render_site(logged, logged / "site").out


@pytest.fixture
def copy(logged: Path, tmp_path: Path) -> Path:
    return shutil.copytree(logged, tmp_path / "record", ignore=shutil.ignore_patterns("site"))


def content_of(site: Path) -> dict[str, bytes]:
    return {each.relative_to(site).as_posix(): each.read_bytes() for each in site.rglob("*") if each.is_file()}


def test_every_reading_has_its_proof_and_the_proof_is_verified(logged, site):
    log = RecordLog.of(logged)
    for reading in pl.read_parquet(logged / "readings-head.parquet")["reading"]:
        place = log.place_of(reading)
        entry = log.entry(place.index)
        assert sha256(entry).hexdigest() == reading
        proof = parse_proof_file((site / "proofs" / f"{reading}.tlog-proof").read_bytes())
        assert proof == log.proof(place.index)
        assert proof.verify(entry, log.policy).cosigned.keys() == {"red", "observers"}
    assert log.place_of("00" * 32) is None


def test_each_reading_leads_to_its_check_and_its_proof_in_every_language(logged, site):
    readings = set(pl.read_parquet(logged / "readings-head.parquet")["reading"])
    for language in ("en", "es", "nl"):
        checks, proofs = [], []
        for path in (site / language).rglob("*.html"):
            links = read_page(path).links
            for link in links:
                target = path.parent / link.partition("#")[0]
                assert target.resolve().exists() or link.startswith("#"), (path, link)
            checks += [link.partition("#")[2] for link in links if "check.html#" in link]
            proofs += [link for link in links if link.endswith(".tlog-proof")]
        assert {Path(link).stem for link in proofs} == readings
        assert len(checks) == len(proofs) == len(readings)
        assert len({each.partition(".")[0] for each in checks}) == len(readings)


def test_a_link_to_a_check_is_short(site):
    links = re.findall(r"check\.html#([^']+)'", "".join(page.read_text() for page in (site / "en").rglob("*.html")))
    assert max(map(len, links)) < 800


def test_the_pages_stay_the_same_when_the_log_has_grown(site, copy):
    """The pages' own digests come later; whoever has the whole record makes the same pages."""
    log = copy / "log"
    kept = log / "checkpoints" / log.joinpath("checkpoint").read_text().splitlines()[1]
    shutil.move(log / "checkpoint", copy / "kept")
    shutil.rmtree(log)
    later = [b'{"kind":"page","path":"a","sha256":"00"}', b'{"kind":"record","number":9,"sha256sums":"00"}']
    build_log(log, entries_of(copy, later), origin=ORIGIN, signers=LOG_SIGNERS, time_s=1, files=QuickDisk())
    kept.parent.mkdir()
    shutil.move(copy / "kept", kept)
    (kept.parent / str(int(kept.name) + 1)).write_text("not looked at")
    again, before = content_of(render_site(copy, copy / "site").out), content_of(site)
    listed = [line for line in again.pop("SHA256SUMS").splitlines() if line not in before["SHA256SUMS"].splitlines()]
    assert listed == [f"{digest_of(kept)}  ../log/checkpoints/{kept.name}".encode()]
    before.pop("SHA256SUMS")
    changed = {path for path in again.keys() | before.keys() if again.get(path) != before.get(path)}
    part = f"{PARTS}/{part_of(f'../log/checkpoints/{kept.name}', 1)}"
    assert changed == {INDEX, part}, "the list and the part in which that line stands"
    assert again[part].splitlines()[0] == listed[0]


def keep_checkpoints(record: Path, sizes: list[int]) -> None:
    """Keep the checkpoints that the log had when it was smaller, as every publication does."""
    log, tree = record / "log", RecordLog.of(record).tree
    (log / "checkpoints").mkdir(exist_ok=True)
    for size in sizes:
        text = f"{ORIGIN}\n{size}\n{to_base64(tree.root_at(size))}\n"
        (log / "checkpoints" / str(size)).write_bytes(bytes(sign_note(text, LOG_SIGNERS, time_s=size)))


def test_a_reading_leads_to_the_first_checkpoint_that_has_it_in_this_record_and_in_every_later_one(copy):
    """So the pages of a station that nobody touched stay as they are when the log grows."""
    size = RecordLog.of(copy).tree.size
    keep_checkpoints(copy, [5, 40, size])
    before = RecordLog(copy)
    readings = pl.read_parquet(copy / "readings-head.parquet")["reading"].to_list()
    places = {reading: before.place_of(reading) for reading in readings}
    proofs = {reading: before.proof_text(place.index) for reading, place in places.items()}
    for reading, raw in proofs.items():
        proof = parse_proof_file(raw)
        assert proof == before.proof(places[reading].index)
        proof.verify(before.entry(proof.index), replace(before.policy, quorum="none"))
        tree = checkpoint_of(proof.checkpoint).head.size
        assert tree == min(each for each in (5, 40, size) if each > proof.index)
    checkpoint = parse_note((copy / "log" / "checkpoint").read_bytes())
    more = [*(b'{"kind":"page","path":"%d"}' % n for n in range(300)), b'{"kind":"record","sha256sums":"later"}']
    kept = {path.name: path.read_bytes() for path in (copy / "log" / "checkpoints").iterdir()}
    shutil.rmtree(copy / "log")
    make_log(copy, more=more)
    for name, raw in kept.items():
        (copy / "log" / "checkpoints").mkdir(exist_ok=True)
        (copy / "log" / "checkpoints" / name).write_bytes(raw)
    (copy / "SHA256SUMS").write_text("a later record")
    for after in (RecordLog(copy), RecordLog(copy, before)):
        assert after.tree.size > checkpoint_of(checkpoint).head.size
        assert after.continues(before)
        assert not before.continues(after)
        assert {reading: after.place_of(reading) for reading in readings} == places
        assert {reading: after.proof_text(place.index) for reading, place in places.items()} == proofs


def test_a_kept_checkpoint_that_is_not_of_the_log_is_refused(copy):
    keep_checkpoints(copy, [5])
    path = copy / "log" / "checkpoints" / "5"
    path.write_bytes(bytes(sign_note(f"{ORIGIN}\n5\n{to_base64(b'x' * 32)}\n", LOG_SIGNERS, time_s=5)))
    with pytest.raises(ProofRefused, match="not one of this log"):
        RecordLog.of(copy).proof_text(1)


def test_the_checkpoint_as_it_was_kept_is_taken_also_when_it_was_cosigned_again(copy):
    log = copy / "log"
    raw = (log / "checkpoint").read_bytes()
    kept = log / "checkpoints" / raw.decode().splitlines()[1]
    kept.parent.mkdir()
    kept.write_bytes(raw)
    cosign(log, ["blue"])
    assert bytes(RecordLog.of(copy).checkpoint) == raw != (log / "checkpoint").read_bytes()


def test_a_reading_that_is_too_long_for_an_entry_is_found_by_its_id(copy):
    shutil.rmtree(copy / "log")
    make_log(copy, more=[b'{"contest":"head","kind":"reading","reading":"' + b"ab" * 32 + b'"}'])
    (copy / "SHA256SUMS").write_text("another record")
    assert RecordLog.of(copy).place_of("ab" * 32).index == RecordLog.of(copy).tree.size - 1


def test_a_log_that_does_not_lead_to_its_checkpoint_is_refused(copy):
    bundle = copy / "log" / "tile" / "entries" / "000.p"
    path = next(bundle.iterdir())
    raw = path.read_bytes()
    path.write_bytes(raw[:9] + bytes([raw[9] ^ 1]) + raw[10:])
    with pytest.raises(ProofRefused, match="another root"):
        render_site(copy, copy / "site")


def test_a_log_of_somebody_else_is_refused(copy):
    other = SeedSigner(ORIGIN, KeyKind.ED25519, b"o" * 32)
    (copy / "log.policy").write_text(f"log {other.key}\nquorum none\n")
    with pytest.raises(SignatureRefused):
        RecordLog.of(copy)
    (copy / "log.policy").unlink()
    with pytest.raises(FileUnreadable, match="whose signatures count"):
        RecordLog.of(copy)
    shutil.rmtree(copy / "log")
    assert RecordLog.of(copy) is None


@pytest.mark.parametrize("spoil", ["checkpoint", "tile/entries/000.p"])
def test_a_log_with_holes_is_told_and_never_a_traceback(copy, spoil):
    path = copy / "log" / spoil
    for each in [path] if path.is_file() else path.iterdir():
        each.write_bytes(b"?")
    with pytest.raises(LogInputError):
        RecordLog.of(copy)


def about(record: Path) -> str:
    return read_page(render_site(record, record / "site", languages=["en"]).out / "en" / "about.html").text


def test_the_page_about_checking_says_who_signed_and_cosigned(site, logged):
    text = read_page(site / "en" / "about.html").text
    log = RecordLog.of(logged)
    assert ORIGIN in text
    assert to_base64(log.tree.root) in text
    assert "2 of 3 log witnesses cosigned. That is enough for the rule of this log." in text
    for signer in (*LOG_SIGNERS, WITNESSES["red"], WITNESSES["observers"]):
        assert f"{signer.key.name}+{signer.key.key_id.hex()}" in text
    assert f"{WITNESSES['blue'].key.name}+{WITNESSES['blue'].key.key_id.hex()}" not in text
    for signer in (*LOG_SIGNERS, *WITNESSES.values()):
        assert spoken(signer.key) in text
    assert "cannot both be right" not in text


def test_without_a_quorum_or_without_keys_it_says_so(copy):
    shutil.rmtree(copy / "log")
    make_log(copy, cosigned_by=["blue"])
    assert "1 of 3 log witnesses cosigned. That is not enough for the rule of this log" in about(copy)
    shutil.rmtree(copy / "log")
    make_log(copy, signers=SEAL, quorum=None)
    assert "sealed with a key that anybody can derive" in about(copy)


def test_a_fork_is_said_on_every_page_with_both_checkpoints(copy):
    log = copy / "log"
    tree = RecordLog.of(copy).tree
    sign_fork(log, tree.size, to_base64(tree.root), "the-same")
    sign_fork(log, tree.size + 5, to_base64(b"x" * 32), "larger")
    (log / "evidence" / "junk").write_bytes(b"\xff")
    assert RecordLog.of(copy).forks == ()
    sign_fork(log, tree.size - 1, to_base64(b"x" * 32), "smaller")
    sign_fork(log, tree.size + 5, to_base64(b"y" * 32), "zarger")
    assert [(fork.first, fork.second) for fork in RecordLog.of(copy).forks] == [
        ("log/checkpoint", "log/evidence/smaller"),
        ("log/evidence/larger", "log/evidence/zarger"),
    ]
    site = render_site(copy, copy / "site").out
    for page in site.glob("en/**/*.html"):
        found = read_page(page)
        assert "cannot both be right" in found.text
        for link in found.links:
            assert (page.parent / link.partition("#")[0]).exists(), (page, link)
        assert any(link.endswith("log/evidence/smaller") for link in found.links)


def test_a_fork_that_the_log_did_not_sign_is_not_believed(copy):
    path = sign_fork(copy / "log", 5, to_base64(b"x" * 32), "forged")
    path.write_bytes(path.read_bytes().replace(b"\n5\n", b"\n6\n"))
    assert RecordLog.of(copy).forks == ()


def test_the_entries_of_this_test_are_those_of_a_real_record(logged):
    """`make_log` must not drift from what `record.entries` writes."""
    entries = list(entries_of(logged))
    said = json.loads(entries[1])
    assert {"act", "contest", "election", "figures", "method", "origin", "source", "station"} == set(said)
