"""The published record: one folder that holds everything the outside world needs.

The doors::

    with record_folder(out) as folder:                            # complete, or not at all
        summary = write_record(results, folder)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from escruta.record.contents import ContestResults, Results
    from escruta.record.summary import summary_of
    from escruta.record.tables import tables_of
    from escruta.record.writing import record_folder, write_record

__all__ = ["ContestResults", "Results", "record_folder", "summary_of", "tables_of", "write_record"]

_MODULES = {
    "ContestResults": "contents",
    "Results": "contents",
    "record_folder": "writing",
    "summary_of": "summary",
    "tables_of": "tables",
    "write_record": "writing",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever stands behind the door
    """Open a door when somebody comes: what only adds up needs no writing, and no log."""
    if name in _MODULES:
        return getattr(import_module(f"escruta.record.{_MODULES[name]}"), name)
    raise AttributeError(f"module 'escruta.record' has no attribute {name!r}")
