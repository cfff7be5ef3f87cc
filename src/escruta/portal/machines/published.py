"""The record as search engines for data sets read it. Source: schema.org's Dataset, as JSON-LD 1.1."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urljoin

from escruta.portal.editions import Edition
from escruta.portal.machines.addresses import site_address

_KINDS = {"parquet": "application/vnd.apache.parquet", "csv": "text/csv", "json": "application/json"}


def data_set(edition: Edition, files: Sequence[Mapping[str, str]], record: str) -> str:
    """Describe the record; `files` have a `name` and a `sha256`, and `record` leads to their folder.

    Where the definition says where the pages will stand, addresses are whole, and the data set has one of its own as
    its id. The text can stand in a page: it holds no `<`.
    """
    words, site = edition.words, site_address(edition.election)
    about = f"{site}{words.language}/{edition.places.prefix}about.html"
    folder = record if site is None else urljoin(site, edition.record_href)
    document: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        **({} if site is None else {"@id": f"{site}#record", "url": about}),
        "name": words.named(edition.election["name"]),
        "description": words.forms["machines.data_set"],
        "identifier": edition.election["id"],
        "inLanguage": words.language,
        "temporalCoverage": str(edition.election["date"]),
        "isAccessibleForFree": True,
        "distribution": [
            {
                "@type": "DataDownload",
                "name": file["name"],
                "contentUrl": f"{folder}{file['name']}",
                "encodingFormat": _KINDS[file["name"].rpartition(".")[2]],
                "sha256": file["sha256"],
            }
            for file in files
            if file["name"].rpartition(".")[2] in _KINDS
        ],
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
