"""How every command ends: its exit code, and never a traceback."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from escruta.apps.cli.stopping import Stopped, end_by

DONE, FINDINGS, UNUSABLE, OURS = 0, 1, 2, 3
"""Exit codes; 3 is a fault of this software, which is never the input's."""

_BROKEN_OFF = "PanicException"
"""What a library in Rust raises where it breaks off; it is no `Exception`."""

Command = TypeVar("Command", bound=Callable[..., Any])

FOLDER = click.Path(path_type=Path, file_okay=False)
FOLDER_THERE = click.Path(path_type=Path, file_okay=False, exists=True)
FILE = click.Path(path_type=Path, dir_okay=False, exists=True)
ELECTION = click.Path(path_type=Path)


def with_exit_codes(command: Command) -> Command:
    """Turn an error of ours, or of the disk, into its message and exit code 2; never show a traceback."""

    @functools.wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - whatever the command takes
        from escruta.base.errors import EscrutaError, harmless  # noqa: PLC0415 - keeps `--help` quick

        try:
            code = command(*args, **kwargs)
        except EscrutaError as error:
            click.echo(f"escruta: {harmless(str(error))}", err=True)
            code = UNUSABLE
        except KeyboardInterrupt as stop:
            click.echo("escruta: stopped; nothing half-written was left behind", err=True)
            if isinstance(stop, Stopped):
                end_by(stop)
            code = 130
        except (BrokenPipeError, click.ClickException):
            raise
        except OSError as error:
            place = f"\n  where: {error.filename}" if error.filename else ""
            click.echo(f"escruta: this machine refuses: {error.strerror or error}{place}", err=True)
            code = UNUSABLE
        except BaseException as error:
            if not isinstance(error, Exception) and type(error).__name__ != _BROKEN_OFF:
                raise
            if os.environ.get("ESCRUTA_DEBUG"):
                raise
            click.echo(
                f"escruta: this is a fault of ours: {type(error).__name__}: {harmless(str(error))}\n"
                "  what to do: run again with ESCRUTA_DEBUG=1 in the environment, and report what it prints",
                err=True,
            )
            code = OURS
        sys.exit(code)

    return wrapped  # type: ignore[return-value]  # the same arguments as the command it wraps
