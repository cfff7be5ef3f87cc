"""The published record: one folder that holds everything the outside world needs.

The doors::

    with whole_folder(out) as folder:                            # complete, or not at all
        summary = write_record(results, folder)
"""

from escruta.record.contents import ContestResults, Results
from escruta.record.summary import summary_of
from escruta.record.tables import tables_of
from escruta.record.writing import whole_folder, write_record

__all__ = ["ContestResults", "Results", "summary_of", "tables_of", "whole_folder", "write_record"]
