"""The codes on a picture: found, read exactly or not at all.

`read_codes(picture)` is the door; how it works and how often it could be wrong is on the page why/reading-codes.
"""

from escruta.sources.scans.codes.cascade import read_codes
from escruta.sources.scans.codes.values import Code, Effort, Method

__all__ = ["Code", "Effort", "Method", "read_codes"]
