"""A sheet in one file is checked in a real browser, from a file: what is right, and what was changed."""

from __future__ import annotations

import re
from itertools import product
from typing import Any

import pytest
from tests.e2e.axe import violations
from tests.e2e.proof.changed import ENTRY, is_good, one_file, one_policy, page_with, spoilt
from tests.e2e.proof.opened import ALL_GOOD, Reader
from tests.e2e.test_pages import CONTRAST, DESK, PHONE
from tests.unit.portal.make_log import LOG_SIGNERS, SEAL, WITNESSES

from escruta.portal.proof import one_file_proof
from escruta.tlog import ProofFile
from escruta.tlog.checkpoints import Checkpoint
from escruta.tlog.hashing import leaf_hash
from escruta.tlog.signing import sign_note
from escruta.tlog.trees import TreeHead

pytestmark = pytest.mark.browser

LOOKS: list[Any] = list(product((PHONE, DESK), ("light", "dark")))


def test_a_sheet_in_one_file_is_checked_from_a_file(reader, log, tmp_path):
    for language in ("en", "es", "nl"):
        path = tmp_path / f"sheet.{language}.html"
        path.write_text(one_file(log, language), encoding="utf-8")
        assert reader.open(path.as_uri()).verdict() == "good", language
        assert reader.kinds() == ALL_GOOD
        assert reader.asked == [path.as_uri()]
        reader.asked.clear()


def test_what_was_changed_is_found_and_by_both_programs(reader, log, tmp_path):
    path = tmp_path / "sheet.html"
    for name, texts in spoilt(log).items():
        path.write_text(page_with(log, *texts), encoding="utf-8")
        assert reader.open(path.as_uri()).verdict() == "bad", name
        assert not is_good(*texts), name
        assert "✗" in reader.page.locator("#verdict").inner_text(), name
    path.write_text(page_with(log, log.entry(ENTRY), str(log.proof(ENTRY)), one_policy(log)), encoding="utf-8")
    assert reader.open(path.as_uri()).verdict() == "good"


def test_keys_that_did_not_sign_are_not_enough(reader, log, tmp_path):
    """With a policy of strangers nothing holds, and without any key of the log's name neither."""
    path = tmp_path / "sheet.html"
    for policy in (f"log {SEAL[0].key}\nquorum none\n", "quorum none\n"):
        texts = (log.entry(ENTRY), str(log.proof(ENTRY)), policy)
        path.write_text(page_with(log, *texts), encoding="utf-8")
        assert reader.open(path.as_uri()).verdict() == "bad"
        assert "No key of the log log.example/utopia is known" in reader.page.locator("#checks").inner_text()


def test_an_entry_that_can_be_read_in_two_ways_is_told_even_where_the_log_has_it(anybody, log, tmp_path):
    path = tmp_path / "sheet.html"
    for entry, kind in ((b'{"a":1,"a":2}', "bad"), (b'{"a": 1}', "bad"), (b'{"a":1.0}', "bad"), (b'{"a":1}', "good")):
        head = TreeHead(size=1, root=leaf_hash(entry))
        signers = (*LOG_SIGNERS, *WITNESSES.values())
        note = sign_note(Checkpoint(origin=log.standing.checkpoint.origin, head=head).text, signers, time_s=17)
        proof = ProofFile(index=0, hashes=(), checkpoint=note)
        path.write_text(one_file_proof(entry, proof, log.policy, "en"), encoding="utf-8")
        assert anybody.open(path.as_uri()).verdict() == kind, entry


def test_a_proof_that_is_too_short_for_its_tree_is_refused_even_where_the_hashes_agree(anybody, log, tmp_path):
    """A log that signs the hash of an entry as the root of two has shown the entry to be in no tree of two."""
    path, entry = tmp_path / "sheet.html", log.entry(ENTRY)
    head = TreeHead(size=2, root=leaf_hash(entry))
    signers = (*LOG_SIGNERS, *WITNESSES.values())
    note = sign_note(Checkpoint(origin=log.standing.checkpoint.origin, head=head).text, signers, time_s=17)
    texts = (entry, str(ProofFile(index=0, hashes=(), checkpoint=note)), one_policy(log))
    path.write_text(page_with(log, *texts), encoding="utf-8")
    assert (anybody.open(path.as_uri()).verdict(), is_good(*texts)) == ("bad", False)


def test_what_is_shown_is_the_entry_that_was_checked(anybody, log, tmp_path):
    """Whoever writes other figures into the table of a page is corrected by the script."""
    path = tmp_path / "sheet.html"
    text = one_file(log)
    votes = re.search(r"<small>votes\.alba</small></th><td>([0-9,]+)", text)
    assert votes is not None
    path.write_text(text.replace(f"<td>{votes[1]}</td>", "<td>99,999</td>"), encoding="utf-8")
    assert anybody.open(path.as_uri()).verdict() == "good"
    assert votes[1] in anybody.page.locator("#figures").inner_text()
    assert "99,999" not in anybody.page.locator("body").inner_text()


def test_the_browser_itself_refuses_what_the_page_did_not_name(browser, log, tmp_path):
    """The security policy holds even where the page's own care should fail."""
    path = tmp_path / "sheet.html"
    path.write_text(one_file(log).replace("<h1", "<img src=x onerror=alert(1)><script>alert(2)</script><h1"))
    context = browser.new_context()
    reader = Reader(context)
    assert reader.open(path.as_uri()).verdict() == "good"
    assert reader.got == [path.as_uri()]
    assert reader.complaints
    assert all("Content Security Policy" in each for each in reader.complaints)
    refused = reader.page.evaluate(
        "() => { try { document.body.innerHTML = '<b>x' } catch (error) { return error.name } }"
    )
    context.close()
    assert refused == "TypeError"


@pytest.mark.parametrize("kind", ["good", "warn", "bad"])
def test_it_fits_a_phone_and_its_text_stands_out(anybody, log, tmp_path, kind):
    """WCAG 2.2, success criterion 1.4.3: a contrast of at least 4.5."""
    texts = {
        "good": (log.entry(ENTRY), str(log.proof(ENTRY)), one_policy(log)),
        "warn": (log.entry(ENTRY), str(log.proof(ENTRY)), one_policy(log).replace("quorum all", "quorum blue")),
        "bad": spoilt(log)["entry"],
    }
    path = tmp_path / "sheet.html"
    path.write_text(page_with(log, *texts[kind]), encoding="utf-8")
    assert anybody.open(path.as_uri()).verdict() == kind
    assert violations(anybody.page) == {}
    for size, scheme in LOOKS:
        anybody.page.set_viewport_size(size)
        anybody.page.emulate_media(color_scheme=scheme)
        assert anybody.page.evaluate("document.documentElement.scrollWidth") <= size["width"], (size, scheme)
        assert anybody.page.evaluate(CONTRAST) == [], (size, scheme)
