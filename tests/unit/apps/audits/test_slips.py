"""Audits of single slips through their files: manifest, draw, what each slip shows, the risk, and what is refused."""

import csv
import json
import math
from hashlib import sha256
from itertools import accumulate
from shutil import copytree

import numpy as np
import pytest
from tests.unit.apps.audits.conftest import SEED, STATIONS, Steps, as_published, write_record

from escruta.apps.audits import AuditRefused
from escruta.apps.audits.drawing import drawn_from
from escruta.apps.audits.draws import draws_of
from escruta.apps.audits.planning import plan_of
from escruta.apps.audits.tables import read_boxes
from escruta.audit import bravo, polling, supersimple
from escruta.audit.assertions import assert_first
from escruta.audit.errors import AuditImpossible

OPTIONS = ("ana", "ben", "eva")


def rows_of(path):
    with path.open(newline="") as opened:
        return list(csv.DictReader(opened))


def write(path, head, rows):
    with path.open("w", newline="") as out:
        csv.writer(out).writerows([head, *rows])
    return path


def to_the_draw(steps, **choices):
    plan = steps.plan(**choices)
    steps.seed()
    return plan, steps.draw()


def records_as_published(steps, change=lambda _box, _number, shows: shows):
    """Write a cast vote record of each slip of the record's boxes."""
    other = Steps(steps.folder.with_name("boxes-only"), steps.record)
    other.plan()
    shows = as_published(other.folder)
    rows = [
        [row["box"], f"id-{number}", change(row["box"], number, shows(row["box"], str(number)))]
        for row in rows_of(other.folder / "boxes.csv")
        for number in range(1, int(row["ballots"]) + 1)
    ]
    return write(steps.folder.with_name("records.csv"), ["box", "slip", "shows"], rows)


@pytest.mark.parametrize("method", ["bravo", "polling"])
def test_slips_as_published_stop_the_audit(steps, method):
    plan, drawn = to_the_draw(steps, method=method)
    assert len(drawn) == plan["draws"]
    steps.show()
    found = steps.judge()
    assert (found["decision"], found["slips_not_found"]) == ("stop", 0)
    assert found["risk"] <= 0.05
    assert sum(found["shown"].values()) == found["slips"]


def test_the_risk_of_polling_is_that_of_the_library_on_the_drawn_slips(steps):
    plan, drawn = to_the_draw(steps, method="bravo")
    shows = as_published(steps.folder)
    steps.show()
    votes = [shows(each.name, each.slip) for each in drawn]
    totals = [plan["totals"][option] for option in OPTIONS]
    expected = max(bravo.risks(totals, [votes.count(option) for option in OPTIONS]).values())
    assert steps.judge()["risk"] == pytest.approx(expected)


def test_the_risk_of_alpha_is_that_of_the_library_in_the_order_of_the_draws(steps):
    plan, drawn = to_the_draw(steps, method="polling")
    shows = as_published(steps.folder)
    steps.show()
    kinds = {option: place for place, option in enumerate(OPTIONS)} | {"null": polling.NOBODY}
    shown = np.array([kinds[shows(each.name, each.slip)] for each in drawn])
    totals = [plan["totals"][option] for option in OPTIONS]
    curve = polling.risks_by_slip(assert_first(OPTIONS, totals), totals, shown, slips=plan["manifest"]["slips"])
    assert steps.judge()["risk"] == pytest.approx(float(curve[-1]))


def test_anybody_draws_the_same_slips_with_sha256_and_whole_numbers(steps):
    to_the_draw(steps, method="bravo")
    boxes = [(row["box"], int(row["slips"])) for row in rows_of(steps.folder / "manifest.csv")]
    ends = list(accumulate(slips for _, slips in boxes))
    for draw in rows_of(steps.folder / "draw-1.csv"):
        number = int(sha256(f"{SEED},mayor,{draw['draw']}".encode()).hexdigest(), 16)
        aim = number * ends[-1] // 2**256
        place = next(at for at, end in enumerate(ends) if aim < end)
        assert (draw["box"], int(draw["slip"])) == (boxes[place][0], aim - ends[place] + boxes[place][1] + 1)


def test_alpha_draws_no_slip_twice_over_all_rounds_and_bravo_may(steps):
    steps.plan(method="polling")
    steps.seed()
    steps.draw(1_000)
    steps.show(lambda _box, slip: "ana" if int(slip) % 2 else "ben")
    assert steps.judge()["decision"] != "stop"
    again = draws_of(steps.open())
    plan, table = plan_of(steps.open()), read_boxes((steps.folder / "boxes.csv").read_bytes())
    more = drawn_from(steps.open(), plan, table, 1_000, again, slips=True, number=2)
    found = [(each.box, each.slip) for each in (*again, *more)]
    assert len(set(found)) == len(found) == 2_000
    numbers = [each.number for each in (*again, *more)]
    assert numbers == sorted(numbers)
    assert numbers[-1] > 2_000  # some fell on a slip that was drawn before
    with_replacement = Steps(steps.folder.with_name("with"), steps.record)
    with_replacement.plan(method="bravo")
    with_replacement.seed()
    drawn = [(each.box, each.slip) for each in with_replacement.draw(2_000)]
    assert len(set(drawn)) < len(drawn)
    assert len(rows_of(with_replacement.folder / "count-1-to-fill.csv")) == len(set(drawn))


