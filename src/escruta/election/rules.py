"""The rules that tie the parts of a definition together."""

from collections.abc import Mapping

from escruta.election.faults import Fault


def semantic_faults(document: Mapping[str, object], file: str) -> tuple[Fault, ...]:
    """List what does not fit together in a document; its form is looked at elsewhere."""
    del document, file
    return ()
