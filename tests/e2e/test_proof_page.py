"""The page that checks one sheet, in a real browser: from files and a server, with and without its own cryptography."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from html import escape
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from tests.e2e.test_pages import CONTRAST, DESK, PHONE
from tests.unit.portal.make_log import LOG_SIGNERS, ORIGIN, SEAL, TIME_S, WITNESSES, make_log
from tests.unit.portal.make_record import Shape, make_record

from escruta.base.errors import EscrutaError
from escruta.portal import render_site
from escruta.portal.proof import RecordLog, one_file_proof
from escruta.portal.proof.pages import policy_text
from escruta.tlog import ProofFile, parse_policy, parse_proof_file
from escruta.tlog.checkpoints import Checkpoint
from escruta.tlog.encodings import to_base64
from escruta.tlog.hashing import leaf_hash
from escruta.tlog.signing import sign_note, sign_text
from escruta.tlog.trees import TreeHead

pytestmark = pytest.mark.browser

ENTRY = 30
WITHOUT_SUBTLE = "Object.defineProperty(Crypto.prototype, 'subtle', { get: () => undefined })"
WITHOUT_SIGNATURES = """if (globalThis.SubtleCrypto) {
  SubtleCrypto.prototype.importKey = () => Promise.reject(new DOMException('unknown here', 'NotSupportedError'));
}"""
MEANS = {"native": "", "no-signatures": WITHOUT_SIGNATURES, "no-subtle": WITHOUT_SUBTLE}


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = make_record(tmp_path_factory.mktemp("utopia") / "record", Shape())
    make_log(made)
    return made


@pytest.fixture(scope="module")
def log(record: Path) -> RecordLog:
    opened = RecordLog.of(record)
    assert opened is not None
    return opened


@pytest.fixture(scope="module")
def site(record: Path) -> Path:
    return render_site(record, record / "site").out


@pytest.fixture(scope="module")
def server(site: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            if self.path == "/favicon.ico":  # what browsers ask of every server
                self.send_response(204)
                self.end_headers()
                return
            super().do_GET()

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site))) as running:
        thread = Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


class Reader:
    """A person at a browser; whatever the page complains about or asks for is kept."""

    def __init__(self, context: BrowserContext) -> None:
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.asked: list[str] = []
        self.got: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("requestfinished", lambda request: self.got.append(request.url))

    def open(self, address: str) -> Reader:
        self.page.goto("about:blank")
        self.page.goto(address)
        return self

    def verdict(self) -> str:
        """Wait for the verdict; gives its kind."""
        self.page.locator("#verdict").filter(has_text=re.compile("[✓!✗–]")).wait_for(state="attached")
        return self.page.locator("#verdict").get_attribute("class") or ""

    def lines(self) -> list[tuple[str, str]]:
        """What was checked: the kind of each line, and its words."""
        found = self.page.locator("#checks li").all()
        return [(each.get_attribute("class") or "", each.inner_text()) for each in found]

    def kinds(self) -> str:
        return " ".join(kind for kind, _ in self.lines())


@pytest.fixture(params=list(MEANS))
def reader(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Reader]:
    """Three browsers: one that knows both signatures, one that knows none, one without any cryptography."""
    context = browser.new_context()
    context.add_init_script(MEANS[request.param])
    reader = Reader(context)
    yield reader
    context.close()
    assert reader.complaints == []


@pytest.fixture
def anybody(browser: Browser) -> Iterator[Reader]:
    context = browser.new_context(accept_downloads=True)
    reader = Reader(context)
    yield reader
    context.close()
    assert reader.complaints == []


def one_file(log: RecordLog, language: str = "en") -> str:
    return one_file_proof(
        log.entry(ENTRY), log.proof(ENTRY), log.policy, language, names={"head/votes.alba": "Ana Alba"}
    )


def link_of(site: Path, language: str = "en") -> str:
    """Find a link to a check as a page writes it, from the folder of its language."""
    pages = (page.read_text(encoding="utf-8") for page in sorted((site / language).rglob("*.html")))
    return next(found[1] for text in pages if (found := re.search(r"href='[./]*(check\.html#[^']+)'", text)))


ALL_GOOD = "good good good good good open good good"
"""Inclusion, canonical form, two keys of the log, one log witness, one that did not cosign, another, the quorum."""


@pytest.mark.parametrize("language", ["en", "es", "nl"])
def test_a_sheet_in_one_file_is_checked_from_a_file(reader, log, tmp_path, language):
    path = tmp_path / "sheet.html"
    path.write_text(one_file(log, language), encoding="utf-8")
    assert reader.open(path.as_uri()).verdict() == "good"
    assert reader.kinds() == ALL_GOOD
    assert reader.asked == [path.as_uri()]


def test_from_a_station_to_its_check_from_files_and_from_a_server(reader, site, server):
    page = next(each for each in sorted((site / "en").rglob("*.html")) if "check.html#" in each.read_text())
    for start in (page.as_uri(), f"{server}/{page.relative_to(site).as_posix()}"):
        reader.open(start)
        station = reader.page.locator(".st:has(a[href*='check.html'])").first
        key = station.locator("h3 small").inner_text()
        station.locator("a[href*='check.html']").first.click()
        assert reader.verdict() == "good"
        assert reader.kinds() == ALL_GOOD
        assert reader.page.locator("h1").inner_text() == f"Polling station {key}"
        assert {each.partition(":")[0] for each in reader.asked} == {start.partition(":")[0], "about"} - {"about"}
        reader.asked.clear()


def flipped(text: str, at: int) -> str:
    """Another sign in place of one, which stays Base 64 or a digit."""
    other = {"1": "2", "A": "B"}.get(text[at], "1" if text[at].isdigit() else "A")
    return text[:at] + other + text[at + 1 :]


def spoilt(log: RecordLog) -> dict[str, tuple[bytes, str, str]]:
    """Entry, proof and policy, each with one thing changed."""
    entry, proof, policy = log.entry(ENTRY), str(log.proof(ENTRY)), one_policy(log)
    lines = proof.splitlines()

    def changed(row: int, at: int) -> str:
        return "\n".join([*lines[:row], flipped(lines[row], at), *lines[row + 1 :]]) + "\n"

    keys = enumerate([*log.policy.logs, *log.policy.witnesses.values()])
    blank = lines.index("", 2)
    signatures = [row for row, line in enumerate(lines) if line.startswith("—")]
    root = blank + 3
    ends = {row: len(lines[row]) - 10 for row in signatures}
    return {
        "entry": (entry.replace(b'"valid":4', b'"valid":5'), proof, policy),
        "entry-space": (entry.replace(b'"act":"count"', b'"act": "count"'), proof, policy),
        "index": (entry, proof.replace(f"index {ENTRY}", f"index {ENTRY + 1}"), policy),
        "first-hash": (entry, changed(2, 7), policy),
        "last-hash": (entry, changed(blank - 1, 7), policy),
        "one-hash-less": (entry, "\n".join(lines[:2] + lines[3:]) + "\n", policy),
        "one-hash-more": (entry, "\n".join([*lines[:2], lines[2], *lines[2:]]) + "\n", policy),
        "size": (entry, changed(root - 1, 0), policy),
        "root": (entry, changed(root, 7), policy),
        **{f"signature-{at}": (entry, changed(row, ends[row]), policy) for at, row in enumerate(signatures)},
        "ml-dsa-start": (entry, changed(signatures[1], 60), policy),
        "witness-time": (entry, changed(signatures[2], 30), policy),
        **{
            f"key-{at}": (entry, proof, flipped(policy, policy.index(str(key)) + len(str(key)) - 8)) for at, key in keys
        },
    }


def one_policy(log: RecordLog) -> str:
    return policy_text(log.policy)


def page_with(log: RecordLog, entry: bytes, proof: str, policy: str) -> str:
    """Put other texts into a page: what somebody would do who wants a false one to be believed."""
    page = one_file(log)
    for name, text in (("entry", entry.decode()), ("proof", proof), ("policy", policy)):
        start = page.index(">", page.index(f'<pre id="{name}"')) + 1
        page = page[:start] + escape(text) + page[page.index("</pre>", start) :]
    return page


def is_good(entry: bytes, proof: str, policy: str) -> bool:
    """What our other program says of the same texts."""
    try:
        parse_proof_file(proof.encode()).verify(entry, parse_policy(policy.encode()))
    except EscrutaError:
        return False
    return True


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


@pytest.mark.parametrize(
    ("choice", "kind", "said"),
    [
        ({"cosigned_by": ["blue"]}, "warn", "too few log witnesses"),
        ({"quorum": None}, "warn", "Nobody vouches"),
        ({"signers": SEAL, "quorum": None}, "warn", "anybody can derive"),
        ({"quorum": "quorum none\n"}, "warn", "Nobody vouches"),
        ({"cosigned_by": ["red", "blue", "observers"], "quorum": "quorum observers\n"}, "good", "enough log witnesses"),
    ],
)
def test_who_vouches_is_said(anybody, tmp_path, choice, kind, said):
    record = make_record(tmp_path / "record", Shape(stations=40))
    make_log(record, **choice)
    path = tmp_path / "sheet.html"
    path.write_text(one_file(RecordLog(record)), encoding="utf-8")
    assert anybody.open(path.as_uri()).verdict() == kind
    assert said in anybody.page.locator("#verdict").inner_text()
    assert "✗" not in anybody.page.locator("#verdict").inner_text()


def test_the_page_of_the_site_says_what_is_wrong_with_its_address(reader, site):
    base = (site / "en" / "check.html").as_uri()
    index, entry, hashes = link_of(site).partition("#")[2].split(".")
    assert reader.open(base).verdict() == ""
    assert "nothing to check yet" in reader.page.locator("#verdict").inner_text()
    assert reader.page.locator("#keys li").count() == len(LOG_SIGNERS) + len(WITNESSES)
    wrong = [
        f"{index}.{flipped(entry, 40)}.{hashes}",
        f"{index}.{entry}.{flipped(hashes, 5)}" if hashes else "no",
        f"{int(index) + 1}.{entry}.{hashes}",
        f"99999.{entry}.{hashes}",
        f"-1.{entry}.{hashes}",
        f"{index}.{entry}",
        f"{index}.{entry}.{hashes}.more",
        f"{index}.{entry}.{hashes}A",
        f"{index}..",
        "..",
        "%3Cscript%3E",
        "9" * 400,
    ]
    for fragment in wrong:
        assert reader.open(f"{base}#{fragment}").verdict() == "bad", fragment
    assert reader.open(f"{base}#{index}.{entry}.{hashes}").verdict() == "good"


HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</pre><script>alert(1)</script>",
    "</title><svg onload=alert(1)>",
    "javascript:alert(1)",
    "{why}{name}$&",
]


def test_nothing_that_an_address_says_is_run(anybody, site):
    base = (site / "en" / "check.html").as_uri()
    for text in HOSTILE:
        said = {text: text, "station": text, "source": text, "figures": {text: text, "__proto__": 3, "valid": text}}
        entry = urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")
        for fragment in (f"1.{entry}.", f"{text}.{text}.{text}", text):
            anybody.open(f"{base}#{fragment}")
            assert anybody.verdict() == "bad"
            assert anybody.page.locator("img, svg, iframe, object").count() == 0
            assert anybody.page.locator("script").count() == 7
        anybody.open(f"{base}#1.{entry}.")
        anybody.verdict()
        assert anybody.page.locator("h1").inner_text() == f"Polling station {text}"
        assert text in anybody.page.locator("#figures").inner_text()


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


def test_a_site_s_check_is_saved_as_one_file_that_works_alone(anybody, browser, site, server, tmp_path):
    saved = tmp_path / "saved.html"
    anybody.open(f"{server}/nl/{link_of(site, 'nl')}")
    assert anybody.verdict() == "good"
    title = anybody.page.locator("h1").inner_text()
    with anybody.page.expect_download() as download:
        anybody.page.click("#save")
    download.value.save_as(saved)
    with anybody.page.expect_download() as download:
        anybody.page.click("#save-proof")
    assert download.value.suggested_filename.endswith(".tlog-proof")
    proof = Path(download.value.path()).read_bytes()
    stored = (site / "proofs" / download.value.suggested_filename).read_bytes()
    assert proof == stored
    for means in MEANS.values():
        context = browser.new_context()
        context.add_init_script(means)
        reader = Reader(context)
        assert reader.open(saved.as_uri()).verdict() == "good"
        assert reader.kinds() == ALL_GOOD
        assert reader.page.locator("h1").inner_text() == title
        assert reader.page.locator("#save, nav").count() == 0
        assert (reader.complaints, reader.asked) == ([], [saved.as_uri()])
        context.close()
    alone = browser.new_context(java_script_enabled=False).new_page()
    alone.goto(saved.as_uri())
    assert alone.locator("h1").inner_text() == title
    assert "Ana Alba" in alone.locator("#figures").inner_text()
    alone.context.close()


def test_another_address_in_the_same_tab_is_checked_anew(anybody, site):
    base = (site / "en" / "check.html").as_uri()
    assert anybody.open(f"{base}#x").verdict() == "bad"
    anybody.page.evaluate("address => { location.hash = address }", link_of(site).partition("#")[2])
    anybody.page.wait_for_selector("#verdict.good")


def test_the_language_switch_keeps_the_sheet(anybody, site):
    anybody.open((site / "en").as_uri() + "/" + link_of(site))
    assert anybody.verdict() == "good"
    station = anybody.page.locator("h1").inner_text().partition("station ")[2]
    anybody.page.get_by_role("link", name="Español").click()
    anybody.page.wait_for_url("**/es/check.html#*")
    assert anybody.verdict() == "good"
    assert anybody.page.locator("h1").inner_text() == f"Mesa {station}"


def test_without_scripts_the_figures_and_the_proof_stand_there_and_nothing_is_claimed(browser, log, site, tmp_path):
    path = tmp_path / "sheet.html"
    path.write_text(one_file(log), encoding="utf-8")
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(path.as_uri())
    assert page.locator("#verdict").inner_text() == "Not checked."
    assert "Scripts are switched off" in page.locator("noscript").inner_text()
    assert "Ana Alba" in page.locator("#figures").inner_text()
    assert page.locator("#proof").inner_text().startswith("c2sp.org/tlog-proof@v1")
    assert "✓" not in page.locator("body").inner_text()
    page.goto((site / "en").as_uri() + "/" + link_of(site))
    assert "reads" not in page.locator("#verdict").inner_text()
    assert ".tlog-proof" in page.locator("noscript").inner_text()
    page.context.close()


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


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("kind", ["good", "warn", "bad"])
def test_it_fits_a_phone_and_its_text_stands_out(browser, log, tmp_path, kind, size, scheme):
    """WCAG 2.2, success criterion 1.4.3: a contrast of at least 4.5."""
    texts = {
        "good": (log.entry(ENTRY), str(log.proof(ENTRY)), one_policy(log)),
        "warn": (log.entry(ENTRY), str(log.proof(ENTRY)), one_policy(log).replace("quorum all", "quorum blue")),
        "bad": spoilt(log)["entry"],
    }
    path = tmp_path / "sheet.html"
    path.write_text(page_with(log, *texts[kind]), encoding="utf-8")
    context = browser.new_context(viewport=size, color_scheme=scheme)
    reader = Reader(context)
    assert reader.open(path.as_uri()).verdict() == kind
    assert reader.page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert reader.page.evaluate(CONTRAST) == []
    context.close()


def test_more_hashes_than_the_page_has_tops_for(reader, tmp_path):
    """With more than 256 entries, only the lower hashes are in the address; the page finds the others itself."""
    record = make_record(tmp_path / "record", Shape(stations=40))
    more = [b'{"kind":"page","path":"%d"}' % number for number in range(2000)]
    make_log(record, more=more)
    site = render_site(record, record / "site", languages=["en"]).out
    log = RecordLog.of(record)
    assert log is not None
    assert log.tree.size > 2000
    assert 0 < log.tops[0].height < len(log.proof(1).hashes)
    assert reader.open((site / "en").as_uri() + "/" + link_of(site)).verdict() == "good"


def test_links_of_stations_that_came_at_different_times_are_all_good_on_one_page(reader, tmp_path):
    """Each address leads to the part of the tree that was new when its reading was published."""
    record = make_record(tmp_path / "record", Shape(stations=14))
    make_log(record)
    log = RecordLog.of(record)
    assert log is not None
    kept = record / "log" / "checkpoints"
    kept.mkdir()
    for size in (2, 3, 11, 29):
        text = f"{ORIGIN}\n{size}\n{to_base64(log.tree.root_at(size))}\n"
        (kept / str(size)).write_bytes(bytes(sign_note(text, LOG_SIGNERS, time_s=TIME_S)))
    site = render_site(record, record / "site", languages=["en"]).out
    text = "".join(page.read_text(encoding="utf-8") for page in (site / "en" / "areas").rglob("*.html"))
    links = {int(found[2]): found[1] for found in re.finditer(r"(check\.html#([0-9]+)\.[^']+)'", text)}
    for index in (1, 2, 5, 20, max(links)):
        assert reader.open(f"{(site / 'en').as_uri()}/{links[index]}").verdict() == "good"


def test_the_witnesses_that_the_page_counts_are_those_that_our_program_counts(anybody, log, tmp_path):
    path = tmp_path / "sheet.html"
    whole = log.proof(ENTRY)
    lines = whole.checkpoint.signatures
    timeless = [sign_text(whole.checkpoint.text, WITNESSES[name], time_s=0) for name in ("blue", "observers")]
    others = [(*lines[:3], *timeless), (*lines, *timeless), (*lines[:2], *timeless)]
    for kept in (lines[:1], lines[1:2], lines[:3], lines[1:], (*lines, lines[2]), *others):
        proof = replace(whole, checkpoint=replace(whole.checkpoint, signatures=tuple(kept)))
        texts = (log.entry(ENTRY), str(proof), one_policy(log))
        path.write_text(page_with(log, *texts), encoding="utf-8")
        assert (anybody.open(path.as_uri()).verdict() == "good") == is_good(*texts)


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
