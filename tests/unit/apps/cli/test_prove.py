"""`escruta prove`, as a person meets it."""

import json
import shutil

import pytest
from click.testing import CliRunner
from tests.unit.portal.make_log import make_log
from tests.unit.portal.make_record import Shape, make_record

from escruta.apps.cli import main
from escruta.tlog import parse_policy, parse_proof_file


@pytest.fixture(scope="module")
def record(tmp_path_factory):
    made = make_record(tmp_path_factory.mktemp("logged") / "record", Shape(stations=40))
    make_log(made)
    return made


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(main, ["prove", *map(str, words)])


STATION = "01/01/01/2"


def test_the_readings_of_a_station_are_listed(run, record):
    done = run(record, STATION)
    assert done.exit_code == 0, done.output
    assert "alba-copies" in done.stdout
    assert "2 of 3 log witnesses cosigned.\n" in done.stdout
    said = json.loads(run(record, STATION, "--json").stdout)
    assert {each["source"] for each in said["readings"]} == {"alba-copies", "photos"}
    assert (said["cosigned"], said["witnesses"], said["has_quorum"], said["is_sealed"]) == (2, 3, True, False)


def test_proof_and_page_are_written_and_the_proof_is_verified(run, record, tmp_path):
    done = run(record, STATION, "--source", "photos", "--proof", "a.tlog-proof", "--html", "a.html", "--language", "nl")
    assert done.exit_code == 0, done.output
    proof = parse_proof_file((tmp_path / "a.tlog-proof").read_bytes())
    page = (tmp_path / "a.html").read_text(encoding="utf-8")
    entry = page.partition('<pre id="entry" tabindex="0">')[2].partition("</pre>")[0].replace("&#34;", '"')
    assert json.loads(entry)["source"] == "photos"
    assert proof.verify(entry.encode(), parse_policy((record / "log.policy").read_bytes())).is_met
    assert "Stembureau 01/01/01/2" in page


def test_a_zip_file_will_do(run, record, tmp_path):
    archive = shutil.make_archive(str(tmp_path / "record"), "zip", record)
    assert run(archive, STATION, "--reading", "2df6", "--proof", "a").exit_code == 0


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ([STATION, "--proof", "a"], "several readings"),
        (["99"], "no such reading"),
        ([STATION, "--contest", "other"], "no such reading"),
        ([STATION, "--reading", "zz"], "no such reading"),
    ],
)
def test_what_leaves_no_reading_or_several_is_told(run, record, words, what):
    done = run(record, *words)
    assert done.exit_code == 2
    assert what in done.stderr
    assert "what to do" in done.stderr


def test_a_record_without_a_log_is_told(run, record, tmp_path):
    copy = shutil.copytree(record, tmp_path / "copy")
    (copy / "log.policy").unlink()
    done = run(copy, STATION)
    assert (done.exit_code, "the record has no log" in done.stderr) == (2, True)


def test_a_forged_entry_has_no_proof(run, record, tmp_path):
    copy = shutil.copytree(record, tmp_path / "copy")
    path = next((copy / "log" / "tile" / "entries" / "000.p").iterdir())
    path.write_bytes(path.read_bytes().replace(b'"votes.alba":113', b'"votes.alba":999'))
    done = run(copy, STATION, "--source", "photos", "--proof", "a")
    assert (done.exit_code, "another root" in done.stderr) == (2, True)
    assert not (tmp_path / "a").exists()
