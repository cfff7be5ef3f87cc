"""A transparency log: bytes in, proofs out. It knows no election and is checked against public specifications alone.

The doors::

    note = parse_note(Path("log/checkpoint").read_bytes())
    standing = require_policy(note, parse_policy(Path("policy").read_bytes()))
    proof = parse_proof_file(Path("sheet.tlog-proof").read_bytes())
    proof.verify(entry, policy)                                  # or raises, and says why
"""
