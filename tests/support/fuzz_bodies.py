"""Request schemas that are narrower than the document's, so that most of what is generated from them is accepted.

A text can be printed, a quantity is whole, and a reference is to what the shop of `tests/support/shops.py` has. Other
phases of the fuzzing try everything else that the document allows.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

_REFERENCES: Mapping[str, list[str]] = {
    "item_id": ["A/1"],
    "supplier_id": ["acme", "fast"],
    "location_id": ["LONDON", "DUBLIN"],
    "from_location_id": ["LONDON"],
    "to_location_id": ["DUBLIN"],
    "default_location_id": ["LONDON"],
}
_NEW_IDS = {("NewLocation", "location_id"), ("NewSupplier", "supplier_id"), ("NewClientBody", "client_id")}
_UNUSED = {("NewConditionBody", "supplier_id"): ["spare"], ("ItemLocationBody", "location_id"): ["LEEDS"]}
_PATTERNS = {"email": "^[a-z]{4,12}@example[.]org$", "password": "^[a-z]{8}-[0-9]{8}$"}
_DAYS = {"start_date": ["2024-06-04"], "end_date": ["2024-06-18", "2024-06-30"]}
_OTHER_DAYS = ["2024-06-10", "2024-06-24"]
_GUARD = "expected_stock"  # refuses a change where the stock is another
_ANY_TEXT = r"\S"
_LONGEST = 24
_MOST = 6  # less than there is in stock
_SENT = "Sent"


def with_narrower_bodies(document: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of the document whose requests have only bodies and parameters of paths; answers stay as they are.

    A body with names of the caller's own, as those of a mapping's fields, is the document's example.
    """
    narrower: dict[str, Any] = copy.deepcopy(dict(document))
    schemas: dict[str, Any] = narrower["components"]["schemas"]
    sent = {f"{_SENT}{name}": _narrowed(schema, name) for name, schema in schemas.items()}
    for operations in narrower["paths"].values():
        for operation in operations.values():
            operation["parameters"] = [part for part in operation["parameters"] if part["in"] == "path"]
            operation.pop("security", None)  # whoever calls signs in
            for content in operation.get("requestBody", {}).get("content", {}).values():
                as_given = {"enum": [content["example"]]} if _has_a_map(content["schema"], schemas) else None
                content["schema"] = as_given or _narrowed(content["schema"], "")
    schemas |= sent
    return narrower


def _has_a_map(schema: Any, schemas: Mapping[str, Any]) -> bool:
    if isinstance(schema, list):
        return any(_has_a_map(part, schemas) for part in schema)
    if not isinstance(schema, dict):
        return False
    if "$ref" in schema:
        return _has_a_map(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    parts = [*schema.get("properties", {}).values(), *(part for key, part in schema.items() if key != "properties")]
    return isinstance(schema.get("additionalProperties"), dict) or any(_has_a_map(part, schemas) for part in parts)


def _narrowed(schema: Any, owner: str, name: str = "") -> Any:
    """`owner` is the component that has the field, and `name` the field's."""
    if isinstance(schema, list):
        return [_narrowed(part, owner, name) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return {"$ref": schema["$ref"].replace("/schemas/", f"/schemas/{_SENT}")}
    if "properties" in schema:
        fields = {key: _narrowed(part, owner, key) for key, part in schema["properties"].items() if key != _GUARD}
        return schema | {"properties": fields}
    match schema.get("type"):
        case "string" if name in _PATTERNS or not {"enum", "const", "format"} & set(schema):
            return _text(schema, owner, name)
        case "string" if schema.get("format") == "date":
            return {"enum": _DAYS.get(name, _OTHER_DAYS)}
        case "number" | "integer":
            lowest = int(schema.get("minimum", schema.get("exclusiveMinimum", -1) + 1))
            return {"type": "integer", "minimum": lowest, "maximum": max(lowest, _MOST)}
        case "array":
            return schema | {
                "items": _narrowed(schema["items"], owner, name),
                "maxItems": max(1, schema.get("minItems", 0)),
            }
    return {key: _narrowed(part, owner, name) for key, part in schema.items()}


def _text(schema: dict[str, Any], owner: str, name: str) -> dict[str, Any]:
    if name in _REFERENCES and (owner, name) not in _NEW_IDS:
        return {"enum": _UNUSED.get((owner, name), _REFERENCES[name])}
    if name in _PATTERNS:
        return {"type": "string", "pattern": _PATTERNS[name]}
    if schema.get("pattern", _ANY_TEXT) != _ANY_TEXT:
        return schema
    longest = min(schema.get("maxLength", _LONGEST), _LONGEST)
    return {"type": "string", "pattern": f"^[A-Za-z0-9]{{{schema.get('minLength', 0)},{longest}}}$"}
