"""The report that the benchmarks write: a section each in one Markdown file; one that was not run again stays."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_HEAD = """\
# What it costs

Written by `python3 dev.py bench` (names of benchmarks choose some of them: `python3 dev.py bench statements`). Every
command runs in a process of its own; peak memory is its largest resident set. Nothing here is a test: machines differ.
"""
_SECTION = re.compile(r"^<!-- (?P<name>[a-z]+) -->\n(?P<body>.*?)(?=^<!-- |\Z)", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What one benchmark found."""

    name: str
    title: str
    text: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    is_met: bool
    """Whether every target is met."""

    def markdown(self, machine: str) -> str:
        """Write the section, with the kind of machine that it was measured on."""
        rule = ["---", *("---:" for _ in self.columns[1:])]
        table = "\n".join(f"| {' | '.join(row)} |" for row in (self.columns, rule, *self.rows))
        verdict = "Targets met." if self.is_met else "**Targets not met.**"
        command = f"`python3 dev.py bench {self.name}`, on {machine}."
        return f"## {self.title}\n\n{self.text} {verdict}\n\n{table}\n\n{command}\n"


def write_report(file: Path, section: Section, machine: str) -> None:
    """Write a section into the report, in the place of its earlier one."""
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    kept = {match["name"]: match["body"].strip() for match in _SECTION.finditer(text)}
    kept[section.name] = section.markdown(machine).strip()
    body = "".join(f"\n<!-- {name} -->\n{kept[name]}\n" for name in sorted(kept))
    file.write_text(f"{_HEAD}{body}", encoding="utf-8", newline="\n")
