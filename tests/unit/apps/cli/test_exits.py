"""How commands end where the fault is ours: a sentence and exit code 3, never a traceback."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner
from polars.exceptions import PanicException

from escruta.apps.cli.exits import OURS, with_exit_codes


@pytest.mark.parametrize("error", [ZeroDivisionError("by zero"), PanicException("assertion failed")])
def test_a_fault_of_ours_is_said_to_be_one(error, monkeypatch):
    monkeypatch.delenv("ESCRUTA_DEBUG", raising=False)

    @click.command
    @with_exit_codes
    def broken() -> int:
        raise error

    result = CliRunner().invoke(broken)
    assert result.exit_code == OURS
    assert f"this is a fault of ours: {type(error).__name__}: {error}" in result.stderr
    assert "ESCRUTA_DEBUG=1" in result.stderr
    assert "Traceback" not in result.output


def test_an_end_that_was_asked_for_is_none():
    @click.command
    @with_exit_codes
    def leaving() -> int:
        raise SystemExit(7)

    assert CliRunner().invoke(leaving).exit_code == 7
