"""The published schema and the page of the definition are the model's, and their examples are valid."""

import json
import re
import tomllib

import jsonschema
import pytest
from jsonschema import Draft202012Validator
from tests.golden import write_definition_reference as golden
from tests.unit.election.broken_definitions import BROKEN, WHOLE

from escruta.election.definition import Election, Model
from escruta.election.rules import semantic_faults
from escruta.election.schema import definition_schema, described_at
from escruta.election.structure import parse_structure

FENCE = re.compile(r"```toml\n(.*?)```", re.DOTALL)


def as_json(text: str) -> dict:
    document: dict = json.loads(json.dumps(tomllib.loads(text), default=lambda moment: moment.isoformat()))
    return document


def test_published_schema_is_the_models():
    assert golden.SCHEMA.read_text(encoding="utf-8") == golden.schema_text()


def test_published_page_has_every_key_of_the_model():
    assert golden.PAGE.read_text(encoding="utf-8") == golden.page_text()


def test_schema_is_a_schema_and_accepts_the_examples(repository):
    schema = definition_schema()
    Draft202012Validator.check_schema(schema)
    for file in [*repository.glob("examples/*/election.toml")]:
        jsonschema.validate(as_json(file.read_text(encoding="utf-8")), schema)


def test_schema_refuses_a_mistyped_key():
    changes, _ = BROKEN["unknown key at the root"]
    text = WHOLE.replace(*changes[0])
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(as_json(text), definition_schema())


def every_model() -> list[type[Model]]:
    return [Election, *(model for model in Model.__subclasses__() if model is not Election)]


@pytest.mark.parametrize("model", every_model(), ids=lambda model: model.__name__)
def test_every_key_has_a_meaning(model):
    schema: dict = definition_schema()
    part = schema if model is Election else schema["$defs"][model.__name__]
    assert [key for key, said in part["properties"].items() if not said.get("description")] == []


def test_meaning_of_a_nested_key_is_found():
    assert described_at(("sources", 0, "layout", "areas", "town")).keys == (
        "column",
        "pattern",
        "value",
        "code",
        "name",
    )
    assert described_at(("nowhere", 1)).meaning == ""


def examples() -> list[str]:
    return FENCE.findall(golden.PAGE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("number", range(len(examples())))
def test_examples_of_the_page_are_valid(number):
    whole, *others = examples()
    document = as_json(whole)
    if number:
        document |= as_json(others[number - 1])
    _, faults = parse_structure(document, "example")
    assert [*map(str, faults), *map(str, semantic_faults(document, "example"))] == []
