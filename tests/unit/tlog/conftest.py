"""What the tests of the log share: keys, small trees, and a second implementation."""

import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

from escruta.tlog.keys import KeyKind, SeedSigner


@pytest.fixture(scope="session")
def aics() -> ModuleType:
    """The other implementation, where dev.py has unpacked it; without it the test is skipped."""
    folder = Path(sys.prefix) / "peers"
    if not (folder / "aics_tlog").is_dir():
        pytest.skip("aics-tlog is not unpacked here: python3 dev.py test does it")
    sys.path.append(str(folder))
    return importlib.import_module("aics_tlog")


@pytest.fixture(scope="session")
def log_signers() -> tuple[SeedSigner, SeedSigner]:
    """Both keys of a log."""
    return (
        SeedSigner("example.com/log", KeyKind.ED25519, b"1" * 32),
        SeedSigner("example.com/log", KeyKind.MLDSA44_COSIGNATURE, b"2" * 32),
    )


@pytest.fixture(scope="session")
def witness_signers() -> tuple[SeedSigner, ...]:
    """Three log witnesses, the last with ML-DSA-44."""
    return (
        SeedSigner("party.example/w", KeyKind.ED25519_COSIGNATURE, b"3" * 32),
        SeedSigner("press.example/w", KeyKind.ED25519_COSIGNATURE, b"4" * 32),
        SeedSigner("observer.example/w", KeyKind.MLDSA44_COSIGNATURE, b"5" * 32),
    )
