"""The one tree of errors. Each is named for what happened and carries what the caller is told.

`status` is the HTTP status that shared/http answers with; the job and the task handlers log `code` and `detail`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class FieldError:
    """One thing wrong with one field: `pointer` is a JSON pointer or `query/<name>`."""

    pointer: str
    code: str
    detail: str


@dataclass(eq=False)
class StockcastError(Exception):
    """Something the caller is told: a stable `code`, and a `detail` naming what was given and what is allowed."""

    code: str
    detail: str
    errors: Sequence[FieldError] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    status = 500
    title = "Internal error"

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}"


class MalformedRequest(StockcastError):
    status, title = 400, "Malformed request"


class Unauthenticated(StockcastError):
    status, title = 401, "Authentication required"


class Forbidden(StockcastError):
    status, title = 403, "Forbidden"


class NotFound(StockcastError):
    status, title = 404, "Not found"


class Conflict(StockcastError):
    status, title = 409, "Conflict with the current state"


class StaleVersion(StockcastError):
    status, title = 412, "The resource has changed"


class TooLarge(StockcastError):
    status, title = 413, "Request too large"


class UnsupportedMediaType(StockcastError):
    status, title = 415, "Unsupported media type"


class Invalid(StockcastError):
    status, title = 422, "Invalid input"


def invalid_field(pointer: str, code: str, detail: str) -> Invalid:
    """The refusal of one field."""
    return Invalid(code, detail, errors=(FieldError(pointer, code, detail),))


class TooManyRequests(StockcastError):
    status, title = 429, "Too many requests"


class Unavailable(StockcastError):
    status, title = 503, "Temporarily unavailable"


ERROR_TYPES: tuple[type[StockcastError], ...] = (
    MalformedRequest,
    Unauthenticated,
    Forbidden,
    NotFound,
    Conflict,
    StaleVersion,
    TooLarge,
    UnsupportedMediaType,
    Invalid,
    TooManyRequests,
    Unavailable,
)
