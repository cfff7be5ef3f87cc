"""The JSON Schema of a definition, and the words that it has for every key."""

import ast
import functools
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, cast

from pydantic import BaseModel

from escruta.election import definition
from escruta.election.definition import Election
from escruta.election.faults import Location

Schema = Mapping[str, object]
SCHEMA_ID = "escruta/election/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What the schema says of a spot in a definition."""

    meaning: str
    """The words for the key; empty where the spot is not one of the schema's."""
    keys: tuple[str, ...]
    """The keys that the table there may have; empty where it has no keys of ours."""


def definition_schema() -> dict[str, object]:
    """Give the JSON Schema (draft 2020-12) of `election.toml`, for editors and other programs.

    Source: https://json-schema.org/draft/2020-12
    """
    schema = Election.model_json_schema(by_alias=True)
    words = _words_under_fields()
    for name, part in {Election.__name__: schema, **schema["$defs"]}.items():
        for key, text in _words_of(getattr(definition, name, None), words).items():
            part["properties"][key].setdefault("description", text)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID, **schema}


def _words_of(kind: Any, words: Mapping[str, Mapping[str, str]]) -> dict[str, str]:  # noqa: ANN401 - a class, or none
    """Give what stands under the fields of a model, by the key that each has in a file."""
    if not (inspect.isclass(kind) and issubclass(kind, BaseModel)):
        return {}
    told: dict[str, str] = {}
    for each in reversed(kind.__mro__):
        told |= words.get(each.__name__, {})
    return {field.alias or name: told[name] for name, field in kind.model_fields.items() if name in told}


def _words_under_fields() -> dict[str, dict[str, str]]:
    """Read the docstrings under the fields of every class of the definition, by class and field."""
    tree = ast.parse(inspect.getsource(definition))
    return {each.name: dict(_docstrings(each)) for each in tree.body if isinstance(each, ast.ClassDef)}


def _docstrings(of: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for field, below in pairwise(of.body):
        if not (isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)):
            continue
        if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant) and isinstance(below.value.value, str):
            yield field.target.id, inspect.cleandoc(below.value.value)


def described_at(location: Location) -> Described:
    """Look up what the schema says of a spot.

    >>> described_at(("stations", "expected_source")).meaning
    'Who says so, as a citation.'
    """
    root = _cached_schema()
    places: list[Schema] = [root]
    for step in location:
        places = [below for place in places for below in _step(_arms(place, root), step)]
    arms = [arm for place in places for arm in _arms(place, root)]
    meaning = next((str(place["description"]) for place in places if "description" in place), "")
    keys = [key for arm in arms for key in cast("Schema", arm.get("properties", {}))]
    return Described(meaning=" ".join(meaning.split()), keys=tuple(dict.fromkeys(keys)))


@functools.cache
def _cached_schema() -> Schema:
    return definition_schema()


def _arms(place: Schema, root: Schema) -> tuple[Schema, ...]:
    """Follow references and unions to the schemas that say something of their own."""
    if "$ref" in place:
        name = str(place["$ref"]).rsplit("/", 1)[-1]
        return _arms(cast("Mapping[str, Schema]", root["$defs"])[name], root)
    unions = [*cast("list[Schema]", place.get("anyOf", [])), *cast("list[Schema]", place.get("oneOf", []))]
    return tuple(arm for union in unions for arm in _arms(union, root)) or (place,)


def _step(arms: tuple[Schema, ...], step: str | int) -> Iterator[Schema]:
    for arm in arms:
        if isinstance(step, int):
            if isinstance(arm.get("items"), Mapping):
                yield cast("Schema", arm["items"])
        elif step in cast("Schema", arm.get("properties", {})):
            yield cast("Mapping[str, Schema]", arm["properties"])[step]
        elif isinstance(arm.get("additionalProperties"), Mapping):
            yield cast("Schema", arm["additionalProperties"])
        else:
            yield from cast("Mapping[str, Schema]", arm.get("patternProperties", {})).values()
