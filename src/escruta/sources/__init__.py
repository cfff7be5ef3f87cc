"""Who said it and how it reached us: files, formats, readings, stations, and versions of one data set.

The doors::

    table = read_table(path, TableOptions())                     # bytes -> RawTable
    read = read_source(election, source, figures, folders)       # files -> readings and marks
    geography = geography_of(election, [read], folders)          # register and sources -> stations and areas
    report = compare_versions(old, new, ["CENTRO", "MESA"])      # what was added, dropped, changed
"""

from escruta.sources.formats import RawTable, TableOptions, read_table
from escruta.sources.readings import SourceReadings, read_source
from escruta.sources.stations import Geography, geography_of
from escruta.sources.versions import VersionReport, compare_versions

__all__ = [
    "Geography",
    "RawTable",
    "SourceReadings",
    "TableOptions",
    "VersionReport",
    "compare_versions",
    "geography_of",
    "read_source",
    "read_table",
]
