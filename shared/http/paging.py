"""Pages of lists: by number where the total is known, by token where a collection grows without bound."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, Field

from shared.domain.errors import InvalidPageToken
from shared.firestore.page import Page
from shared.http.app import QueryModel

Item = TypeVar("Item")
Source = TypeVar("Source")

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


@dataclass(frozen=True)
class NumberedItems(Generic[Item]):
    """One numbered page as it is answered with; `total` counts the items of all pages.

    A list that says more than its items extends this one.
    """

    items: Sequence[Item]
    page: int
    page_size: int
    total: int


@dataclass(frozen=True)
class ItemsByToken(Generic[Item]):
    """One page by token as it is answered with; `next_page_token` is None on the last."""

    items: Sequence[Item]
    page_size: int
    next_page_token: str | None


def numbered(page: NumberedPage, total: int, items: Sequence[Item]) -> NumberedItems[Item]:
    """The numbered page of these items."""
    return NumberedItems(items, page.page, page.page_size, total)


def sliced(page: NumberedPage, items: Sequence[Item]) -> NumberedItems[Item]:
    """The numbered page of a list of which all items are at hand."""
    return numbered(page, len(items), items[page.offset : page.offset + page.page_size])


def by_token(page: TokenPage, items: Sequence[Item], following: str | None) -> ItemsByToken[Item]:
    """The page by token of these items; `following` is where the next page starts, None on the last."""
    return ItemsByToken(items, page.page_size, next_token(following) if following else None)


def views_by_token(query: TokenPage, page: Page[Source], view: Callable[[Source], Item]) -> ItemsByToken[Item]:
    """The page by token of what a repository read, each through `view`."""
    return by_token(query, [view(source) for source in page.items], page.following)


def next_token(position: str) -> str:
    return base64.urlsafe_b64encode(position.encode()).decode()
