"""A call of one of the platform's endpoints, before it is made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Any
from urllib.parse import quote, urlencode

QueryValues = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True)
class ApiCall:
    """A method, a path under /api/v1 whose ids are encoded, a query and a body."""

    method: str
    path: str
    query: QueryValues = field(default_factory=dict)
    body: Mapping[str, Any] | None = None

    @property
    def segment(self) -> str:
        """The first segment of the path, which says whose endpoint it is."""
        return self.path.split("/")[1]

    @property
    def address(self) -> str:
        """Path and query, as they are shown to whoever asked."""
        return f"{self.path}?{query_text(self.query)}" if self.query else self.path


def get(path: str, **query: object) -> ApiCall:
    """A GET; what is None or an empty list is left out of the query."""
    return ApiCall("GET", path, query_values(query))


def encoded(identifier: str) -> str:
    """An id as a segment of a path."""
    return quote(identifier, safe="")


def query_values(values: Mapping[str, object]) -> dict[str, str | list[str]]:
    """Values as they travel in a query; what is None or an empty list is left out."""
    return {
        name: [_text(each) for each in value] if isinstance(value, list | tuple) else _text(value)
        for name, value in values.items()
        if value is not None and value != [] and value != ()
    }


def query_text(query: QueryValues) -> str:
    """The query as it stands in an address."""
    return urlencode(query, doseq=True, quote_via=quote)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value)
