"""The steps of an audit: their order, what they commit to, and what they refuse."""

import csv
import json
from fractions import Fraction
from hashlib import sha256
from itertools import accumulate

import pytest
from tests.unit.apps.audits.conftest import SEED, STATIONS, Steps, write_record

from escruta.apps.audits import AuditRefused
from escruta.apps.audits.commitments import require_same_record
from escruta.apps.audits.judging import risks_by_draw
from escruta.apps.audits.planning import choices_of, committed, plan_of
from escruta.apps.audits.samples import sample_of
from escruta.apps.audits.tables import read_published
from escruta.audit.errors import AuditImpossible


def test_an_audit_without_a_difference_stops_after_its_first_round(drawn):
    counted = drawn.enter()
    found = drawn.judge()
    assert (found["decision"], found["boxes_that_differ"], found["boxes"]) == ("stop", 0, len(counted))
    assert found["risk"] <= 0.05


def test_every_step_names_the_one_before_and_what_it_wrote(drawn):
    drawn.enter()
    drawn.judge()
    lines = (drawn.folder / "steps.jsonl").read_bytes().splitlines(keepends=True)
    said = [json.loads(line) for line in lines]
    assert [each["step"] for each in said] == ["plan", "seed", "draw", "enter", "risk"]
    assert [each["previous"] for each in said[1:]] == [sha256(line).hexdigest() for line in lines[:-1]]
    for each in said:
        for name, digest in each["files"].items():
            assert sha256((drawn.folder / name).read_bytes()).hexdigest() == digest


def test_a_seed_before_the_plan_is_refused(steps):
    steps.folder.mkdir()
    with pytest.raises(AuditRefused, match="no audit in this folder"):
        steps.seed()


@pytest.mark.parametrize("step", ["plan", "seed", "draw", "judge"])
def test_no_step_runs_out_of_turn(drawn, step):
    with pytest.raises(AuditRefused, match="not the turn"):
        getattr(drawn, step)()


@pytest.mark.parametrize(
    "digits",
    ["1234567890123456789", "abcdefghijklmnopqrstu", "", "١٢٣٤٥٦٧٨٩٠١٢٣٤٥٦٧٨٩٠", "0" * 20],
    ids=["short", "letters", "none", "other digits", "one digit"],
)
def test_a_seed_that_no_dice_gave_is_refused(steps, digits):
    steps.plan()
    with pytest.raises(AuditRefused, match="not what dice give"):
        steps.seed(digits)


@pytest.mark.parametrize("name", ["boxes.csv", "plan.json", "seed.json", "draw-1.csv"])
def test_what_was_committed_cannot_be_changed(drawn, name):
    path = drawn.folder / name
    path.write_bytes(path.read_bytes().replace(b"1", b"2", 1))
    with pytest.raises(AuditRefused, match="committed has changed") as refused:
        drawn.enter()
    assert refused.value.where == str(path)


def test_a_file_that_is_gone_is_noticed(drawn):
    (drawn.folder / "seed.json").unlink()
    with pytest.raises(AuditRefused, match="committed has changed"):
        drawn.open()


def test_a_line_taken_out_of_the_list_is_noticed(drawn):
    path = drawn.folder / "steps.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text(lines[0] + lines[2], encoding="utf-8")
    with pytest.raises(AuditRefused, match="does not hold together") as refused:
        drawn.open()
    assert refused.value.row == 2


def test_a_step_never_writes_over_a_file(steps):
    steps.plan()
    (steps.folder / "seed.json").write_text("{}", encoding="utf-8")
    with pytest.raises(AuditRefused, match="stands where a step writes"):
        steps.seed()


def test_a_clock_that_goes_back_is_refused(steps, monkeypatch):
    steps.plan()
    monkeypatch.setattr(steps, "now", lambda: steps._now.replace(year=2020))
    with pytest.raises(AuditRefused, match="clock"):
        steps.seed()


def test_results_that_changed_after_the_commitment_are_found(steps, tmp_path):
    plan = steps.plan()
    require_same_record(steps.record, plan)
    with pytest.raises(AuditRefused, match="not those that the plan committed to"):
        require_same_record(write_record(tmp_path / "other", seed=3), plan)


def test_the_plan_names_the_entry_of_the_records_log(steps):
    record = steps.plan()["record"]
    assert record["log"]["sealed"]
    assert record["log"]["entry"] == record["log"]["size"] - 1
    assert record["sha256sums"] == sha256((steps.record / "SHA256SUMS").read_bytes()).hexdigest()


