"""Verify a published record: alone, from its files, believing nothing that was not recomputed.

The door::

    with open_published("out/my-election") as place:
        report = verify_record(place, Printed(policy=Path("printed.policy").read_bytes()))
    report.is_sound, report.faults, report.unchecked
"""

from escruta.apps.verify.findings import Pages, Printed, RecordFaultKind, RecordReport
from escruta.apps.verify.records import verify_record
from escruta.tlog.findings import Fault

__all__ = ["Fault", "Pages", "Printed", "RecordFaultKind", "RecordReport", "verify_record"]
