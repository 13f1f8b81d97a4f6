"""Pydantic models as they were stored: fields that this version does not know are left out, as by codec.held.

The models refuse unknown fields, because a request that names one is mistaken. A document that has one was written by
the next version, which runs beside this one while a deployment moves traffic (docs/adr/0018).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")
_UNKNOWN = "extra_forbidden"


def stored_model(model: type[M], fields: Mapping[str, Any]) -> M:
    """The model of a document's fields."""
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        return model.model_validate(_without_unknown(error, json.loads(json.dumps(fields, default=str))))


def stored_json(validate_json: Callable[[str], T], text: str) -> T:
    """The value of a field that holds it as one JSON text."""
    try:
        return validate_json(text)
    except ValidationError as error:
        return validate_json(json.dumps(_without_unknown(error, json.loads(text))))


def _without_unknown(error: ValidationError, value: Any) -> Any:
    """The value without what is refused for being unknown; raises the error where nothing is.

    What else is wrong with it the next validation tells: a union has faults of each of its members.
    """
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    unknown = [fault["loc"] for fault in faults if fault["type"] == _UNKNOWN]
    if not unknown:
        raise error
    for location in unknown:
        _remove(value, location)
    return value


def _remove(value: Any, location: tuple[Any, ...]) -> None:
    """Remove what lies at the location, which has the names of a union's members in it too."""
    *way, name = location
    for step in way:
        if (isinstance(value, list) and isinstance(step, int)) or (isinstance(value, dict) and step in value):
            value = value[step]
    if isinstance(value, dict):
        value.pop(name, None)
