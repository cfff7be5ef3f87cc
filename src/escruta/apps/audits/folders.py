"""The folder of an audit: plain files that are only ever added to, and the list of steps that commits to them.

`steps.jsonl` has a line for each step, with the SHA-256 of every file that the step wrote and that of the line before.
Whoever keeps the digest of the last line can tell later whether anything was changed, left out or put in between.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from escruta.apps.audits.errors import AuditRefused

STEPS = "steps.jsonl"
_ORDER: Mapping[str | None, tuple[str, ...]] = {
    None: ("plan",),
    "plan": ("seed",),
    "seed": ("draw",),
    "draw": ("enter",),
    "enter": ("risk",),
    "risk": ("draw",),
}
"""Which step may follow which."""

_NEEDS = {
    "plan": "an empty folder: a plan is made once",
    "seed": "a plan, and no seed yet: the seed comes after the table is fixed, and only once",
    "draw": "a seed, and the risk of the round before",
    "enter": "a draw whose boxes were not entered yet",
    "risk": "counts that were entered and not judged yet",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line of the list."""

    number: int
    step: str
    at: str
    files: Mapping[str, str]
    previous: str | None
    digest: str
    """SHA-256 of the line itself, which the next one names."""


class AuditFolder:
    """An audit's folder, every committed file of which was looked at when it was opened.

    Raises:
        AuditRefused: a file that was committed to is gone or has changed, or the list of steps does not hold together.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.steps: list[Step] = _read_steps(folder)
        for step in self.steps:
            for name, digest in step.files.items():
                self._require_unchanged(name, digest, step)

    def _require_unchanged(self, name: str, digest: str, step: Step) -> None:
        path = self.folder / name
        found = sha256(path.read_bytes()).hexdigest() if path.is_file() else "no file"
        if found != digest:
            raise AuditRefused(
                "what was committed has changed",
                where=str(path),
                found=found,
                expected=f"{digest}, as step {step.number} ({step.step}) committed",
                advice="Put the file back as it was. If it cannot be, this audit proves nothing; begin another.",
            )

    @property
    def last(self) -> Step | None:
        """The step that was taken last."""
        return self.steps[-1] if self.steps else None

    @property
    def round(self) -> int:
        """How many rounds were drawn."""
        return sum(step.step == "draw" for step in self.steps)

    @property
    def entered(self) -> int:
        """Of how many rounds it was entered what the paper says."""
        return sum(step.step == "enter" for step in self.steps)

    def require_turn(self, step: str) -> None:
        """Raise `AuditRefused` where it is not this step's turn."""
        last = None if self.last is None else self.last.step
        if step not in _ORDER[last]:
            raise AuditRefused(
                f"it is not the turn of `escruta audit {step}`",
                where=str(self.folder),
                found="nothing yet" if last is None else f"the last step is `{last}`",
                expected=_NEEDS[step],
                advice=f"Next is `escruta audit {_ORDER[last][0]}`.",
            )

    def append(self, step: str, files: Mapping[str, bytes], *, now: datetime) -> Step:
        """Take a step: write its files, none of which may be there, and then its line."""
        self.require_turn(step)
        self.folder.mkdir(parents=True, exist_ok=True)
        at = _require_later(now, self.last, self.folder)
        for name, raw in files.items():
            with _new(self.folder / name).open("xb") as opened:
                opened.write(raw)
        said = {
            "number": len(self.steps) + 1,
            "step": step,
            "at": at,
            "files": {name: sha256(raw).hexdigest() for name, raw in files.items()},
            "previous": None if self.last is None else self.last.digest,
        }
        line = json.dumps(said, ensure_ascii=False) + "\n"
        with (self.folder / STEPS).open("a", encoding="utf-8", newline="\n") as opened:
            opened.write(line)
        taken = Step(**said, digest=sha256(line.encode()).hexdigest())  # type: ignore[arg-type]  # a line of ours
        self.steps.append(taken)
        return taken

    def read(self, name: str) -> bytes:
        """Read a committed file."""
        return (self.folder / name).read_bytes()

    def json(self, name: str) -> Any:  # noqa: ANN401 - JSON as it was written
        """Read a committed file of JSON."""
        return json.loads(self.read(name))


def to_json(value: object) -> bytes:
    """Write JSON for people to read, in one way only."""
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def _new(path: Path) -> Path:
    if path.exists():
        raise AuditRefused(
            "a file stands where a step writes its own",
            where=str(path),
            expected="a name that is free: files of an audit are only ever added",
            advice="Move it away if it is not of this audit.",
        )
    return path


def _require_later(now: datetime, last: Step | None, folder: Path) -> str:
    at = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if last is not None and at < last.at:
        raise AuditRefused(
            "the clock says that this step comes before the one that it follows",
            where=str(folder / STEPS),
            found=at,
            expected=f"{last.at} or later",
            advice="Set this machine's clock.",
        )
    return at


def _read_steps(folder: Path) -> list[Step]:
    path = folder / STEPS
    if not path.is_file():
        return []
    found: list[Step] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(keepends=True), start=1):
        step = _parse(line)
        before = found[-1].digest if found else None
        if step is None or step.number != number or step.previous != before or not _may_follow(step, found, line):
            raise AuditRefused(
                "the list of steps does not hold together",
                where=str(path),
                row=number,
                found=line.strip(),
                expected=f"step {number}, with the digest of the line before: {before}",
                advice="Put the file back as it was. If it cannot be, this audit proves nothing; begin another.",
            )
        found.append(step)
    return found


def _may_follow(step: Step, found: list[Step], line: str) -> bool:
    last = found[-1] if found else None
    in_turn = step.step in _ORDER[None if last is None else last.step]
    return in_turn and line.endswith("\n") and (last is None or step.at >= last.at)


def _parse(line: str) -> Step | None:
    try:
        return Step(**json.loads(line), digest=sha256(line.encode()).hexdigest())
    except (TypeError, ValueError):
        return None
