"""Write the page of the commands from the commands themselves.

    python docs/make_commands.py

The words stand with the commands in `src/escruta/apps/cli`; a test holds the page to them.
"""  # noqa: INP001 - a script beside the page that it writes

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path

import click

from escruta.apps.cli import main as escruta

PAGE = Path(__file__).resolve().parent / "reference" / "commands.md"

UNWRAPPED = ("\b", "\\b")
"""How click is told to leave a paragraph's lines as they are."""

INTRODUCTION = """\
# Commands

<!-- Written by docs/make_commands.py from the commands in src/escruta/apps/cli: change the words there. -->

`escruta COMMAND --help` shows the same on a terminal. Results go to standard output; progress and errors go to standard
error. With `--json` the result is one JSON object, and nothing else is printed.

| it ends with | when |
|---|---|
| 0 | done, and nothing to object |
| 1 | done, and there are findings of error severity; for `compare`: the two versions differ |
| 2 | an input cannot be used, or the command was not understood; nothing was written |
| 3 | a fault of this software; `ESCRUTA_DEBUG=1` shows where |
| 130 | stopped by Ctrl-C; nothing half-written is left behind |

In a clone of the repository the command is `.venv/bin/escruta`, once `python3 dev.py demo` has set it up.
"""


def page() -> str:
    """Give the text of the page."""
    return INTRODUCTION + "".join(_section(name, command) for name, command in sorted(commands().items()))


def commands() -> dict[str, click.Command]:
    """Give every command by its name; one of a group by the group's name and its own."""
    return dict(_commands("", escruta))


def _commands(prefix: str, group: click.Group) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _commands(f"{prefix}{name} ", command)
        else:
            yield f"{prefix}{name}", command


def _section(name: str, command: click.Command) -> str:
    return "\n" + "\n".join(_lines(name, command)).rstrip("\n") + "\n"


def _lines(name: str, command: click.Command) -> Iterator[str]:
    context = click.Context(command, info_name=f"escruta {name}")
    yield f"## `escruta {name}`"
    yield ""
    yield "```text"
    yield " ".join([context.command_path, *command.collect_usage_pieces(context)])
    yield "```"
    yield ""
    yield from _help(command)
    yield "| option | what it is | default |"
    yield "|---|---|---|"
    for option in command.params:
        if isinstance(option, click.Option):
            yield _row(option, context)
    yield ""


def _help(command: click.Command) -> Iterator[str]:
    """Write the help text; paragraphs that click does not wrap are examples."""
    for paragraph in inspect.cleandoc(command.help or "").split("\n\n"):
        if paragraph.startswith(UNWRAPPED):
            _, title, *examples = paragraph.split("\n")
            yield title
            yield ""
            yield "```console"
            yield from (f"$ {example.strip()}" for example in examples)
            yield "```"
        else:
            yield " ".join(paragraph.split())
        yield ""


def _row(option: click.Option, context: click.Context) -> str:
    names = ", ".join(option.opts)
    value = "" if option.is_flag else f" {option.make_metavar(context)}"
    repeated = " (may be repeated)" if option.multiple and "repeated" not in (option.help or "") else ""
    default = option.default if option.show_default and not option.is_flag else None
    shown = "required" if option.required else "" if default is None else f"`{default}`"
    return f"| `{names}{value}` | {option.help or ''}{repeated} | {shown} |".replace("|  |", "| |")


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
