"""Layouts as a definition writes them."""

from __future__ import annotations

import json

from escruta.election.definition import Layout


def layout_of(parts: dict[str, object]) -> Layout:
    return Layout.model_validate_json(json.dumps(parts))
