"""What is raised where a file of a record is not in its form."""

from escruta.base.errors import FileUnreadable

AGAIN = "Get the record again; `escruta verify` names the files that are not those that were published."


class RecordMalformed(FileUnreadable):
    """A file of a record can be read, and is not in its form: a key, a column, a type or a value is another."""


def malformed(file: str, *, found: object, expected: str, column: str | None = None) -> RecordMalformed:
    """Say of a file what stands there, and what should."""
    return RecordMalformed(
        "a file of the record is not in its form",
        where=file,
        column=column,
        found=found,
        expected=expected,
        advice=AGAIN,
    )