def test_the_table_can_be_made_again_from_the_record(steps):
    plan = steps.plan(method="alpha", outside="left-out", bound="ballots")
    choices = choices_of(plan)
    files, _ = committed(read_published(steps.record, None, choices.bound), choices)
    assert files["boxes.csv"] == (steps.folder / "boxes.csv").read_bytes()


def test_anybody_draws_the_same_boxes_with_sha256_and_whole_numbers(drawn):
    with (drawn.folder / "boxes.csv").open(newline="") as opened:
        rows = [(row["box"], int(row["error_bound"])) for row in csv.DictReader(opened)]
    with (drawn.folder / "draw-1.csv").open(newline="") as opened:
        draws = list(csv.DictReader(opened))
    assert draws
    for draw in draws:
        number = int(sha256(f"{SEED},mayor,{draw['draw']}".encode()).hexdigest(), 16)
        aim = number * sum(bound for _, bound in rows) // 2**256
        until = list(accumulate(bound for _, bound in rows))
        assert draw["box"] == next(box for (box, _), end in zip(rows, until, strict=True) if aim < end)


def test_differences_call_for_another_round_and_its_draws_go_on(drawn):
    drawn.enter([(0, "ana", 60), (0, "ben", 70), (0, "slips", 138), (0, "other", 0), (0, "eva", 8)])
    found = drawn.judge()
    assert found["decision"] == "go-on"
    assert found["more_draws"] > 0
    more = drawn.draw()
    assert more[0].number == found["draws"] + 1
    drawn.enter(name="typed-2.csv")
    again = drawn.judge()
    assert again["draws"] == found["draws"] + found["more_draws"]
    assert again["decision"] == "stop"


def test_a_box_that_is_not_there_is_the_worst_case(drawn):
    drawn.enter([(0, "state", "missing")])
    found = drawn.judge()
    assert (found["risk"], found["decision"], found["boxes_missing"]) == (1.0, "full-count", 1)
    with pytest.raises(AuditRefused, match="no larger sample"):
        drawn.draw()


def test_an_audit_that_stopped_draws_no_more_but_may_open_everything(drawn):
    drawn.enter()
    assert drawn.judge()["decision"] == "stop"
    with pytest.raises(AuditRefused, match="has stopped"):
        drawn.draw(5)
    drawn.draw(everything=True)
    drawn.enter(name="typed-2.csv")
    assert drawn.judge()["counted_in_full"]
    with pytest.raises(AuditRefused, match="nothing left to draw"):
        drawn.draw(everything=True)


def test_slips_that_are_not_there_are_votes_the_worst_way(drawn):
    clean = drawn.fill()
    with clean.open(newline="") as opened:
        first = next(csv.DictReader(opened))
    ana, slips = int(first["ana"]) - 5, int(first["slips"]) - 5
    drawn.enter([(0, "ana", ana), (0, "slips", slips)])
    found = drawn.judge()
    margins = json.loads((drawn.folder / "plan.json").read_text())["assertions"]
    assert found["slips_missing"] == 5
    assert found["largest_error"] == pytest.approx(10 / min(each["margin"] for each in margins))


def test_all_boxes_opened_decide_by_themselves(drawn):
    drawn.enter([(0, "state", "missing")])
    drawn.judge()
    rest = drawn.draw(everything=True)
    drawn.enter(name="typed-2.csv")
    found = drawn.judge()
    assert found["counted_in_full"]
    assert found["boxes"] == STATIONS
    assert len(rest) < STATIONS
    assert found["decision"] == "stop"  # one lost box cannot change this outcome


def test_all_boxes_opened_can_show_another_outcome(steps):
    steps.plan(draws=1)
    steps.seed()
    steps.draw()
    steps.enter([(0, "state", "missing")])
    steps.judge()
    rest = steps.draw(everything=True)
    swapped = []
    for at in range(len(rest)):
        swapped += [(at, "ana", 40), (at, "ben", 90), (at, "eva", 0), (at, "other", 0), (at, "slips", 130)]
    steps.enter(swapped, name="typed-2.csv")
    found = steps.judge()
    assert (found["decision"], found["counted_in_full"], found["risk"]) == ("full-count", True, 1.0)


@pytest.mark.parametrize("method", ["alpha", "equal", "per-centre"])
def test_the_other_designs_stop_where_nothing_differs(steps, method):
    steps.plan(method=method)
    steps.seed()
    drawn = steps.draw()
    steps.enter()
    found = steps.judge()
    assert found["decision"] == "stop"
    if method == "per-centre":
        assert len(drawn) == STATIONS // 2


