"""The pages on logs and log witnesses: their commands are there, and their policy does what they say."""

import itertools
import re
import shlex
from pathlib import Path

import click
import pytest

from escruta.apps.cli import main
from escruta.apps.operator import homes, settings
from escruta.apps.operator.publishing import quorum_words
from escruta.tlog.keys import KeyKind, SeedSigner
from escruta.tlog.policies import parse_policy
from escruta.tlog.witnessing import Status

DOCS = Path(__file__).resolve().parents[2] / "docs"
WITNESS, LOG = (DOCS / "how-to" / name for name in ("run-a-log-witness.md", "run-a-log.md"))
COMMANDS = {
    line.removeprefix("$ escruta ")
    for page in (WITNESS, LOG)
    for line in page.read_text(encoding="utf-8").splitlines()
    if line.startswith("$ escruta ")
}


@pytest.mark.parametrize("line", sorted(COMMANDS))
def test_a_command_on_the_pages_is_one_that_we_have(line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("witnesses.policy").touch()
    for folder in ("home", "my-election", "witness"):
        Path(folder).mkdir()
    command: click.Command = main
    words = shlex.split(line)
    while isinstance(command, click.Group):
        command = command.commands[words.pop(0)]
    command.make_context(line, words, resilient_parsing=False)


def test_every_status_code_is_explained():
    told = {int(code) for code in re.findall(r"^\| (\d{3}) \|", WITNESS.read_text(encoding="utf-8"), re.MULTILINE)}
    assert told == {int(each) for each in Status}


def recommended():
    """The policy of the page, with keys in the place of the dots."""
    found = re.search(r"^```text\n(witness red.*?)^```$", LOG.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert found is not None
    lines = []
    for number, line in enumerate(found[1].splitlines()):
        name, *_ = re.findall(r"\S+(?=\+…)", line) or [""]
        signer = SeedSigner(name or "x", KeyKind.ED25519_COSIGNATURE, bytes([number]) * 32)
        lines.append(line.replace(f"{name}+…", str(signer.key)) if name else line)
    return parse_policy("\n".join(lines).encode() + b"\n")


def test_the_recommended_policy_withstands_what_the_page_says():
    """A second history needs two parties and one of the others, together; one of each may be offline."""
    policy = recommended()
    names = list(policy.witnesses)
    assert len(names) == 7
    parties, others = (set(policy.groups[group].members) for group in ("parties", "others"))
    quorums = [set(some) for size in range(8) for some in itertools.combinations(names, size) if policy.is_met_by(some)]
    assert min(len(quorum) for quorum in quorums) == 5
    shared = [one & other for one in quorums for other in quorums]
    assert min(len(both) for both in shared) == 3
    assert min(len(both & parties) for both in shared) == 2
    assert min(len(both & others) for both in shared) == 1
    assert not any(both <= parties for both in shared)
    for gone in itertools.product(parties, others):
        assert policy.is_met_by(set(names) - set(gone))
    page = LOG.read_text(encoding="utf-8")
    assert quorum_words(policy) in page


def test_the_home_of_a_log_has_what_the_page_lists():
    files = {settings.SETTINGS, settings.POLICY, homes.DATABASE, homes.LOG, homes.KEPT, homes.EVIDENCE}
    files |= {homes.KEPT_FOR_PAGES, "keys"}
    page = LOG.read_text(encoding="utf-8")
    listed = re.findall(r"^\| `([a-z./]+?)/?` \|", page, re.MULTILINE)
    assert set(listed) == files
