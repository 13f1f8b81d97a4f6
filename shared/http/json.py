"""JSON in and out: decimals as numbers with their own scale, dates and times in ISO 8601 UTC.

Models and dataclasses are objects of their fields, under the aliases of the fields that have one. What comes in has
numbers of a bounded length and size, and texts that every database takes, before any model looks at it.
"""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from typing import Any

import simplejson
from flask.json.provider import JSONProvider
from pydantic import BaseModel

from shared.domain.errors import FieldError
from shared.domain.plain_text import is_storable
from shared.http.refusals import InvalidInput

# Longer than any float or quantity is written, and far from where arithmetic with one takes time.
_MAX_NUMBER_LENGTH = 50
_MAX_EXPONENT = 330  # every float is nearer to 1 than that
# How JSON may escape what is_storable refuses; such a text cannot come unescaped.
_ESCAPES = (b"\\u0000", b"\\ud", b"\\uD")


class WritesItself(ABC):
    """A value that has a faster way to its JSON than through values of Python."""

    @abstractmethod
    def json_text(self) -> str:
        """The value as JSON."""


class DecimalJSON(JSONProvider):
    """12.50 stays 12.50: the standard module would need a binary float for it."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        # Looking for named tuples, of which there are none, takes half of the time of a list full of decimals.
        options = {"use_decimal": True, "namedtuple_as_object": False, "ignore_nan": True, "default": _plain}
        return simplejson.dumps(obj, separators=(",", ":"), **options, **kwargs)

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """The value of a JSON text; raises InvalidInput for a number or a text that no field holds."""
        value = simplejson.loads(s, parse_float=_decimal, parse_int=_integer, **kwargs)
        encoded = s if isinstance(s, bytes) else s.encode()
        if any(escape in encoded for escape in _ESCAPES):
            errors = [FieldError(pointer, "text_not_storable", NOT_STORABLE) for pointer in _not_storable(value)]
            if errors:
                raise InvalidInput(f"{errors[0].pointer or '/'}: {NOT_STORABLE}", errors=errors)
        return value


NOT_STORABLE = "the text holds a NUL character or half of a surrogate pair"


def _decimal(text: str) -> Decimal:
    number = Decimal(text) if len(text) <= _MAX_NUMBER_LENGTH else None
    if number is None or abs(number.adjusted()) > _MAX_EXPONENT:
        raise _out_of_range(text)
    return number


def _integer(text: str) -> int:
    if len(text) > _MAX_NUMBER_LENGTH:
        raise _out_of_range(text)
    return int(text)


def _out_of_range(text: str) -> InvalidInput:
    shown = text if len(text) <= _MAX_NUMBER_LENGTH else f"{text[:20]}... of {len(text):,} characters"
    return InvalidInput(
        f"the body holds the number {shown}; a number has at most {_MAX_NUMBER_LENGTH} characters, and an exponent "
        f"of at most {_MAX_EXPONENT}"
    )


def _not_storable(value: object, pointer: str = "") -> Iterator[str]:
    """Where the texts are, keys among them, that cannot be stored."""
    if isinstance(value, str):
        if not is_storable(value):
            yield pointer
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from _not_storable(part, f"{pointer}/{number}")
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _not_storable(part, f"{pointer}/{key}") if is_storable(key) else (pointer,)


def _plain(value: object) -> object:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, WritesItself):
        return simplejson.RawJSON(value.json_text())
    return json_fields(value)


def json_fields(value: object) -> dict[str, Any]:
    """The fields of a model or a dataclass under the names that they are sent by."""
    kind = type(value)
    keys = _keys.get(kind)
    if keys is None:
        keys = _keys[kind] = _keys_of(kind)
    return {key: getattr(value, name) for name, key in keys}


_keys: dict[type, tuple[tuple[str, str], ...]] = {}


def _keys_of(kind: type) -> tuple[tuple[str, str], ...]:
    """The attributes of a model or a dataclass that are sent, each with its key.

    What they hold has its own turn: model_dump would go through each row of a list that has its JSON form already.
    """
    if issubclass(kind, BaseModel):
        return tuple((name, field.alias or name) for name, field in kind.model_fields.items())
    if is_dataclass(kind):
        return tuple((field.name, field.name) for field in fields(kind))
    raise TypeError(f"{kind.__name__} has no JSON form")
