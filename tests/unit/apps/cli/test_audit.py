"""`escruta audit`, as a person meets it."""

import json

import pytest
from click.testing import CliRunner
from tests.unit.apps.audits.conftest import SEED, Steps, write_record

from escruta.apps.cli import main
from escruta.base.words import languages


@pytest.fixture(scope="module")
def record(tmp_path_factory):
    return write_record(tmp_path_factory.mktemp("cli"))


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(main, ["audit", *map(str, words)])


def test_a_whole_audit_by_commands(run, record, tmp_path):
    planned = run("plan", record, "audit", "--risk-limit", "10%")
    assert planned.exit_code == 0, planned.output
    assert "Ana has more votes than Ben" in planned.stdout
    assert "Publish this digest before the dice are rolled" in planned.stdout
    assert run("seed", "audit", SEED, "--where", "The square").exit_code == 0
    drawn = run("draw", "audit", "--language", "nl")
    assert drawn.exit_code == 0, drawn.output
    typed = Steps(tmp_path / "audit", record).fill()
    once = run("enter", "audit", "--first", typed)
    assert once.exit_code == 2
    assert "--once" in once.output
    same = run("enter", "audit", "--first", typed, "--second", typed)
    assert (same.exit_code, "no second typing" in same.output) == (2, True)
    second = Steps(tmp_path / "audit", record).fill(name="second.csv")
    assert run("enter", "audit", "--first", typed, "--second", second).exit_code == 0
    risk = run("risk", "audit", "--record", record)
    assert risk.exit_code == 0, risk.output
    assert "Stop: the paper bears out the published outcome." in risk.stdout
    assert run("report", "audit", "--language", "es").exit_code == 0
    assert (tmp_path / "audit" / "report" / "audit.es.html").is_file()
    assert (tmp_path / "audit" / "forms-1.html").is_file()


def test_every_step_says_the_same_as_json(run, record, tmp_path):
    plan = json.loads(run("plan", record, "audit", "--json").stdout)
    assert plan["draws"] == plan["least_draws"] + 1
    assert json.loads(run("seed", "audit", SEED, "--where", "x", "--json").stdout)["seed"] == SEED
    draws = json.loads(run("draw", "audit", "--json").stdout)["draws"]
    assert [each["draw"] for each in draws] == list(range(1, plan["draws"] + 1))
    typed = Steps(tmp_path / "audit", record).fill([(0, "state", "missing")])
    entered = json.loads(run("enter", "audit", "--first", typed, "--once", "--json").stdout)
    assert (entered["missing"], entered["typed_twice"]) == (1, False)
    risk = run("risk", "audit", "--json")
    assert (risk.exit_code, json.loads(risk.stdout)["decision"]) == (1, "full-count")
    assert len(json.loads(run("report", "audit", "--json").stdout)["pages"]) == len(languages())


@pytest.mark.parametrize("limit", ["0", "1", "150%", "five", "1/0"])
def test_a_risk_limit_lies_between_nothing_and_certainty(run, record, limit):
    done = run("plan", record, "audit", "--risk-limit", limit)
    assert done.exit_code == 2
    assert "Traceback" not in done.output


def test_a_folder_that_is_no_record_is_refused_in_words(run, tmp_path):
    (tmp_path / "empty").mkdir()
    done = run("plan", "empty", "audit")
    assert done.exit_code == 2
    assert "the folder is no record" in done.output


def test_a_step_out_of_order_says_which_is_next(run, record):
    run("plan", record, "audit")
    done = run("draw", "audit")
    assert done.exit_code == 2
    assert "Next is `escruta audit seed`." in done.output


def test_an_audit_of_slips_by_commands(run, record, tmp_path):
    planned = run("plan", record, "audit", "--method", "polling", "--risk-limit", "10%")
    assert planned.exit_code == 0, planned.output
    assert "Slips that can be drawn" in planned.stdout
    assert run("seed", "audit", SEED, "--where", "x").exit_code == 0
    drawn = json.loads(run("draw", "audit", "--json").stdout)["draws"]
    assert {"draw", "box", "slip", "random"} == set(drawn[0])
    typed = Steps(tmp_path / "audit", record).fill_slips()
    entered = json.loads(run("enter", "audit", "--first", typed, "--once", "--json").stdout)
    assert (entered["slips"], entered["missing"]) == (len(drawn), 0)
    risk = run("risk", "audit", "--record", record)
    assert risk.exit_code == 0, risk.output
    assert "slips looked at" in risk.stdout
    assert run("report", "audit", "--language", "en").exit_code == 0


def test_a_comparison_without_records_says_why_and_what_to_do(run, record):
    done = run("plan", record, "audit", "--method", "comparison")
    assert done.exit_code == 2
    assert "as in a country of tally sheets" in done.output
