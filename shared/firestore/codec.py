"""Values that a document holds as text: dates and times in ISO 8601, decimals with all of their digits.

Which of its fields a collection keeps so is the collection's own: some keep times as timestamps of the database.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, TypeVar

T = TypeVar("T")
# A field of what screens follow (followed.py): the database's time of the last write, which a query can ask about.
CHANGED_AT = "changed_at"


@dataclass(frozen=True)
class Codec(Generic[T]):
    """How a value is kept: the identifier that its document is named for, its fields, and back.

    `decode` takes the fields as the library or `every_document` gives them.
    """

    identifier: Callable[[T], str]
    encode: Callable[[T], dict[str, Any]]
    decode: Callable[[Any], T]


def held(fields: Mapping[str, Any], kind: type[Any]) -> dict[str, Any]:
    """Those of a document's fields that this dataclass has.

    The next version may add fields while this one still runs beside it (docs/adr/0018): a decoder ignores what it does
    not know.
    """
    known = kind.__dataclass_fields__
    return {name: value for name, value in fields.items() if name in known}


def by_identifier(values: Mapping[str, Any]) -> dict[str, Any]:
    """A map whose keys are somebody's names, and the maps in it, as Firestore takes it: it refuses names like `__a__`.

    `from_identifiers` is the way back.
    """
    return {
        map_key(key): by_identifier(inner) if isinstance(inner, Mapping) else inner for key, inner in values.items()
    }


def from_identifiers(values: Mapping[str, Any]) -> dict[str, Any]:
    """The map that `by_identifier` was given."""
    return {
        _identifier(name): from_identifiers(inner) if isinstance(inner, Mapping) else inner
        for name, inner in values.items()
    }


def json_text(value: object) -> str:
    """A value as one text: quicker to read and write than maps, and its keys may be any text of any length."""
    return json.dumps(value, default=str, ensure_ascii=False, separators=(",", ":"))


def text(value: dt.date | Decimal | None) -> str | None:
    """A date, a time or a decimal as its text; None stays None."""
    if value is None:
        return None
    return str(value) if isinstance(value, Decimal) else value.isoformat()


def map_key(identifier: str) -> str:
    """The key of a map that stands for an identifier.

    Different identifiers have different keys: `%` is escaped itself, and alone it stands for the empty one.
    """
    name = identifier.replace("%", "%25")
    return f"%5F%5F{name[2:]}" if name.startswith("__") else name or "%"


def _identifier(name: str) -> str:
    if "%" not in name:
        return name
    return "" if name == "%" else name.replace("%5F", "_").replace("%25", "%")


def date(value: str | None) -> dt.date | None:
    return None if value is None else dt.date.fromisoformat(value)


def moment(value: str | None) -> dt.datetime | None:
    return None if value is None else dt.datetime.fromisoformat(value)


def decimal(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)
