"""A record's results in the formats of others.

The door::

    Source(election=..., summary=..., contests=..., table=...)      # what a report is made of
    nist_report(source, issuer="...", generated_at=moment)           # NIST SP 1500-100, as JSON values
    eml_count(source, issuer="...", generated_at=moment)             # OASIS EML 510, as pieces of text
"""

from escruta.record.exports.eml import STATIONS, eml_count
from escruta.record.exports.nist import nist_report
from escruta.record.exports.source import Source

__all__ = ["STATIONS", "Source", "eml_count", "nist_report"]
