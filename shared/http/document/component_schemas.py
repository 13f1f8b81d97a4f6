"""The JSON schemas of the models that endpoints take and give, each under one name, every field described.

A model that is both taken and given, with schemas that differ, is `ThingInput` where it is taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from shared.http.document.field_descriptions import FIELDS
from shared.http.exact_types import AsSent, json_number

Schema = dict[str, Any]
TAKEN: JsonSchemaMode = "validation"
GIVEN: JsonSchemaMode = "serialization"
_PREFIX = "#/components/schemas/"
_MODES = {"-Input": "Input", "-Output": ""}


class ComponentSchemas:
    """The schemas of these models and of those within them; `shown` has them by name.

    Models that hold parameters are no components: an operation lists their fields.
    """

    def __init__(
        self, models: Iterable[tuple[type[BaseModel], JsonSchemaMode]], parameters: Iterable[type[BaseModel]]
    ) -> None:
        of_parameters = [(model, TAKEN) for model in dict.fromkeys(parameters)]
        references, defined = models_json_schema(
            [*of_parameters, *dict.fromkeys(models)],
            ref_template=f"{_PREFIX}{{model}}",
            schema_generator=_Generator,
        )
        schemas = defined.get("$defs", {})
        names = {name: _name(name) for name in schemas}
        described = {names[name]: _renamed(_untitled(schema), names) for name, schema in sorted(schemas.items())}
        for component, schema in described.items():
            for field, about in schema.get("properties", {}).items():
                _describe(component, field, about, described)
        self._references = {key: _renamed(reference, names) for key, reference in references.items()}
        self._parameters = {
            model: described.pop(self._references[model, TAKEN]["$ref"].removeprefix(_PREFIX))
            for model, _ in of_parameters
        }
        ambiguous = sorted(name for name in described if "__" in name)
        if ambiguous:
            raise ValueError(f"models that are shown need a name that no other has: {', '.join(ambiguous)}")
        self.shown: dict[str, Schema] = described

    def reference(self, model: type[BaseModel], mode: JsonSchemaMode) -> Schema:
        """What stands for the model in a body or an answer."""
        return dict(self._references[model, mode])

    def parameters(self, model: type[BaseModel]) -> Iterator[tuple[str, Schema, bool]]:
        """The name, the schema and whether it is required of each field of a model that holds parameters."""
        schema = self._parameters[model]
        for field, about in schema.get("properties", {}).items():
            yield field, about, field in schema.get("required", ())


class _Generator(AsSent):
    """As pydantic's, but for what is on the wire: decimals are numbers, and an answer has all of its fields."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def field_is_required(self, field: Any, total: bool) -> bool:
        if self.mode == GIVEN and field["type"] != "typed-dict-field":
            return not field.get("serialization_exclude")
        return super().field_is_required(field, total)

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        if self.mode == GIVEN:
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)

    def encode_default(self, dft: Any) -> Any:
        return json_number(dft) if isinstance(dft, Decimal) else super().encode_default(dft)


def _name(name: str) -> str:
    for suffix, ours in _MODES.items():
        if name.endswith(suffix):
            name = name.removesuffix(suffix) + ours
    return name


def _renamed(schema: Any, names: dict[str, str]) -> Any:
    if isinstance(schema, list):
        return [_renamed(part, names) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: f"{_PREFIX}{names[part.removeprefix(_PREFIX)]}" if key == "$ref" else _renamed(part, names)
        for key, part in schema.items()
        if key != "writeOnly"  # a password is in what is taken alone; clients would get two types for it
    }


def _untitled(schema: Schema) -> Schema:
    return {key: part for key, part in schema.items() if key != "title"}


def _describe(component: str, field: str, schema: Schema, components: dict[str, Schema]) -> None:
    """Give the field what it says of itself, else what its name means, else what its type is; then its unit."""
    parts = [schema, *schema.get("anyOf", ()), schema.get("items", {})]
    referenced = [components.get(part["$ref"].removeprefix(_PREFIX), {}) for part in parts if "$ref" in part]
    meanings = [
        schema.get("description"),
        FIELDS.get(f"{component}.{field}"),
        FIELDS.get(field),
        *(part.get("description") for part in (*parts, *referenced)),
    ]
    meaning = next((text for text in meanings if text), None)
    if meaning is None:
        return
    unit = next((_unit(meaning, part) for part in parts if "x-unit" in part), "")
    schema["description"] = f"{meaning.rstrip('.')}.{unit}"


def _unit(meaning: str, schema: Schema) -> str:
    """The unit, unless the meaning says it, and the scale."""
    unit, places = schema["x-unit"], f"{schema['x-decimal-places']} decimal places."
    return f" {places}" if unit.split()[-1] in meaning.lower() else f" In {unit}, {places}"
