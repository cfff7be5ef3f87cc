"""`escruta print`: files as a newcomer asks for them, seals that check, and reasons where nothing is printed."""

import json

import pytest
import zxingcpp
from click.testing import CliRunner
from tests.unit.sheets.printing.print_samples import definition, raster, text_in, whole_text

from escruta.apps.cli.print_stations import keys_of
from escruta.apps.cli.printing import print_command
from escruta.apps.seals import issue_keys, passphrase_of_letters
from escruta.apps.seals.issuing import Protection
from escruta.base.errors import InputError
from escruta.sheets.printing import parse_layouts
from escruta.sheets.seal import form_of, read_seal
from escruta.testing.toml import to_toml

pl = pytest.importorskip("polars")
FIGURES = {"registered_voters": 300, "ballots": 7, "valid": 6, "null": 1, "blank": 0, "c0": 4, "c1": 2}
MOMENT = "2031-03-02T20:15:09Z"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A definition, figures, and the keys of two stations."""
    home = tmp_path_factory.mktemp("print")
    plain = definition().model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=True)
    (home / "election.toml").write_text(to_toml(plain), encoding="utf-8")
    (home / "figures.json").write_text(json.dumps(FIGURES), encoding="utf-8")
    stations = pl.DataFrame({"station": ["1.1", "1.2"], "area": ["1", "1"]})
    issue_keys(
        stations,
        home / "keys",
        election="small",
        separator=".",
        valid_from=_moment(1),
        valid_until=_moment(20),
        protection=Protection(),
    )
    return home


def _moment(day):
    from datetime import UTC, datetime  # noqa: PLC0415

    return datetime(2031, 3, day, tzinfo=UTC)


def run(*arguments):
    return CliRunner().invoke(print_command, [str(each) for each in arguments], catch_exceptions=False)


def one(folder, out, *more):
    key = folder / "keys" / "1" / "1%2E1.key"
    key = key if key.exists() else next((folder / "keys").rglob("1.1.key"))
    return run(
        folder, "--station", "1.1", "--figures", folder / "figures.json", "--seal-key", key, "--printed", MOMENT,
        "-o", out, *more,
    )  # fmt: skip


def test_one_station_gets_its_copies_with_a_seal_each_and_a_layout(folder, tmp_path):
    out = tmp_path / "a.pdf"
    result = one(folder, out, "--for", "party:c1", "--for", "door", "--layout", tmp_path / "a.json", "--png", "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    sheets = [read_seal(copy["text"]).sheet for copy in told["copies"]]
    assert [(sheet.copy, sheet.recipient) for sheet in sheets] == [(1, 17), (2, 2)]
    layouts = parse_layouts((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert text_in(out.read_bytes(), layouts[0].zone("votes.c0")) == "4"
    read = [code.text for code in zxingcpp.read_barcodes(raster(out.read_bytes(), page=1))]
    assert read == [told["copies"][1]["text"]] * 2
    assert (tmp_path / "a-2.png").read_bytes().startswith(b"\x89PNG")


def test_the_same_call_makes_the_same_bytes_and_never_writes_over_a_file(folder, tmp_path):
    assert one(folder, tmp_path / "a.pdf").exit_code == 0
    assert one(folder, tmp_path / "b.pdf").exit_code == 0
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()
    assert one(folder, tmp_path / "a.pdf").exit_code == 2


def test_a_zero_sheet_without_a_seal_has_voters_that_nobody_filled_in(folder, tmp_path):
    out = tmp_path / "zero.pdf"
    result = run(folder, "--station", "1.1", "--zero", "--no-seal", "--form", "a4", "--language", "nl", "-o", out)
    assert result.exit_code == 0, result.output
    text = whole_text(out.read_bytes())
    assert "NULSTAAT" in text
    assert "leeg gelaten" in text
    assert "geen zegel" in " ".join(text.split())


def test_many_stations_are_a_file_each_and_one_without_a_key_says_why(folder, tmp_path):
    form = form_of(definition())
    rows = [[station, *range(10, 10 + len(form.figures))] for station in ("1.1", "1.2", "9.9")]
    lines = [",".join(map(str, row)) for row in [["station", *form.figures], *rows]]
    lines[2] = lines[2].replace(",12,", ",,", 1)  # a cell that nobody filled in is unread, never a zero
    (tmp_path / "readings.csv").write_text("\n".join(lines), encoding="utf-8")
    result = run(
        folder, "--readings", tmp_path / "readings.csv", "--seal-key", folder / "keys", "--layouts", "--json",
        "--executor", "threads", "-o", tmp_path / "out",
    )  # fmt: skip
    assert result.exit_code == 1, result.output
    told = {each["station"]: each for each in json.loads(result.stdout)["stations"]}
    assert "no key of this station" in told["9.9"]["refused"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["1.1.json", "1.1.pdf", "1.2.json", "1.2.pdf"]
    layout = parse_layouts((tmp_path / "out" / "1.2.json").read_text(encoding="utf-8"))[0]
    assert text_in((tmp_path / "out" / "1.2.pdf").read_bytes(), layout.zone(form.figures[2])) == "unread"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--zero", "--no-seal"], "Give --station for one station"),
        (["--station", "1.1", "--zero"], "Give --seal-key"),
        (["--station", "1.1", "--no-seal"], "Give the figures"),
        (["--station", "1.1", "--no-seal", "--figure", "c0=4"], "seal"),
        (["--station", "1.1", "--no-seal", "--zero", "--for", "nobody"], "nobody of that name"),
        (["--station", "1.1", "--no-seal", "--zero", "--language", "xx"], "no words for sheets"),
        (["--station", "1.1", "--no-seal", "--zero", "--for", "door", "--for", "box", "--copies", "1"], "more --for"),
        (["--station", "1.1", "--no-seal", "--zero", "--layouts"], "goes with --readings"),
        (["--readings", "figures.json", "--no-seal", "--figure", "c0=4"], "figures stand in the table"),
        (["--readings", "figures.json", "--no-seal", "--layout", "x.json"], "asked for with --layouts"),
    ],
)
def test_what_does_not_go_together_is_refused_with_words(folder, tmp_path, arguments, words):
    named = [folder / each if each == "figures.json" else each for each in arguments]
    result = run(folder, *named, "-o", tmp_path / "x.pdf")
    assert result.exit_code == 2
    assert words in result.output
    assert not (tmp_path / "x.pdf").exists()


def test_a_key_of_another_station_is_refused(folder, tmp_path):
    other = next((folder / "keys").rglob("1.2.key"))
    result = run(folder, "--station", "1.1", "--zero", "--seal-key", other, "-o", tmp_path / "x.pdf")
    assert result.exit_code == 2
    assert "not the key of the station" in result.output


def readings(path, *lines):
    form = form_of(definition())
    path.write_text("\n".join([",".join(["station", *form.figures]), *lines]) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("lines", "words"),
    [((), "the table has no rows"), (("1.1,1,1,1,1,1,1,1", ",1,1,1,1,1,1,1"), "names no station")],
)
def test_a_table_with_nothing_to_print_or_a_row_of_no_station_is_refused(folder, tmp_path, lines, words):
    table = readings(tmp_path / "readings.csv", *lines)
    result = run(folder, "--readings", table, "--no-seal", "--executor", "threads", "-o", tmp_path / "out")
    assert result.exit_code == 2
    assert words in result.output
    assert not (tmp_path / "out").exists()


def test_encrypted_keys_seal_in_other_processes_too_and_the_latest_key_of_a_station_counts(
    folder, tmp_path, monkeypatch
):
    monkeypatch.setenv("PRINT_TEST", "an example of a passphrase")
    table = pl.DataFrame({"station": ["1.1", "1.1.2"], "area": ["1", "2"]})
    more = {"election": "small", "separator": ".", "valid_from": _moment(1), "valid_until": _moment(20)}
    protection = Protection(passphrase=b"an example of a passphrase")
    issue_keys(table, tmp_path / "keys", **more, protection=protection)
    last = issue_keys(table[:1], tmp_path / "keys", **more, protection=protection, numbers={"1.1": 1})
    rows = readings(tmp_path / "readings.csv", "1.1,1,1,1,1,1,1,1", "1.1.2,1,1,1,1,1,1,1")
    result = run(
        folder, "--readings", rows, "--seal-key", tmp_path / "keys", "--passphrase", "env:PRINT_TEST", "--json",
        "-o", tmp_path / "out",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    first = json.loads(result.stdout)["stations"][0]
    assert read_seal(first["copies"][0]["text"]).kid == last.keys[0].kid


def test_each_key_is_opened_with_its_own_passphrase_and_a_stopped_run_goes_on(tmp_path, folder):
    letters = tmp_path / "letters.csv"
    issue_keys(
        pl.DataFrame({"station": ["1.1", "1.2"], "area": ["1", "1"]}), tmp_path / "keys", election="small",
        separator=".", valid_from=_moment(1), valid_until=_moment(20), protection=Protection(letters=letters),
    )  # fmt: skip
    table = readings(tmp_path / "readings.csv", "1.1,1,1,1,1,1,1,1", "1.2,1,1,1,1,1,1,1")
    ask = [
        folder, "--readings", table, "--seal-key", tmp_path / "keys", "--letters", letters, "--executor", "threads",
        "--printed", MOMENT, "-o", tmp_path / "out",
    ]  # fmt: skip
    assert run(*ask).exit_code == 0
    whole = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    (tmp_path / "out" / "1.1.pdf").unlink()
    (tmp_path / "out" / "1.2.pdf").write_bytes(whole["1.2.pdf"][:1000])  # it was being written when the power went
    result = run(*ask)
    assert result.exit_code == 0, result.output
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == whole
    (tmp_path / "out" / "1.2.pdf").write_bytes(b"somebody's own")
    assert run(*ask).exit_code == 1
    assert (tmp_path / "out" / "1.2.pdf").read_bytes() == b"somebody's own"
    letters.write_text("\n".join(letters.read_text(encoding="utf-8").splitlines()[:2]) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match="no passphrase for this key"):
        passphrase_of_letters(letters)("keys/1/1.2.key")


def test_two_keys_of_a_station_are_refused_and_one_that_is_elsewhere_is_not_replaced_by_an_older(tmp_path):
    more = {"election": "small", "valid_from": _moment(1), "valid_until": _moment(20), "protection": Protection()}
    for area in ("a", "b"):
        issue_keys(pl.DataFrame({"station": ["1.1"], "area": [area]}), tmp_path / "keys", separator=".", **more)
    with pytest.raises(InputError, match="a station has two keys"):
        keys_of(["1.1"], tmp_path / "keys", "small")
    assert set(keys_of(["1.1"], tmp_path / "keys" / "a", "small")) == {"1.1"}
    issue_keys(
        pl.DataFrame({"station": ["1.1"], "area": ["a"]}), tmp_path / "keys", separator=".", numbers={"1.1": 1}, **more
    )
    (tmp_path / "keys" / "a" / "1.1.2.key").unlink()
    assert keys_of(["1.1"], tmp_path / "keys" / "a", "small") == {}
    with pytest.raises(InputError, match="no such folder"):
        keys_of(["1.1"], tmp_path / "nothing", "small")


def test_nothing_is_left_where_one_of_the_files_cannot_be_written(folder, tmp_path):
    result = one(folder, tmp_path / "a.pdf", "--layout", tmp_path / "nothing" / "a.json", "--png")
    assert result.exit_code == 2
    assert one(folder, tmp_path / "a.pdf", "--layout", tmp_path / "a.pdf").exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_a_zero_sheet_keeps_what_somebody_says_and_then_does_not_claim_zeros(folder, tmp_path):
    said = ["--station", "1.1", "--zero", "--no-seal", "--language", "en"]
    assert run(folder, *said, "--figure", "registered_voters=9", "-o", tmp_path / "a.pdf").exit_code == 0
    assert "Every count is zero" in " ".join(whole_text((tmp_path / "a.pdf").read_bytes()).split())
    done = run(
        folder, *said, "--figure", "c0=5", "--figure", "null=illegible", "-o", tmp_path / "b.pdf",
        "--layout", tmp_path / "b.json",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    raw = (tmp_path / "b.pdf").read_bytes()
    layout = parse_layouts((tmp_path / "b.json").read_text(encoding="utf-8"))[0]
    assert [text_in(raw, layout.zone(name)) for name in ("votes.c0", "null", "votes.c1")] == ["5", "unread", "0"]
    assert "Not every count is zero" in " ".join(whole_text(raw).split())