@pytest.mark.parametrize("method", ["equal", "per-centre"])
def test_a_design_of_one_look_has_no_second_draw(steps, method):
    steps.plan(method=method)
    steps.seed()
    steps.draw()
    steps.enter([(0, "state", "missing")])
    assert steps.judge()["decision"] == "full-count"
    with pytest.raises(AuditRefused, match="one look"):
        steps.draw()


def test_more_of_what_differs_is_a_larger_risk_with_equal_chances(steps):
    found = []
    for name, off in (("a", 0), ("b", 2), ("c", 10)):
        one = Steps(steps.folder.with_name(name), steps.record)
        one.plan(method="equal", draws=15)
        one.seed()
        one.draw()
        one.enter([(0, "ana", lambda votes, off=off: votes - off), (0, "ben", lambda votes, off=off: votes + off)])
        found.append(one.judge()["risk"])
    assert found[0] < found[1] < found[2] <= 1


def test_voters_without_a_published_result_stand_against_the_outcome(record_with_outside, tmp_path):
    worst = Steps(tmp_path / "worst", record_with_outside).plan()
    left_out = Steps(tmp_path / "left-out", record_with_outside).plan(outside="left-out")
    assert (worst["stations_without_result"], worst["pending_ballots"]) == (1, 500)
    assert (left_out["stations_without_result"], left_out["pending_ballots"]) == (1, 0)
    assert worst["assertions"][0]["margin"] == left_out["assertions"][0]["margin"] - 500
    assert worst["least_draws"] > left_out["least_draws"]
    assert "polling-average" in left_out["sizes"]
    assert "polling-average" not in worst["sizes"]  # what is outside has no slips to poll


def test_more_outside_than_the_margin_cannot_be_audited(tmp_path):
    record = write_record(tmp_path / "much", outside=50_000)
    with pytest.raises(AuditImpossible, match="cannot confirm the outcome, whatever the paper says"):
        Steps(tmp_path / "audit", record).plan()


def test_totals_without_boxes_cannot_be_audited(tmp_path, record):
    from shutil import copytree  # noqa: PLC0415

    import polars as pl  # noqa: PLC0415

    copied = copytree(record, tmp_path / "totals-only")
    path = copied / "verdicts-mayor.parquet"
    pl.read_parquet(path).with_columns(counted=pl.lit(value=False)).write_parquet(path)
    with pytest.raises(AuditImpossible, match="no polling station has a published result"):
        Steps(tmp_path / "audit", copied).plan()


@pytest.mark.parametrize(("rule", "kinds"), [("majority", {"share"}), ("first", {"ahead"})])
def test_the_rule_decides_what_is_asked(steps, rule, kinds):
    assert {each["kind"] for each in steps.plan(rule=rule)["assertions"]} == kinds


@pytest.mark.parametrize("method", ["equal", "per-centre"])
def test_whoever_knows_the_seed_cannot_choose_how_far_one_look_goes(steps, method):
    planned = steps.plan(method=method)["draws"]
    steps.seed()
    with pytest.raises(AuditRefused, match="fixed before the seed"):
        steps.draw(planned - 1)
    assert len(steps.draw(planned)) == planned


def test_a_share_of_each_centre_that_is_not_enough_is_no_plan(tmp_path):
    record = write_record(tmp_path / "close", outside=2_900)
    with pytest.raises(AuditImpossible, match="no sample of this design"):
        Steps(tmp_path / "audit", record).plan(
            method="per-centre", centre_share=Fraction(1, 4), risk_limit=Fraction(1, 100)
        )
    assert Steps(tmp_path / "more", record).plan(method="per-centre", centre_share=Fraction(9, 10))["draws"] == STATIONS


def test_a_draw_centre_by_centre_has_no_number_of_its_own(steps):
    with pytest.raises(AuditRefused, match="centre by centre"):
        steps.plan(method="per-centre", draws=7)


def test_a_rule_that_the_published_totals_do_not_meet_is_refused(steps):
    with pytest.raises(AuditImpossible, match="do not say what this rule asks"):
        steps.plan(rule="majority", share=Fraction(9, 10))


def test_boxes_that_were_opened_because_all_were_are_no_draws(steps):
    steps.plan()
    steps.seed()
    first = len(steps.draw())
    steps.enter([(0, "state", "missing")])
    steps.judge()
    steps.draw(everything=True)
    steps.enter(name="rest.csv")
    opened = steps.open()
    plan = plan_of(opened)
    sample = sample_of(opened, plan)
    assert len(sample.draws) > first
    assert len(risks_by_draw(opened, plan, sample)) == first


