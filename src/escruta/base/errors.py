"""The errors of the whole house: one root, and a class for each thing that a caller may want to catch.

A finding about an election is data, never an exception. An exception says that the work cannot go on.
"""

from typing import Any

_FOUND_LIMIT = 80


class EscrutaError(Exception):
    """Anything that stops the work and that we can explain.

    ::

        EscrutaError
        └── InputError            an input cannot be used
            ├── FileUnreadable    not there, a folder, no permission, empty
            │   └── RecordMalformed   a record's file is not in the form that pages need (in `escruta.portal.forms`)
            ├── ArchiveUnsafe     a .zip or .gz that grows too far, hides paths, is locked, or leaves a choice open
            ├── FormatUnknown     no reader for the format that was named or detected
            ├── EncodingUnclear   the bytes are not the text that they were said or guessed to be
            ├── TableBroken       the rows and columns do not hold together
            ├── LayoutMismatch    the table is whole, but what was asked for is not in it
            ├── DigestDiffers     the bytes are not those that were named
            ├── OutputRefused     the place to write to holds something that is not ours to replace
            ├── PictureRefused    a file is no picture that we read, or made to harm (in `escruta.sources.scans`)
            ├── CodeUnknown       no such code in the house (in `escruta.base.words`; a `KeyError` too)
            ├── PlaceUnusable     a published place is not there or does not answer (in `escruta.apps.published`)
            ├── FileRefused       one file of such a place is too large, cut off, damaged or another (the same)
            ├── MirrorUnusable    a mirror's own folder, key, policy or bucket cannot be used (in `escruta.apps.mirror`)
            ├── SourceDamaged     what is published does not lead to the root that its log signed (the same)
            ├── BucketDiffers     a bucket holds something else in the place of a file of the log (the same)
            ├── HistoryRefused    a log shows another history than a mirror holds, or less of it (the same)
            ├── HomeUnusable      the home of a log is not there or cannot be used (in `escruta.apps.operator`)
            ├── WitnessHomeUnusable  the same of a log witness's folder or address (in `escruta.apps.witness`)
            ├── LogInputError     bytes of a log are not what its specification asks for (in `escruta.tlog`)
            ├── KeyUnusable       a signing key cannot be opened (in `escruta.apps.signing`)
            ├── SigningFailed     a token or program gave no signature of its key (in `escruta.apps.signing`)
            ├── SealMalformed     a text is no seal of a sheet, for one of four reasons (in `escruta.sheets.seal`)
            ├── SealingFailed     a sheet could not be sealed with its station's key (the same)
            ├── KeyListMalformed  a list of sealing keys is not in its form, or takes something back (the same)
            ├── PrintingUnavailable, GlyphsMissing, TextUnprintable, WordsMissing, SheetUnprintable
            │                     a sheet cannot be printed (in `escruta.sheets.printing`)
            ├── BulletinMalformed a bulletin, dissent or acceptance is not in its form (in `escruta.record.bulletins`)
            ├── BulletinRefused   a bulletin or acceptance is not what may be published (in `escruta.apps.board`)
            ├── ScanHomeUnusable  the place for scans is missing, in use or damaged (in `escruta.apps.scan`)
            ├── ExecutorUnknown   no such place for heavy work, or it is not installed (in `escruta.apps.executing`)
            ├── ClusterLost       a cluster does not answer, or answers no more (the same)
            ├── PollsMalformed    records of polls cannot be used (in `escruta.assessment.polls`)
            ├── AuditImpossible   the paper cannot be held against what was published (in `escruta.audit`)
            ├── AuditRefused      a step of an audit is out of order, or a committed file changed (in `apps.audits`)
            ├── LayoutUnusable    a sheet's layout does not hold together (in `escruta.sources.scans.figures`)
            └── DefinitionError   an election's definition has faults (in `escruta.election.faults`)
    """


class InputError(EscrutaError):
    """An input cannot be used: what is wrong, where, what was found, what was expected and what to do.

    >>> print(TableBroken("the row is too short", where="votes.csv", row=7, found="3 cells", expected="4 cells"))
    the row is too short
      where: votes.csv, row 7
      found: 3 cells
      expected: 4 cells
    """

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        row: int | None = None,
        column: str | None = None,
        found: object = None,
        expected: str | None = None,
        advice: str | None = None,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.row = row
        self.column = column
        self.found = None if found is None else printable(found)
        self.expected = expected
        self.advice = advice

    def __str__(self) -> str:
        parts = (
            ("where", self.spot),
            ("found", self.found),
            ("expected", self.expected),
            ("what to do", self.advice),
        )
        return "\n".join([self.what, *(f"  {label}: {text}" for label, text in parts if text)])

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild, (type(self), self.what, self.evidence()))

    @property
    def spot(self) -> str:
        """File, row and column in words; empty when the error has no place."""
        row = None if self.row is None else f"row {self.row}"
        column = None if self.column is None else f"column {printable(self.column)}"
        return ", ".join(part for part in (self.where, row, column) if part)

    def evidence(self) -> dict[str, Any]:
        """Return everything but the sentence, by name: for programs, and for an error that crosses a process."""
        names = ("where", "row", "column", "found", "expected", "advice")
        return {name: getattr(self, name) for name in names}


class FileUnreadable(InputError):  # noqa: N818 - the name says what happened; the root says that it is an error
    """The file is not there, is a folder, may not be read, changed while it was read, or is empty."""


class ArchiveUnsafe(InputError):  # noqa: N818
    """A .zip or .gz grows beyond the limits, names a path outside itself, is locked or leaves a choice open."""


class FormatUnknown(InputError):  # noqa: N818
    """No reader is registered for the format that was named, or the bytes look like none that we read."""


class EncodingUnclear(InputError):  # noqa: N818
    """The bytes are not text in the encoding that was declared, or no encoding fits them."""


class TableBroken(InputError):  # noqa: N818
    """The rows and columns do not hold together: ragged, cut off, doubled names, a formula instead of a figure."""


class LayoutMismatch(InputError):  # noqa: N818
    """The table can be read, but a column or a sheet that was asked for is not in it."""


class DigestDiffers(InputError):  # noqa: N818
    """The bytes are not those that the definition names by their SHA-256."""


class OutputRefused(InputError):  # noqa: N818
    """The folder or file to write to holds something that is not ours to replace."""


def printable(found: object) -> str:
    r"""Return what was found in at most 80 characters that a terminal can show.

    >>> printable("12\x00\n")
    '12\\x00\\n'
    """
    raw = found if isinstance(found, str) else str(found)
    escaped = raw[: _FOUND_LIMIT + 1].encode("unicode_escape").decode("ascii") if not raw.isprintable() else raw
    return escaped if len(escaped) <= _FOUND_LIMIT else escaped[: _FOUND_LIMIT - 1] + "…"


def harmless(text: str) -> str:
    r"""Write as escapes what a terminal would act upon: names in foreign files must not write over what we say.

    >>> harmless("a\x1b[2Jb\u202e é\n")
    'a\\x1b[2Jb\\u202e é\n'
    """
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() or each in "\n\t" else ascii(each)[1:-1] for each in text)


def _rebuild(kind: type[InputError], what: str, evidence: dict[str, Any]) -> InputError:
    return kind(what, **evidence)