@pytest.mark.parametrize("method", ["bravo", "polling"])
def test_a_slip_that_is_not_there_is_worse_than_a_null_one(steps, method):
    risks = []
    for name, text in (("a", "null"), ("b", "not-found")):
        one = Steps(steps.folder.with_name(name), steps.record)
        to_the_draw(one, method=method, draws=60)
        one.show(changes=[(at, "shows", text) for at in range(3)])
        risks.append(one.judge()["risk"])
    assert risks[0] < risks[1]


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ([(0, "shows", "")], "it is not said what it shows"),
        ([(0, "shows", "Ana")], "'Ana' is none of ana, ben, eva, blank, null, not-found"),
        ([(0, "box", "99.9")], "was not drawn in this round"),
        ([(0, "slip", "9999")], "is not there: say what it shows"),
        ([(1, "box", "1.1"), (1, "slip", "1"), (2, "box", "1.1"), (2, "slip", "1")], "is there twice"),
    ],
    ids=["empty", "name", "other box", "other slip", "twice"],
)
def test_a_fault_of_a_slip_is_named_and_nothing_is_written(steps, changes, what):
    to_the_draw(steps, method="bravo", draws=20)
    with pytest.raises(AuditRefused) as refused:
        steps.show(changes=changes)
    assert what in str(refused.value)
    assert steps.open().last.step == "draw"


def test_two_typings_of_slips_that_differ_are_refused(steps):
    from escruta.apps.audits import enter_counts  # noqa: PLC0415

    to_the_draw(steps, method="bravo", draws=20)
    first = steps.fill_slips()
    second = steps.fill_slips(changes=[(4, "shows", "eva")], name="second.csv")
    with pytest.raises(AuditRefused, match="in the first file and eva in the second"):
        enter_counts(steps.open(), first, second, now=steps.now())


def test_a_manifest_that_differs_is_told_and_the_larger_number_is_drawn_from(steps, tmp_path):
    given = write(tmp_path / "m.csv", ["box", "slips"], [["01.1", 400], ["01.2", 1], ["77.1", 90]])
    plan = steps.plan(method="polling", manifest=given)
    said = plan["manifest"]
    assert (said["boxes_that_differ"], said["boxes_not_given"]) == (2, STATIONS - 2)
    assert (said["boxes_without_result"], said["slips_without_result"]) == (1, 90)
    rows = {row["box"]: row for row in rows_of(steps.folder / "manifest.csv")}
    assert rows["01.1"]["slips"] == "400"
    assert rows["01.2"]["slips"] == rows["01.2"]["published"] != "1"
    assert "77.1" not in rows


@pytest.mark.parametrize(
    ("rows", "what"),
    [
        ([["1.1", "many"]], "'many' is no count"),
        ([["1.1", "4"], ["1.1", "5"]], "is there twice"),
        ([["1.1", "4", "5"]], "more cells"),
    ],
    ids=["word", "twice", "cells"],
)
def test_a_manifest_with_a_fault_is_refused(steps, tmp_path, rows, what):
    path = write(tmp_path / "m.csv", ["box", "slips"], rows)
    with pytest.raises(AuditRefused, match=what):
        steps.plan(method="bravo", manifest=path)


def test_a_manifest_that_was_changed_after_the_commitment_is_found(steps):
    to_the_draw(steps, method="bravo")
    path = steps.folder / "manifest.csv"
    path.write_bytes(path.read_bytes().replace(b"\n01.1,", b"\n01.1,9", 1))
    with pytest.raises(AuditRefused, match="committed has changed"):
        steps.show()


def test_voters_without_a_published_result_raise_what_the_slips_have_to_show(record_with_outside, tmp_path):
    worst, left_out = (Steps(tmp_path / name, record_with_outside) for name in ("worst", "left-out"))
    first, second = worst.plan(method="polling"), left_out.plan(method="polling", outside="left-out")
    assert first["draws"] > second["draws"]
    with pytest.raises(AuditImpossible, match="BRAVO does not know"):
        Steps(tmp_path / "bravo", record_with_outside).plan(method="bravo")


