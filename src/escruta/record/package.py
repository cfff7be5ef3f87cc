"""The record as a Frictionless data package: one resource for each CSV file, with the types of its columns.

Source: Data Package specification, version 1 (specs.frictionlessdata.io/data-package, /tabular-data-resource).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from escruta.election.definition import Election


def package_of(election: Election, tables: Mapping[str, pl.Schema]) -> dict[str, Any]:
    """Describe the CSV files of a record; `tables` gives the columns of each."""
    name = (
        election.name if isinstance(election.name, str) else election.name.get("en", next(iter(election.name.values())))
    )
    return {
        "profile": "tabular-data-package",
        "name": election.id,
        "title": name,
        **({} if election.site is None else {"homepage": election.site.address}),
        "description": "The record of an election: readings, verdicts and totals, as written by escruta.",
        "resources": [_resource(table, schema) for table, schema in tables.items()],
    }


def _resource(table: str, schema: pl.Schema) -> dict[str, Any]:
    return {
        "profile": "tabular-data-resource",
        "name": table,
        "path": f"{table}.csv",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": {
            "fields": [{"name": name, "type": _field_type(kind)} for name, kind in schema.items()],
            "missingValues": [""],
        },
    }


def _field_type(kind: pl.DataType) -> str:
    if kind.is_integer():
        return "integer"
    return "boolean" if kind == pl.Boolean else "string"
