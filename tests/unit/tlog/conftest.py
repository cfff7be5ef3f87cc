"""What the tests of the log share: keys."""

import pytest

from escruta.tlog.keys import KeyKind, SeedSigner


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
