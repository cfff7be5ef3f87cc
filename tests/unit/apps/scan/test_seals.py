"""Seals on pictures: a good one supports, a bad one is not counted, and no list of keys is forgotten on the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.unit.apps.scan import tiny

from escruta.apps.cli.scan import _tell
from escruta.apps.executing import workplace_named
from escruta.apps.scan import ScanCounts, ScanHome, files_of, finish, open_home, require_same_keys, scan_files
from escruta.apps.scan.errors import ScanHomeUnusable
from escruta.apps.scan.judging import GOOD, NotCounted, counted
from escruta.apps.scan.orders import orders_of
from escruta.apps.scan.saying import said_by
from escruta.apps.scan.tables import SheetRead
from escruta.election.definition import KeyPart
from escruta.sheets.seal import KeyList, SealForm, SealingKey, SealSigner, form_of, seal_sheet, sheet_of, text_of
from escruta.sources.scans.codes import Effort
from escruta.sources.scans.evidence import PictureFinding

PRIVATE = {name: Ed25519PrivateKey.from_private_bytes(bytes([at]) * 32) for at, name in enumerate(("one", "two"), 1)}
FROM, PRINTED, UNTIL = (datetime(2031, 3, day, 20, tzinfo=UTC) for day in (1, 2, 9))


def signer(name: str) -> SealSigner:
    private = PRIVATE[name]
    return SealSigner(public_key=private.public_key().public_bytes_raw(), sign=private.sign)


def keys_of(form: SealForm, sequence: int = 1, election: str = "tiny") -> KeyList:
    key = SealingKey(station="000000001.1", public_key=signer("one").public_key, valid_from=FROM, valid_until=UNTIL)
    return KeyList(election=election, sequence=sequence, issued_at=FROM, forms=(form,), keys=(key,))


@pytest.fixture
def home(tmp_path) -> ScanHome:
    """One sheet under the station's key, and one that says other figures under a key that is not on the list."""
    home = open_home(tiny.write_election(tmp_path))
    form = form_of(home.election, home.contest.id)
    figures = dict.fromkeys(form.figures, 7)
    sheet = sheet_of(form, "000000001.1", figures, printed_at=PRINTED, copy=1)
    other = sheet_of(form, "000000001.1", {**figures, "null": 9}, printed_at=PRINTED, copy=2)
    for name, sealed, signed_by in (("good", sheet, "one"), ("forged", other, "two")):
        text = text_of(seal_sheet(sealed, signer(signed_by)))
        (tmp_path / f"{name}.png").write_bytes(tiny.picture_of_text(text, seed=len(name)))
    files = files_of([str(tmp_path / "*.png")])
    counts = scan_files(home, files, place=workplace_named("threads", 1), effort=Effort.QUICK)
    assert (counts.read, counts.failed) == (2, 0)
    return home


def test_a_seal_of_a_foreign_key_is_not_counted(home):
    keys = keys_of(form_of(home.election, home.contest.id))
    state = finish(home, keys)
    assert (state.findings["P101"], state.findings["P103"], state.readings, state.withheld) == (1, 1, 1, 1)


def test_a_seal_of_a_longer_name_is_not_that_of_a_station_with_the_same_beginning(home):
    orders = orders_of(home)
    form = orders.forms[0]
    refusals = []
    for station in ("000000001.1", "000000001.1.7", "000000001"):
        sheet = sheet_of(form, station, dict.fromkeys(form.figures, 7), printed_at=PRINTED)
        refusals.append(said_by(text_of(seal_sheet(sheet, signer("one"))), orders).refusal)
    assert refusals == [None, *["the seal names no station of this election"] * 2]


def test_seals_that_were_checked_once_are_checked_with_the_same_list_or_a_later_one(home):
    form = form_of(home.election, home.contest.id)
    assert finish(home).readings == 2  # nobody ever named a list
    finish(home, keys_of(form, 2))
    before = home.table.read_bytes()
    for keys in (None, keys_of(form, 1), keys_of(replace(form, election="other"), 3, "other")):
        with pytest.raises(ScanHomeUnusable):
            require_same_keys(home, keys)
        with pytest.raises(ScanHomeUnusable):
            finish(home, keys)
    assert home.table.read_bytes() == before
    assert finish(home, keys_of(form, 3)).readings == 1


def test_where_the_definition_requires_seals_nothing_else_is_counted(home, tmp_path, capsys):
    keys = keys_of(form_of(home.election, home.contest.id))
    (tmp_path / "plain.png").write_bytes(tiny.picture_of_text(tiny.text_of(2), seed=9))
    scan_files(home, files_of([str(tmp_path / "plain.png")]), place=workplace_named("threads", 1), effort=Effort.QUICK)
    state = finish(home, keys)
    assert state.withheld_for == {"seal": 1}
    _tell(home, ScanCounts(files=1), state, seals_checked=True, named=True)
    assert "Without a seal, and counted: 1 copies." in capsys.readouterr().out
    sealed = replace(home, source=home.source.model_copy(update={"seals": "required"}))
    state = finish(sealed, keys)
    assert (state.readings, state.stations, state.withheld_for) == (1, 1, {"seal": 1, "unsealed": 1})
    assert (state.findings["P105"], state.findings["P108"]) == (1, 1)
    _tell(sealed, ScanCounts(files=1), state, seals_checked=True, named=True)
    told = capsys.readouterr().out
    assert "Not in it: 1 copies without a good seal" in told
    assert "and counted" not in told
    with pytest.raises(ScanHomeUnusable, match="requires seals"):
        require_same_keys(sealed, None)


