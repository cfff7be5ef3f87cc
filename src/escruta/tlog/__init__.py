"""A transparency log: bytes in, proofs out. It knows no election and is checked against public specifications alone.

The doors::

    Log(folder, SqliteSequencer(database, origin), signers, clock).publish()    # a log that grows
    build_log(folder, entries, origin=origin, signers=signers, time_s=time_s)   # a whole log at once
    report = verify_log(LogFolder(folder), policy)                              # all faults, with file and byte
    parse_proof_file(raw).verify(entry, policy)                                 # or raises, and says why
"""

from escruta.tlog.building import build_log
from escruta.tlog.errors import LogError, LogInputError
from escruta.tlog.findings import Fault, FaultKind, LogReport, Unchecked
from escruta.tlog.keys import KeyKind, SeedSigner, Signer, VerifierKey, parse_verifier_key
from escruta.tlog.logs import Log
from escruta.tlog.notes import Note, parse_note
from escruta.tlog.policies import Policy, Standing, parse_policy, require_policy, standing_of
from escruta.tlog.proof_files import ProofFile, parse_proof_file
from escruta.tlog.reading import LogFolder, TreeReader, prove, read_checkpoint
from escruta.tlog.sequencer import SqliteSequencer
from escruta.tlog.verification import verify_log

__all__ = [
    "Fault",
    "FaultKind",
    "KeyKind",
    "Log",
    "LogError",
    "LogFolder",
    "LogInputError",
    "LogReport",
    "Note",
    "Policy",
    "ProofFile",
    "SeedSigner",
    "Signer",
    "SqliteSequencer",
    "Standing",
    "TreeReader",
    "Unchecked",
    "VerifierKey",
    "build_log",
    "parse_note",
    "parse_policy",
    "parse_proof_file",
    "parse_verifier_key",
    "prove",
    "read_checkpoint",
    "require_policy",
    "standing_of",
    "verify_log",
]
