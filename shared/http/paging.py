"""Pages of lists: by number everywhere, by token besides where a collection grows without bound."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Generic, Self, TypeVar

from pydantic import BaseModel, Field, model_validator

from shared.domain.errors import InvalidPageToken
from shared.firestore.page import Page, PageRequest
from shared.http.app import QueryModel

Item = TypeVar("Item")
Source = TypeVar("Source")

MAX_PAGE_SIZE = 200
DEFAULT_PAGE_SIZE = 50
_MAX_TOKEN_LENGTH = 8_000  # a position may hold two ids of 1,500 bytes
_BETWEEN = "\n"

PageSize = Annotated[int, Field(ge=1, le=MAX_PAGE_SIZE, description="Rows per page.")]


class NumberedPage(QueryModel):
    """A page by its number, with all fields of its rows or those alone that `fields` names."""

    page: Annotated[int, Field(ge=1, le=1_000_000, description="The page's number, from 1.")] = 1
    page_size: PageSize = DEFAULT_PAGE_SIZE
    fields: Annotated[
        str | None,
        Field(max_length=2_000, description="Names of the rows' fields, comma-separated: those alone are answered."),
    ] = None

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.page_size


class TokenPage(NumberedPage):
    """A page by its number, or the one behind another by `page_token`: not both."""

    page_token: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=_MAX_TOKEN_LENGTH,
            description="`next_page_token` of the page before. It costs less than a high page number, and misses and "
            "repeats nothing while the list grows.",
        ),
    ] = None

    @model_validator(mode="after")
    def _number_or_token(self) -> Self:
        if self.page_token is not None and "page" in self.model_fields_set:
            raise ValueError("give page or page_token, not both")
        return self

    def request(self) -> PageRequest:
        """The page as repositories take it; raises Invalid for a token that is not ours."""
        if self.page_token is None:
            return PageRequest(self.page_size, self.page)
        try:
            text = base64.b64decode(self.page_token.encode(), altchars=b"-_", validate=True).decode()
        except (binascii.Error, UnicodeError, ValueError):
            text = ""
        number, _, position = text.partition(_BETWEEN)
        if not (re.fullmatch(r"[1-9][0-9]{0,6}", number) and position):
            detail = f"page_token {self.page_token!r} is not one that a page gave as next_page_token"
            raise InvalidPageToken("query/page_token", detail)
        return PageRequest(self.page_size, int(number), position)


class PageEnvelope(BaseModel):
    """The envelope of every list."""

    page: int = Field(description="The page's number, from 1.")
    page_size: int = Field(description="Rows per page.")
    total: int = Field(description="Rows of all pages.")


class TokenEnvelope(PageEnvelope):
    """The envelope of a list that can grow without bound."""

    next_page_token: str | None = Field(None, description="Where the next page starts; null on the last page.")


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
class ItemsByToken(NumberedItems[Item]):
    """One page of a list that can grow; `next_page_token` is None on the last."""

    next_page_token: str | None


def numbered(page: NumberedPage, total: int, items: Sequence[Item]) -> NumberedItems[Item]:
    """The numbered page of these items."""
    return NumberedItems(items, page.page, page.page_size, total)


def sliced(page: NumberedPage, items: Sequence[Item]) -> NumberedItems[Item]:
    """The numbered page of a list of which all items are at hand."""
    return numbered(page, len(items), items[page.offset : page.offset + page.page_size])


def views_by_token(query: TokenPage, page: Page[Source], view: Callable[[Source], Item]) -> ItemsByToken[Item]:
    """The page of what a repository read, each through `view`."""
    number = query.request().number
    following = None if page.following is None else next_token(number + 1, page.following)
    return ItemsByToken([view(source) for source in page.items], number, query.page_size, page.total, following)


def next_token(number: int, position: str) -> str:
    """The token of the page with this number, which lies behind this position."""
    return base64.urlsafe_b64encode(f"{number}{_BETWEEN}{position}".encode()).decode()
