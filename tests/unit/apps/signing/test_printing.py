import hashlib
import re
import tomllib
from importlib.resources import files

import pytest
import segno

from escruta.apps.signing import KeyCard
from escruta.apps.signing.fingerprints import digest_of_key, qr_letters, qr_svg, spoken
from escruta.apps.signing.gathering import gather
from escruta.apps.signing.printing import sheet_html, sheet_languages, sheet_text
from escruta.tlog.keys import KeyKind, SeedSigner

CARDS = [
    KeyCard(key=SeedSigner("example.com/log", KeyKind.ED25519, b"1" * 32).key, owner="The <Board>", valid_for="all"),
    KeyCard(key=SeedSigner("example.com/log", KeyKind.MLDSA44_COSIGNATURE, b"2" * 32).key),
    KeyCard(key=SeedSigner("red.example/w", KeyKind.ED25519_COSIGNATURE, b"3" * 32).key),
]


def matrix_of(svg):
    """Read the dark modules back from a drawing: strokes of one row, each from where the last one ended."""
    size = int(re.findall(r'viewBox="0 0 ([0-9]+) ', svg)[0])
    rows = [[0] * size for _ in range(size)]
    x = y = 0.0
    for command, numbers in re.findall(r"([Mmh])([-0-9. ]+)", re.findall(r' d="([^"]+)"', svg)[0]):
        values = [float(each) for each in re.findall(r"-?[0-9]*\.?[0-9]+", numbers)]
        if command == "h":
            for at in range(int(x), int(x + values[0])):
                rows[int(y)][at] = 1
            x += values[0]
        elif command == "m":
            x, y = x + values[0], y + values[1]
        else:
            x, y = values
    return rows


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.key.kind.name)
def test_the_code_in_the_page_is_that_of_the_key(card):
    level = "L" if card.key.kind is KeyKind.MLDSA44_COSIGNATURE else "M"
    expected = segno.make(str(card.key), error=level, boost_error=False, micro=False)
    drawn = matrix_of(re.findall("<svg.*?</svg>", sheet_html([card]))[0])
    assert drawn == [[int(bool(module)) for module in row] for row in expected.matrix_iter(border=4)]
    assert drawn != [[int(bool(module)) for module in row] for row in segno.make_qr("other").matrix_iter(border=4)]


def test_the_code_in_letters_is_the_same():
    pairs = {" ": (0, 0), "▀": (1, 0), "▄": (0, 1), "█": (1, 1)}
    key = CARDS[0].key
    lines = qr_letters(key).splitlines()
    rows = [[pairs[letter][half] for letter in line] for line in lines for half in (0, 1)]
    expected = matrix_of(qr_svg(key))
    assert rows[: len(expected)] == expected
    assert not any(any(row) for row in rows[len(expected) :])
    assert "\x1b[" in qr_letters(key, is_screen=True)
    assert qr_letters(CARDS[1].key) == ""


def test_a_code_in_a_file_stands_alone():
    assert qr_svg(CARDS[0].key, is_file=True).startswith("<?xml")


def test_what_is_read_aloud_is_the_digest_of_the_whole_key():
    key = CARDS[0].key
    digest = hashlib.sha256(str(key).encode()).hexdigest()
    assert digest_of_key(key) == digest
    assert "".join(spoken(key)) == str(int(digest, 16))[-60:]
    assert [len(group) for group in spoken(key)] == [5] * 12
    assert len({spoken(card.key) for card in CARDS}) == len(CARDS)


@pytest.mark.parametrize("language", sheet_languages())
@pytest.mark.parametrize("write", [sheet_html, sheet_text])
def test_a_sheet_says_whose_keys_they_are_and_what_they_sign(write, language):
    text = write(CARDS, language=language, policies=["quorum none\n"])
    plain = text.replace("&lt;", "<").replace("&gt;", ">").replace("\n", "")
    for card in CARDS:
        assert str(card.key) in plain
        assert digest_of_key(card.key) in text
        assert spoken(card.key)[0] in text
        assert card.key.key_id.hex() in text
    assert "The <Board>" in plain
    assert "quorum none" in text
    assert hashlib.sha256(b"quorum none\n").hexdigest() in text


def test_a_page_needs_nothing_else_and_runs_nothing():
    page = sheet_html([KeyCard(key=CARDS[0].key, owner="<script>alert(1)</script>")], title="<b>")
    assert "<script" not in page
    assert "<b>" not in page
    assert not re.search(r"(src|href)=|url\(|@import", page)
    assert "default-src 'none'" in page


def test_every_language_has_every_word():
    with (files("escruta.apps.signing") / "sheet_words.toml").open("rb") as opened:
        tables = tomllib.load(opened)
    assert len({frozenset(table) for table in tables.values()}) == 1
    assert all(text.strip() for table in tables.values() for text in table.values())


def test_keys_are_gathered_from_cards_and_policies_each_once(tmp_path):
    log, _, witness = (card.key for card in CARDS)
    member = SeedSigner("rector.example", KeyKind.ED25519, b"4" * 32).key
    card = tmp_path / "log.vkey"
    card.write_text(str(KeyCard(key=log, owner="The Board")), encoding="utf-8")
    policy, board = tmp_path / "log.policy", tmp_path / "board.policy"
    policy.write_text(f"# printed\n\nlog {log}\nwitness red {witness}\nquorum red\n", encoding="utf-8")
    board.write_text(f"witness señora {member}\nquorum señora\n", encoding="utf-8")
    cards, policies = gather([str(card), str(policy), str(board)])
    assert [each.key for each in cards] == [log, witness, member]
    assert [each.owner for each in cards] == ["The Board", "red", "señora"]
    assert cards[1].valid_for == "example.com/log"
    assert policies == [policy.read_text(encoding="utf-8"), board.read_text(encoding="utf-8")]


@pytest.mark.browser
def test_a_sheet_prints_each_key_whole(browser, tmp_path):
    """On paper no key is cut in two, and nothing is wider than the page."""
    sheet = tmp_path / "keys.html"
    sheet.write_text(sheet_html(CARDS), encoding="utf-8")
    page = browser.new_page(viewport={"width": 680, "height": 1000})  # the width of A4 within its margins
    try:
        page.goto(sheet.as_uri())
        page.emulate_media(media="print")
        assert page.evaluate("document.documentElement.scrollWidth") <= 680
        heights = page.evaluate("[...document.querySelectorAll('section')].map(each => each.offsetHeight)")
        assert all(0 < height < 1000 for height in heights)
        sizes = page.evaluate("[...document.querySelectorAll('svg')].map(each => each.getBoundingClientRect().width)")
        assert [round(size * 25.4 / 96) for size in sizes] == [42, 120, 42]  # millimetres
    finally:
        page.close()
