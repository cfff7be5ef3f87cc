"""`escruta init`: write a proposed definition where none stands yet, and say what to look at."""

from __future__ import annotations

from pathlib import Path

from escruta.apps import api
from escruta.apps.cli.screen import say, show_json
from escruta.base.errors import OutputRefused

DEFINITION = "election.toml"


def run_init(files: tuple[Path, ...], *, out: Path, election_id: str | None, as_json: bool) -> int:
    """Propose a definition from sample files and write it; never over one that is there."""
    target = out / DEFINITION
    if target.exists():
        raise OutputRefused(
            "there is a definition already",
            where=str(target),
            found="a file",
            expected="no file of this name",
            advice="Name another folder with --out, or move the file away.",
        )
    proposal = api.init(files, election_id=election_id or out.resolve().name)
    out.mkdir(parents=True, exist_ok=True)
    with target.open("x", encoding="utf-8", newline="\n") as opened:
        opened.write(proposal.toml)
    if as_json:
        show_json({"definition": str(target), "data": str(proposal.data_folder), "notes": list(proposal.notes)})
        return 0
    say(f"Written: {target}")
    for note in proposal.notes:
        say(f"  - {note}")
    say()
    say("Now read it: every guess is marked CHECK. Then:")
    say(f"  escruta check {out} --data {proposal.data_folder}")
    say(f"  escruta run {out} --data {proposal.data_folder} --out result")
    return 0
