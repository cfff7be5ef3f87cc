"""The page about the log's files says what the code does."""

import contextlib
import io
import re
from pathlib import Path

from escruta.tlog.encodings import to_base64
from escruta.tlog.findings import FaultKind
from escruta.tlog.hashing import leaf_hash
from escruta.tlog.notes import LARGEST_NOTE, MOST_SIGNATURES
from escruta.tlog.trees import root_of

PAGE = (Path(__file__).parents[3] / "docs/reference/log.md").read_text(encoding="utf-8")


def test_every_kind_of_fault_is_explained():
    assert re.findall(r"^\| `([a-z-]+)` \|", PAGE, re.MULTILINE)[-len(FaultKind) :] == [
        kind.value for kind in FaultKind
    ]


def test_the_example_runs_and_the_checkpoint_on_the_page_is_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert code is not None
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code[1], {})  # noqa: S102 - our own page
    assert printed.getvalue() == (
        "True 2\nnot checked: split views: the policy asks for no log witness: others may be shown another log\n"
    )
    assert f"\n2\n{to_base64(root_of([leaf_hash(b'first'), leaf_hash(b'second')]))}\n" in PAGE


def test_limits_are_those_of_the_code():
    assert f"at most {MOST_SIGNATURES} lines and {LARGEST_NOTE:,} bytes" in PAGE