@pytest.mark.parametrize("method", ["bravo", "strata"])
def test_a_rule_that_a_design_does_not_cover_is_refused_with_the_one_that_does(steps, method):
    poll = {"poll": ("01",)} if method == "strata" else {}
    with pytest.raises(AuditImpossible, match="the rule asks for more") as refused:
        steps.plan(method=method, rule="majority", **poll)
    assert "--method polling" in str(refused.value)


def test_alpha_polls_a_majority(steps):
    plan, _ = to_the_draw(steps, method="polling", rule="majority")
    assert [each["kind"] for each in plan["assertions"]] == ["share"]
    steps.show()
    assert steps.judge()["decision"] == "stop"


def test_a_tie_on_the_paper_does_not_stop_and_a_full_count_decides(steps):
    to_the_draw(steps, method="polling", draws=100)
    steps.show(lambda _box, slip: "ana" if int(slip) % 2 else "ben")
    assert steps.judge()["decision"] != "stop"
    rest = steps.draw(everything=True)
    assert len(rest) == STATIONS
    steps.enter(name="boxes.csv")
    found = steps.judge()
    assert (found["counted_in_full"], found["decision"], found["risk"]) == (True, "stop", 0.0)


def test_without_records_of_each_slip_there_is_nothing_to_compare(steps):
    with pytest.raises(AuditRefused, match="cast vote records") as refused:
        steps.plan(method="comparison")
    assert "tally sheets" in str(refused.value)


def test_slips_that_are_as_recorded_stop_a_comparison_with_the_papers_figure(steps):
    plan, drawn = to_the_draw(steps, method="comparison", records=records_as_published(steps))
    margin = plan["assertions"][0]["margin"] / plan["manifest"]["slips"]
    assert plan["least_draws"] == math.ceil(-2 * supersimple.GAMMA * math.log(0.05) / margin)
    shows = as_published(steps.folder)
    steps.show(lambda box, slip: shows(box, slip.removeprefix("id-")))
    found = steps.judge()
    assert (found["decision"], found["slips_that_differ"]) == ("stop", 0)
    assert found["risk"] == pytest.approx(supersimple.risk(len(drawn), margin))


def test_differences_from_the_records_are_counted_as_the_paper_says(steps):
    plan, drawn = to_the_draw(steps, method="comparison", records=records_as_published(steps), draws=30)
    shows = as_published(steps.folder)
    told = {"ana": 0, "ben": 0}

    def changed(box, slip):
        vote = shows(box, slip.removeprefix("id-"))
        if vote in told:
            told[vote] += 1
            return {"ana": ["ben", "null"], "ben": ["ana", "null"]}[vote][told[vote] - 1] if told[vote] < 3 else vote
        return vote

    steps.show(changed)
    found = steps.judge()
    margin = plan["assertions"][0]["margin"] / plan["manifest"]["slips"]
    # recorded ana, shows ben: 2 too many; ana, null: 1; ben, null: for eva nothing, so 0; ben, ana: for eva 1 too few
    expected = supersimple.Misstatements(o1=1, o2=1, u1=1)
    assert [found[name] for name in ("o1", "o2", "u1", "u2")] == [1, 1, 1, 0]
    assert found["risk"] == pytest.approx(supersimple.risk(len(drawn), margin, expected))


def test_records_with_another_outcome_are_refused(steps):
    path = records_as_published(steps, lambda _box, _number, shows: "ben" if shows == "ana" else shows)
    with pytest.raises(AuditImpossible, match="do not say what was published"):
        steps.plan(method="comparison", records=path)


def test_more_slips_than_records_are_drawn_too_and_are_worst_where_nobody_finds_them(steps):
    path = records_as_published(steps)
    rows = [list(row.values()) for row in rows_of(path) if row["box"] != "01.1"]
    write(path, ["box", "slip", "shows"], rows)
    plan, _ = to_the_draw(steps, method="comparison", records=path, draws=500)
    assert plan["records"]["boxes_that_differ"] == 1
    shows = as_published(steps.folder)
    lost = [row for row in rows_of(steps.folder / "count-1-to-fill.csv") if row["slip"].startswith("unrecorded-")]
    steps.show(lambda box, slip: shows(box, slip.removeprefix("id-")) if slip.startswith("id-") else "not-found")
    found = steps.judge()
    assert found["slips_not_found"] == len(lost) > 0
    assert found["o1"] >= len(lost)


@pytest.mark.parametrize(
    ("row", "what"),
    [
        (["99.1", "x", "ana"], "not in the published table"),
        (["01.1", "", "ana"], "has no id"),
        (["01.1", "x", "not-found"], "is none of"),
        (["01.1", "id-1", "ana"], "is there twice"),
    ],
    ids=["box", "id", "vote", "twice"],
)
def test_records_with_a_fault_are_refused(steps, row, what):
    path = records_as_published(steps)
    with path.open("a", newline="") as out:
        csv.writer(out).writerow(row)
    with pytest.raises(AuditRefused, match=what):
        steps.plan(method="comparison", records=path)


