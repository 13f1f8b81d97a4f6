"""The tree of errors. Each is named for what happened, and carries what the caller is told.

A kind (`NotFound`, `Conflict`) has the HTTP status that shared/http answers with. What happened is a subclass of one,
beside the aggregate that it happens to, with a `code` that programs decide by:

    class ProductNotFound(NotFound):
        \"\"\"No product has this item_id.\"\"\"

        code = "product_not_found"

        def __init__(self, item_id: str) -> None:
            super().__init__(f"no product {item_id!r}")

Codes are unique (a test checks it), and docs/errors.md lists them with the first line of each docstring. An endpoint
declares the errors that it can give beside `@allow`. The job and the task handlers log `code` and `detail`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class FieldError:
    """One error in one field: `pointer` is a JSON pointer or `query/<name>`."""

    pointer: str
    code: str
    detail: str


class StockcastError(Exception):
    """Something that the caller is told: `detail` names what was given and what is allowed."""

    code: str = "internal_error"
    status = 500
    title = "Internal error"

    def __init__(
        self, detail: str, *, errors: Sequence[FieldError] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}"

    @property
    def pages(self) -> bool:
        """Whether it is for the operators to mend; all else is the caller's, or his own system's."""
        return self.status >= 500

    def at(self, pointer: str, hint: str | None = None) -> InvalidField:
        """The same as the refusal of the field at `pointer`, one that names what does not exist, say.

        `hint` says what to do about it.
        """
        return InvalidField(pointer, f"{self.detail}: {hint}" if hint else self.detail, self.code)


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


class PreconditionFailed(StockcastError):
    status, title = 412, "The resource has changed"


class TooLarge(StockcastError):
    status, title = 413, "Request too large"


class TooLongAddress(StockcastError):
    status, title = 414, "URI too long"


class UnsupportedMediaType(StockcastError):
    status, title = 415, "Unsupported media type"


class Invalid(StockcastError):
    status, title = 422, "Invalid input"


class TooManyRequests(StockcastError):
    status, title = 429, "Too many requests"


class Unavailable(StockcastError):
    status, title = 503, "Temporarily unavailable"


KINDS: tuple[type[StockcastError], ...] = (
    MalformedRequest,
    Unauthenticated,
    Forbidden,
    NotFound,
    Conflict,
    PreconditionFailed,
    TooLarge,
    TooLongAddress,
    UnsupportedMediaType,
    Invalid,
    TooManyRequests,
    Unavailable,
)


class UnknownField(Invalid):
    """A parameter or field is unknown."""

    code = "unknown_field"


class InvalidField(Invalid):
    """A kind: one field is wrong, and `pointer` says which."""

    def __init__(self, pointer: str, detail: str, code: str | None = None) -> None:
        super().__init__(detail)
        self.pointer = pointer
        self.code = code or self.code
        self.errors = (FieldError(pointer, self.code, detail),)


class InvalidLines(Invalid):
    """Several lines or fields are wrong; `errors` names each. A code that all of them share is that of the whole.

    With `listed`, only so many are named in `errors`; the detail says how many there are.
    """

    code = "invalid_lines"
    _SHOWN = 3

    def __init__(self, errors: Sequence[InvalidField], listed: int | None = None) -> None:
        details = list(dict.fromkeys(error.detail for error in errors))
        more = f"; and {len(details) - self._SHOWN} more" if len(details) > self._SHOWN else ""
        super().__init__(
            f"{'; '.join(details[: self._SHOWN])}{more}",
            errors=[part for error in errors[:listed] for part in error.errors],
        )
        codes = {error.code for error in errors}
        if len(codes) == 1 and type(self) is InvalidLines:
            self.code = codes.pop()


class InvalidPageToken(InvalidField):
    """The page token is not one that a page of this list gave."""

    code = "invalid_page_token"
