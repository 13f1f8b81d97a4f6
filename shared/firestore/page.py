"""Pages of a query, and where the next one starts: the values that the last document of a page is ordered by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from shared.domain.dates import in_utc
from shared.domain.errors import Invalid, InvalidPageToken

T = TypeVar("T")
_BETWEEN = "\n"


@dataclass(frozen=True)
class PageRequest:
    """Which page of a list: its number from 1, or with a `position` the page behind that, which has this number."""

    size: int
    number: int = 1
    position: str | None = None

    @property
    def offset(self) -> int:
        """How many items lie before the page, for a page that is asked for by its number alone."""
        return 0 if self.position is not None else (self.number - 1) * self.size


class Page(NamedTuple, Generic[T]):
    """Some of a list, the position of the next page (None behind the last one), and the length of the whole list."""

    items: list[T]
    following: str | None
    total: int


def position(*values: dt.date | str) -> str:
    """The position behind a document with these values; only the last may hold a line break."""
    return _BETWEEN.join(value if isinstance(value, str) else value.isoformat() for value in values)


def page_of(
    items: Iterable[T], page: PageRequest, position_behind: Callable[[T], str], total: Callable[[], int]
) -> Page[T]:
    """The page that a query limited to its size gave; `total` counts the list, where the page itself does not tell."""
    listed = list(items)
    if len(listed) == page.size:
        return Page(listed, position_behind(listed[-1]), total())
    first_items = page.position is None and (listed or page.number == 1)
    return Page(listed, None, page.offset + len(listed) if first_items else total())


def values_at(place: str, *readers: Callable[[str], Any]) -> list[Any]:
    """The values of a position, each through its reader; raises Invalid for what no page gave."""
    texts = place.split(_BETWEEN, len(readers) - 1)
    if len(texts) != len(readers):
        raise unknown_position()
    try:
        return [reader(text) for reader, text in zip(readers, texts, strict=True)]
    except ValueError:
        raise unknown_position() from None


def instant(text: str) -> dt.datetime:
    """A time with its zone, in UTC; raises ValueError for anything else."""
    moment = dt.datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return in_utc(moment)


def day(text: str) -> str:
    """A date as documents hold it; raises ValueError for anything else."""
    return dt.date.fromisoformat(text).isoformat()


def identifier(text: str) -> str:
    """Any text that is not empty; raises ValueError for the empty one."""
    if not text:
        raise ValueError(text)
    return text


def unknown_position() -> Invalid:
    """The refusal of a position that no page gave."""
    detail = "page_token is not one that a page of these gave as next_page_token"
    return InvalidPageToken("query/page_token", detail)
