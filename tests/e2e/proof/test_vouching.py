"""Who vouches for a log is said, and counted as our other program counts."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from tests.e2e.proof.changed import ENTRY, is_good, one_file, one_policy, page_with
from tests.unit.portal.make_log import SEAL, WITNESSES, make_log
from tests.unit.portal.make_record import Shape, make_record

from escruta.portal.proof import RecordLog
from escruta.tlog.signing import sign_text

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def unlogged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_record(tmp_path_factory.mktemp("unlogged") / "record", Shape(areas=(2, 3), stations=20))


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
def test_who_vouches_is_said(anybody, unlogged, tmp_path, choice, kind, said):
    record = shutil.copytree(unlogged, tmp_path / "record")
    make_log(record, **choice)
    path = tmp_path / "sheet.html"
    path.write_text(one_file(RecordLog(record)), encoding="utf-8")
    assert anybody.open(path.as_uri()).verdict() == kind
    assert said in anybody.page.locator("#verdict").inner_text()
    assert "✗" not in anybody.page.locator("#verdict").inner_text()


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