def test_draws_that_do_not_follow_from_the_seed_are_found_though_every_digest_is_right(steps):
    """Somebody puts another slip into the draw, and writes all digests again."""
    to_the_draw(steps, method="bravo", draws=20)
    path, lines = steps.folder / "draw-1.csv", steps.folder / "steps.jsonl"
    rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
    number, box, slip, random = rows[3].split(",")
    rows[3] = ",".join((number, box, str(1 + int(slip) % 90), random))
    path.write_text("".join(rows), encoding="utf-8")
    said = [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()]
    said[-1]["files"]["draw-1.csv"] = sha256(path.read_bytes()).hexdigest()
    lines.write_text("".join(json.dumps(each, ensure_ascii=False) + "\n" for each in said), encoding="utf-8")
    (steps.folder / "count-1-to-fill.csv").write_text(
        "box,slip,shows\n" + "".join(f"{','.join(row.split(',')[1:3])},\n" for row in rows[1:]), encoding="utf-8"
    )
    steps.show()
    with pytest.raises(AuditRefused, match="do not follow from the seed"):
        steps.judge()


@pytest.fixture(scope="module")
def planned_strata(record, tmp_path_factory):
    steps = Steps(tmp_path_factory.mktemp("strata") / "audit", record)
    steps.plan(method="strata", poll=("01", "02", "03"))
    steps.seed()
    return steps.folder


@pytest.fixture
def strata(steps, planned_strata):
    copytree(planned_strata, steps.folder)
    steps.now()
    steps.now()
    return steps


def test_two_strata_are_drawn_one_after_the_other_and_stop_together(strata):
    plan = json.loads((strata.folder / "plan.json").read_text(encoding="utf-8"))
    assert (plan["strata"]["polled_boxes"], plan["strata"]["compared_boxes"]) == (12, STATIONS - 12)
    first = strata.draw()
    assert {each.slip for each in first} == {None}
    assert not {each.name[:2] for each in first} & {"01", "02", "03"}
    strata.enter()
    found = strata.judge()
    assert (found["decision"], found["next_list"]) == ("go-on", "polled")
    second = strata.draw()
    assert {each.name[:2] for each in second} <= {"01", "02", "03"}
    assert len(second) == plan["strata"]["polled_draws"]
    strata.show()
    found = strata.judge()
    for _ in range(4):
        if found["decision"] == "stop":
            break
        drawn = strata.draw()
        (strata.show if drawn[0].slip else strata.enter)(name=f"more-{strata.open().round}.csv")
        found = strata.judge()
    assert found["decision"] == "stop"
    assert found["risk"] <= 0.05


def test_slips_that_say_otherwise_do_not_let_two_strata_stop(strata):
    strata.draw()
    strata.enter()
    strata.judge()
    strata.draw()
    strata.show(lambda _box, _slip: "ben")
    assert strata.judge()["decision"] != "stop"


def test_a_box_of_a_stratum_that_is_not_there_can_only_end_in_a_count_of_all(strata):
    strata.draw()
    strata.enter([(0, "state", "missing")])
    strata.judge()
    strata.draw(stratum="polled")
    strata.show()
    found = strata.judge()
    assert (found["decision"], found["boxes_missing"]) == ("full-count", 1)
    strata.draw(everything=True)
    strata.enter(name="rest.csv")
    assert strata.judge()["counted_in_full"]


@pytest.mark.parametrize(
    "poll", [("77",), tuple(f"{at:02}" for at in range(1, 16)), ()], ids=["unknown", "all", "none"]
)
def test_strata_that_are_no_two_lists_are_refused(steps, poll):
    with pytest.raises(AuditRefused):
        steps.plan(method="strata", poll=poll)


def test_a_list_of_boxes_is_a_stratum_too(steps, tmp_path):
    path = write(tmp_path / "polled.csv", ["box"], [["01.1"], ["05.2"]])
    assert steps.plan(method="strata", poll_list=path)["strata"]["polled_boxes"] == 2


def test_files_for_slips_are_refused_where_boxes_are_drawn(steps, tmp_path):
    path = write(tmp_path / "m.csv", ["box", "slips"], [])
    with pytest.raises(AuditRefused, match="draws whole boxes"):
        steps.plan(manifest=path)


def test_an_option_with_the_id_of_a_word_of_the_file_is_refused(tmp_path):
    from tests.unit.apps.audits import conftest  # noqa: PLC0415

    definition = conftest.DEFINITION.replace('id = "eva"', 'id = "not-found"').replace(
        'eva = "eva"', 'not-found = "eva"'
    )
    record = write_record(tmp_path / "words", definition=definition)
    with pytest.raises(AuditRefused, match="id of a word"):
        Steps(tmp_path / "audit", record).plan(method="polling")
