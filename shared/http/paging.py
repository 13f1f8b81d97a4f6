"""Pages of lists: by number where the total is known, by token where a collection grows without bound."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any

from pydantic import BaseModel, Field

from shared.domain.errors import InvalidPageToken
from shared.http.app import QueryModel

MAX_PAGE_SIZE = 200
DEFAULT_PAGE_SIZE = 50

PageSize = Annotated[int, Field(ge=1, le=MAX_PAGE_SIZE, description="Rows per page.")]


class NumberedPage(QueryModel):
    """`page` counts from 1."""

    page: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    page_size: PageSize = DEFAULT_PAGE_SIZE

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.page_size


class TokenPage(QueryModel):
    """`page_token` is the `next_page_token` of the page before."""

    page_size: PageSize = DEFAULT_PAGE_SIZE
    page_token: str | None = None

    def position(self) -> str | None:
        """Where the page starts, as `next_token` was given it; raises Invalid for a token that is not ours."""
        if self.page_token is None:
            return None
        try:
            return base64.b64decode(self.page_token.encode(), altchars=b"-_", validate=True).decode()
        except (binascii.Error, UnicodeError, ValueError):
            detail = f"page_token {self.page_token!r} is not one that a page gave as next_page_token"
            raise InvalidPageToken("query/page_token", detail) from None


class PageEnvelope(BaseModel):
    """The envelope of lists by page number."""

    page: int
    page_size: int
    total: int


class TokenEnvelope(BaseModel):
    """The envelope of lists by token. No `next_page_token`: this was the last page."""

    page_size: int
    next_page_token: str | None = None


def by_token(page: TokenPage, items: list[Any], following: str | None) -> dict[str, Any]:
    """The envelope of one page by token; `following` is where the next page starts, None on the last."""
    token = next_token(following) if following else None
    return {"items": items, "page_size": page.page_size, "next_page_token": token}


def next_token(position: str) -> str:
    return base64.urlsafe_b64encode(position.encode()).decode()


def numbered(page: NumberedPage, total: int, items: list[Any]) -> dict[str, Any]:
    """The envelope of one numbered page."""
    return {"items": items, "page": page.page, "page_size": page.page_size, "total": total}