Shown = tuple[tuple[str, dict[str, str]], ...]


NUMBERED = (KeyPart(part="table", kind="number"),)


def _sheet(method: str, station: str = "1", findings: Shown = ()) -> SheetRead:
    said: dict[str, Any] = {"findings": [{"code": code, "details": details} for code, details in findings]}
    return SheetRead(
        digest="d", page=1, pages=1, sheet={"method": method, "station": {"table": station}}, on_page={"print": said}
    )


OTHER_STATION: Shown = (("P501", {}), ("P204", {"figures": "1 / 2"}))
NOBODY_KNOWS = (("P202", {"figures": "3 / 4"}), ("P206", {"why": "not-legible"}))
NO_CELLS = (("P202", {"figures": "3 / 4"}), ("P206", {"why": "no-cells"}))


@pytest.mark.parametrize(
    ("findings", "read", "left", "why"),
    [
        (OTHER_STATION, ("qr 1", "ocr 2"), (), NotCounted.STATION),
        (OTHER_STATION, ("qr 1",), (), NotCounted.STATION),
        (NOBODY_KNOWS, ("qr 1",), (), NotCounted.STATION),
        (NO_CELLS, ("qr 1", "ocr 1"), ("qr 1", "ocr 1"), None),  # disputed: nothing says that it is pasted
        ((("P206", {"why": "not-legible"}), ("P201", {})), ("qr 1",), ("qr 1",), None),
        (OTHER_STATION, ("qr 1", "ocr 2", "typed 001"), ("qr 1", "typed 001"), None),  # two people overrule the machine
        (OTHER_STATION, ("qr 1", "ocr 2", "typed 2"), (), NotCounted.STATION),  # and here they agree with it
        (OTHER_STATION, ("qr 1", "qr 2", "typed 2"), ("qr 2", "typed 2"), None),
        (NO_CELLS, ("qr 1", "ocr 1", "typed 1"), ("qr 1", "ocr 1", "typed 1"), None),
        (NO_CELLS, ("qr 1", "ocr 1", "typed 2"), (), NotCounted.STATION),  # people see that it is pasted
        ((), ("ocr 1", "typed 2"), ("ocr 1", "typed 2"), None),  # no code that could be pasted
    ],
)
def test_a_code_and_a_print_of_different_stations_are_a_reading_of_neither(findings, read, left, why):
    sheets = [_sheet(method, station, findings) for method, station in map(str.split, read)]
    found, said = counted(sheets, [None] * len(sheets), NUMBERED, seals_required=False)
    assert [f"{each.sheet['method']} {each.sheet['station']['table']}" for each in found] == list(left)
    assert said is why


@pytest.mark.parametrize(
    ("read", "left"),
    [
        (("qr 1 P101",), ("qr 1",)),
        (("qr 1 P105",), ()),
        (("qr 1 P106",), ()),
        (("qr 1 P107",), ()),
        (("ocr 1 -",), ()),
        (("typed 1 -",), ()),
        (("qr 1 P101", "ocr 1 -"), ("qr 1", "ocr 1")),  # what differs from a good seal is not hidden by it
        (("qr 1 P101", "ocr 2 -", "qr 1 P105"), ("qr 1",)),
        (("qr 1 P101", "qr 1 P102"), ()),
    ],
)
def test_where_seals_are_required_only_what_a_good_seal_vouches_for_is_counted(read, left):
    words = [each.split() for each in read]
    sheets = [_sheet(method, station) for method, station, _ in words]
    seals = [None if code == "-" else PictureFinding(code=code) for _, _, code in words]
    found, why = counted(sheets, seals, NUMBERED, seals_required=True)
    assert [f"{each.sheet['method']} {each.sheet['station']['table']}" for each in found] == list(left)
    assert (why is None) == bool(left)


@pytest.mark.parametrize(("part", "is_one"), [({"kind": "number"}, True), ({}, False), ({"width": 3}, True)])
def test_zeros_before_a_station_make_it_another_one_where_its_key_is_a_text(part, is_one):
    key = (KeyPart(part="table", **part),)
    sheets = [_sheet("qr", "7"), _sheet("ocr", "007")]
    good = [PictureFinding(code=GOOD), None]
    assert len(counted(sheets, good, key, seals_required=True)[0]) == 1 + is_one
    told = [_sheet("qr", "7", OTHER_STATION), _sheet("ocr", "8", OTHER_STATION), _sheet("typed", "007", OTHER_STATION)]
    assert (counted(told, [None] * 3, key, seals_required=False)[1] is None) is is_one
