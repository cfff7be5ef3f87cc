"""The keys of a definition as tables for the documentation, made from the model itself."""

from collections import deque
from collections.abc import Iterator, Mapping
from typing import cast

from escruta.election.schema import Schema, definition_schema

MOST_PATHS = 3
"""Places that a heading names; what may stand in more places is called by its name alone."""
TYPES: Mapping[str, str] = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "null": "nothing",
}
FORMATS: Mapping[str, str] = {"date": "date", "date-time": "moment"}


def key_tables() -> str:
    """Write every key of a definition as Markdown: a heading for each table of the file, a row for each of its keys."""
    schema = definition_schema()
    models = _models(schema)
    return "\n".join(line for name, paths in models.items() for line in _section(name, paths, schema))


def _models(schema: Schema) -> dict[str, list[str]]:
    """Walk from the root, and list each model with the paths at which it may stand."""
    paths: dict[str, list[str]] = {"Election": [""]}
    waiting = deque([("Election", "")])
    while waiting:
        name, path = waiting.popleft()
        for key, value in _properties(_definition(name, schema)).items():
            for other, suffix in _referred(value, schema):
                here = f"{path}.{key}{suffix}".removeprefix(".")
                waiting.append((other, here))
                paths.setdefault(other, []).append(here)
    return paths


def _definition(name: str, schema: Schema) -> Schema:
    return schema if name == "Election" else cast("Mapping[str, Schema]", schema["$defs"])[name]


def _properties(model: Schema) -> Mapping[str, Schema]:
    return cast("Mapping[str, Schema]", model.get("properties", {}))


def _referred(value: Schema, schema: Schema, suffix: str = "") -> Iterator[tuple[str, str]]:
    """Name the models that a value may hold."""
    if "$ref" in value:
        name = _name(value)
        if _properties(_definition(name, schema)):
            yield name, suffix
    for arm in _arms(value):
        yield from _referred(arm, schema, suffix)
    if isinstance(value.get("items"), Mapping):
        yield from _referred(cast("Schema", value["items"]), schema, suffix + "[]")
    for below in _entries(value):
        yield from _referred(below, schema, suffix + ".*")


def _name(value: Schema) -> str:
    return str(value["$ref"]).rsplit("/", 1)[-1]


def _arms(value: Schema) -> list[Schema]:
    return [*cast("list[Schema]", value.get("anyOf", [])), *cast("list[Schema]", value.get("oneOf", []))]


def _entries(value: Schema) -> list[Schema]:
    """Give the schemas of a table's values, where its keys are the writer's own."""
    patterns = list(cast("Mapping[str, Schema]", value.get("patternProperties", {})).values())
    more = value.get("additionalProperties")
    return [*patterns, cast("Schema", more)] if isinstance(more, Mapping) else patterns


def _section(name: str, paths: list[str], schema: Schema) -> Iterator[str]:
    model = _definition(name, schema)
    yield f"## {_title(name, paths)}"
    yield ""
    yield " ".join(str(model.get("description", "")).split())
    yield ""
    yield "| key | type | default | meaning |"
    yield "|---|---|---|---|"
    required = cast("list[str]", model.get("required", []))
    for key, value in _properties(model).items():
        default = "**required**" if key in required else _default(value)
        meaning = " ".join(str(value.get("description", "")).split()).replace("|", "\\|")
        yield f"| `{key}` | {_type(value, schema)} | {default} | {meaning} |"
    yield ""


def _title(name: str, paths: list[str]) -> str:
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip().capitalize()
    shown = [path for path in dict.fromkeys(paths) if path]
    if not shown or len(shown) > MOST_PATHS:
        return words
    return f"{words}: {', '.join(f'`{path}`' for path in shown)}"


def _default(value: Schema) -> str:
    default = value.get("default")
    if default is None or default in ([], {}):
        return "none"
    if isinstance(default, list):
        return ", ".join(f"`{word}`" for word in default)
    return f"`{str(default).lower()}`" if isinstance(default, bool) else f"`{default}`"


def _type(value: Schema, schema: Schema) -> str:
    """Say in words what may stand under a key."""
    if "$ref" in value:
        return _type_of_model(_name(value), schema)
    if arms := _arms(value):
        words = [_type(arm, schema) for arm in arms if arm.get("type") != "null"]
        return " or ".join(dict.fromkeys(words))
    if "const" in value or "enum" in value:
        return ", ".join(f"`{word}`" for word in cast("list[str]", value.get("enum", [value.get("const")])))
    return _plain_type(value, schema)


def _plain_type(value: Schema, schema: Schema) -> str:
    kind = str(value.get("type", ""))
    if kind == "array":
        return f"list of {_type(cast('Schema', value['items']), schema)}"
    if kind == "object":
        return f"table of names → {' or '.join(_type(entry, schema) for entry in _entries(value))}"
    return FORMATS.get(str(value.get("format")), TYPES.get(kind, kind))


def _type_of_model(name: str, schema: Schema) -> str:
    model = _definition(name, schema)
    if "enum" in model:
        return ", ".join(f"`{word}`" for word in cast("list[str]", model["enum"]))
    return f"table ({''.join(f' {letter.lower()}' if letter.isupper() else letter for letter in name).strip()})"
