"""The proof that one sheet is in the log: where each reading stands in it, and a page that checks it in the browser.

The doors::

    log = RecordLog.of(record)                                     # None where the record has no log
    log.place_of(reading)                                          # its index, and the address that checks it
    one_file_proof(entry, proof_file, policy, "es")                # a page that needs nothing else, also from file://
"""

from escruta.portal.proof.pages import check_page, one_file_proof
from escruta.portal.proof.record_log import RecordLog

__all__ = ["RecordLog", "check_page", "one_file_proof"]
