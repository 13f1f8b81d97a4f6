"""Values of the types that the document says: nothing is converted on the way in.

pydantic takes "12" for a number, 0 for a date and 1 for a boolean. After it has validated a body, this module compares
each value with the JSON schema of the model, by type and format alone. The texts of a query or a form are compared as
what they spell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core.core_schema import DecimalSchema

from shared.domain.errors import FieldError

Schema = dict[str, Any]
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}(:\d{2}(\.\d+)?)?([Zz]|[+-]\d{2}:\d{2})")
_FORMATS = {
    "date": (_DATE, "date_type", "send a date as YYYY-MM-DD"),
    "date-time": (_TIME, "datetime_type", "send a time as YYYY-MM-DDThh:mm:ssZ, or with an offset such as +01:00"),
}
_SPELLED = {
    "integer": re.compile(r"-?\d+"),
    "number": re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?"),
    "boolean": re.compile(r"true|false"),
}
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, Decimal, float),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}
_JSON = tuple(kind for kinds in _TYPES.values() for kind in kinds)
_CODES = {
    "string": ("string_type", "send a string"),
    "boolean": ("bool_type", "send true or false"),
    "integer": ("int_type", "send a whole number"),
    "number": ("decimal_type", "send a number"),
    "array": ("list_type", "send a list"),
    "object": ("dict_type", "send an object"),
    "null": ("none_required", "send null"),
}


_MOST_PLACES = 4  # of a decimal: from here on the document says them in words only

CHECKED_APART = "x-checked-apart"
"""In a schema: the endpoint compares these values itself, because one that is wrong does not refuse the whole body."""


def differences(model: type[BaseModel], value: object, where: str, *, spelled: bool = False) -> list[FieldError]:
    """Where `value` is not of the types of the model's schema; `where` is what pointers begin with.

    With `spelled` numbers and booleans are texts, as in a query.
    """
    schema = _schema_of(model)
    return list(_Comparison(schema.get("$defs", {}), spelled).of(schema, value, where))


class AsSent(GenerateJsonSchema):
    """As pydantic's schema, but that a decimal is a number; where it is taken, of a bounded scale."""

    def decimal_schema(self, schema: DecimalSchema) -> Schema:
        bounds: Schema = {}
        self.update_with_validations(bounds, schema, self.ValidationsMapping.numeric)
        # To validators that divide binary floats 1.45 is no multiple of 0.0001.
        if self.mode == "validation" and schema.get("decimal_places", _MOST_PLACES) < _MOST_PLACES:
            bounds["multipleOf"] = 10 ** -schema["decimal_places"]
        return {"type": "number"} | {name: json_number(bound) for name, bound in bounds.items()}


def json_number(value: Decimal | float) -> int | float:
    """The number as JSON schemas have it."""
    return int(value) if value == int(value) else float(value)


@cache
def _schema_of(model: type[BaseModel]) -> Schema:
    return model.model_json_schema(schema_generator=AsSent)


class _Comparison:
    def __init__(self, definitions: dict[str, Schema], spelled: bool) -> None:
        self._definitions = definitions
        self._spelled = spelled

    def of(self, schema: Schema, value: object, pointer: str) -> Iterator[FieldError]:
        if schema.get(CHECKED_APART):
            return
        if "$ref" in schema:
            schema = self._definitions[schema["$ref"].rpartition("/")[2]]
        choices = schema.get("anyOf") or schema.get("oneOf")
        if choices:
            tried = [list(self.of(choice, value, pointer)) for choice in choices]
            if all(tried):
                yield from min(tried, key=lambda errors: (errors[0].pointer == pointer, len(errors)))
            return
        kind = schema.get("type")
        if kind is None or not isinstance(value, _JSON):  # a file in a form has no JSON type
            return
        if not self._is(kind, value):
            code, hint = _CODES[kind]
            yield FieldError(pointer, code, f"{hint} (given: {value!r:.80})")
        elif isinstance(value, str):
            yield from self._text(schema, value, pointer)
        elif isinstance(value, list):
            for number, part in enumerate(value):
                yield from self.of(schema.get("items", {}), part, f"{pointer}/{number}")
        elif isinstance(value, dict):
            properties, others = schema.get("properties", {}), schema.get("additionalProperties")
            for name, part in value.items():
                expected = properties.get(name, others)
                if isinstance(expected, dict):
                    yield from self.of(expected, part, f"{pointer}/{name}")

    def _is(self, kind: str, value: object) -> bool:
        if self._spelled and isinstance(value, str):
            pattern = _SPELLED.get(kind)
            return kind == "string" if pattern is None else pattern.fullmatch(value) is not None
        if isinstance(value, bool):
            return kind == "boolean"
        if kind == "integer" and isinstance(value, Decimal):
            return value == value.to_integral_value()
        return isinstance(value, _TYPES[kind])

    def _text(self, schema: Schema, value: str, pointer: str) -> Iterator[FieldError]:
        pattern, code, hint = _FORMATS.get(schema.get("format", ""), (None, "", ""))
        if pattern is not None and not pattern.fullmatch(value):
            yield FieldError(pointer, code, f"{hint} (given: {value!r:.80})")