def test_a_file_of_the_record_that_was_changed_behind_its_digests_is_found(steps, tmp_path):
    """The list of digests stays as it was; only the results are others."""
    from shutil import copytree  # noqa: PLC0415

    import polars as pl  # noqa: PLC0415

    copied = copytree(steps.record, tmp_path / "changed")
    path = copied / "verdicts-mayor.parquet"
    swapped = pl.read_parquet(path).rename({"votes.ana": "votes.ben", "votes.ben": "votes.ana"})
    swapped.select(pl.read_parquet(path).columns).write_parquet(path)
    with pytest.raises(AuditRefused, match="not the one that its list of digests names") as refused:
        Steps(tmp_path / "audit", copied).plan()
    assert refused.value.where == str(path)


def rewrite(folder, change):
    """Change the steps, and write every digest again, as somebody who holds the folder can."""
    path, before, lines = folder / "steps.jsonl", None, []
    for number, said in enumerate(change([json.loads(line) for line in path.read_text().splitlines()]), start=1):
        files = {name: sha256((folder / name).read_bytes()).hexdigest() for name in said["files"]}
        line = json.dumps(said | {"number": number, "files": files, "previous": before}, ensure_ascii=False) + "\n"
        before = sha256(line.encode()).hexdigest()
        lines.append(line)
    path.write_text("".join(lines), encoding="utf-8")


@pytest.mark.parametrize(
    "change",
    [
        lambda steps: [steps[1], steps[0], steps[2]],
        lambda steps: [steps[0], steps[1], steps[1], steps[2]],
        lambda steps: [steps[0], steps[2]],
        lambda steps: [steps[0], steps[1] | {"at": "2020-01-01T00:00:00Z"}, steps[2]],
    ],
    ids=["seed first", "two seeds", "no seed", "an earlier time"],
)
def test_steps_that_cannot_follow_each_other_are_refused_though_every_digest_is_right(drawn, change):
    rewrite(drawn.folder, change)
    with pytest.raises(AuditRefused, match="does not hold together"):
        drawn.open()


def test_boxes_that_the_seed_did_not_draw_are_found_though_every_digest_is_right(drawn):
    with (drawn.folder / "boxes.csv").open(newline="") as opened:
        names = [row["box"] for row in csv.DictReader(opened)]
    path = drawn.folder / "draw-1.csv"
    text = path.read_text(encoding="utf-8")
    other = next(name for name in names if f",{name}," not in text)
    first = text.splitlines()[1].split(",")[1]
    path.write_text(text.replace(f",{first},", f",{other},"), encoding="utf-8")
    rewrite(drawn.folder, list)
    fill = drawn.folder / "count-1-to-fill.csv"
    fill.write_text(fill.read_text(encoding="utf-8").replace(f"{first},", f"{other},"), encoding="utf-8")
    drawn.enter()
    with pytest.raises(AuditRefused, match="do not follow from the seed"):
        drawn.judge()


def test_a_table_that_is_not_the_records_is_found_though_every_digest_is_right(drawn):
    from escruta.apps.audits.planning import require_same_table  # noqa: PLC0415

    require_same_table(drawn.open(), drawn.record)
    path = drawn.folder / "boxes.csv"
    head, first, rest = path.read_text(encoding="utf-8").split("\n", 2)
    cells = first.split(",")
    cells[4], cells[5] = cells[5], cells[4]
    path.write_text("\n".join((head, ",".join(cells), rest)), encoding="utf-8")
    rewrite(drawn.folder, list)
    with pytest.raises(AuditRefused, match="not the one that this record gives"):
        require_same_table(drawn.open(), drawn.record)


def test_more_slips_than_a_box_can_hold_are_told_whoever_they_are_for(drawn):
    drawn.enter([(0, "ana", lambda votes: votes + 300), (0, "slips", lambda slips: slips + 300)])
    assert drawn.judge()["boxes_above_their_bound"] == 1


def test_an_option_with_the_id_of_a_column_has_a_column_of_its_own(tmp_path):
    from tests.unit.apps.audits import conftest  # noqa: PLC0415

    definition = conftest.DEFINITION.replace('id = "eva"', 'id = "other"').replace('eva = "eva"', 'other = "eva"')
    steps = Steps(tmp_path / "audit", write_record(tmp_path / "other", definition=definition))
    steps.plan()
    steps.seed()
    steps.draw()
    head = (steps.folder / "count-1-to-fill.csv").read_text(encoding="utf-8").partition("\n")[0]
    assert head == "box,state,slips,ana,ben,votes.other,other"
    counted = steps.enter(options=("ana", "ben", "other"))
    assert counted[0].votes[2] + counted[0].other == counted[0].slips - sum(counted[0].votes[:2])
    assert steps.judge()["decision"] == "stop"
