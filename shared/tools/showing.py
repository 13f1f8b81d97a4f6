"""What an answer shows: sentences, figures, a table and links into the console.

All of it is plain text, and whoever shows it must not read it as markup: names come from the client's own data.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from typing import Any

from shared.domain.money import plain
from shared.tools.call import encoded, query_text, query_values

_SIGNS = {"GBP": "£", "EUR": "€", "USD": "$"}
_LONGEST_NAME = 120  # of a name inside of a sentence


class Kind(StrEnum):
    """What a figure is, and so how it is written."""

    TEXT = "text"
    COUNT = "count"
    MONEY = "money"
    UNIT_MONEY = "unit_money"
    QUANTITY = "quantity"
    DAYS = "days"
    SHARE = "share"
    DATE = "date"


@dataclass(frozen=True)
class ClientFacts:
    """What the figures of a client mean: the currency of its money, and its business day."""

    currency: str
    today: dt.date


@dataclass(frozen=True)
class Figure:
    """A figure with its name; `text` is how it is written."""

    label: str
    value: Any
    kind: Kind
    text: str


@dataclass(frozen=True)
class Column:
    """A column of a table: the field of an answer that it shows, with its heading."""

    name: str
    label: str
    kind: Kind = Kind.TEXT


@dataclass(frozen=True)
class Table:
    """Rows of values, and where each leads in the console (None: nowhere); in all there are `total` rows."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    hrefs: tuple[str | None, ...]
    total: int


@dataclass(frozen=True)
class Link:
    """A page of the console."""

    label: str
    href: str


@dataclass(frozen=True)
class Shown:
    """What a tool found, for people."""

    sentence: str
    figures: tuple[Figure, ...] = ()
    table: Table | None = None
    links: tuple[Link, ...] = ()


def written(value: Any, kind: Kind, client: ClientFacts) -> str:
    """The value as a sentence has it; `unknown` for None."""
    if value is None:
        return "unknown"
    if kind is Kind.MONEY:
        return money(value, client.currency)
    if kind is Kind.UNIT_MONEY:
        amount = Decimal(value)
        return money(amount, client.currency, places=2 if amount == round(amount, 2) else 4)
    if kind is Kind.SHARE:
        return f"{Decimal(value) * 100:.0f} %"
    if kind is Kind.DAYS:
        days = Decimal(value)
        number = f"{days:,.1f}" if days < 10 and days != days.to_integral_value() else f"{days:,.0f}"
        return f"{number} day" if number == "1" else f"{number} days"
    if kind in (Kind.COUNT, Kind.QUANTITY):
        return quantity(value)
    if kind is Kind.DATE:
        return day(value)
    return name(str(value))


def money(amount: Any, currency: str, places: int = 2) -> str:
    """£1,234.50 or 1,234.50 CHF."""
    rounded = Decimal(amount).quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)
    sign = _SIGNS.get(currency)
    if sign is None:
        return f"{rounded:,} {currency}"
    return f"-{sign}{-rounded:,}" if rounded < 0 else f"{sign}{rounded:,}"


def quantity(units: Any) -> str:
    """1,234.5, without zeros at the end."""
    whole, point, rest = plain(Decimal(units)).partition(".")
    return f"{int(whole):,}{point}{rest}" if whole not in ("-0", "-") else f"{whole}{point}{rest}"


def day(value: str | dt.date) -> str:
    """3 June 2024."""
    date = value if isinstance(value, dt.date) else dt.date.fromisoformat(value[:10])
    return f"{date.day} {date:%B %Y}"


def name(text: str) -> str:
    """A name of the client's data on one line, and no longer than a sentence bears."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return line if len(line) <= _LONGEST_NAME else f"{line[: _LONGEST_NAME - 1]}…"


def counted(number: int, singular: str, plural: str | None = None) -> str:
    """`1 product`, `1,200 products`."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def listed(names: Sequence[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {last} {names[-1]}"


def figure(label: str, value: Any, kind: Kind, client: ClientFacts) -> Figure:
    return Figure(label, value, kind, written(value, kind, client))


def table(
    columns: Sequence[Column], rows: Iterable[Mapping[str, Any]], hrefs: Iterable[str | None], total: int
) -> Table | None:
    """The columns of the rows; None without any row."""
    values = tuple(tuple(row.get(column.name) for column in columns) for row in rows)
    return Table(tuple(columns), values, tuple(hrefs), total) if values else None


def products_page(label: str, conditions: Mapping[str, object] | None = None) -> Link:
    """The product list of the console, under the conditions that GET /products takes."""
    return _page(label, "/products", conditions)


def planning_page(**narrowed: object) -> Link:
    return _page("Order planning", "/planning", narrowed)


def orders_page(label: str = "Orders", **narrowed: object) -> Link:
    return _page(label, "/orders", narrowed)


def page(label: str, path: str) -> Link:
    """One of the console's pages without parameters: /cart, say."""
    return Link(label, path)


def product_href(item_id: str) -> str:
    return f"/products/{encoded(item_id)}"


def supplier_href(supplier_id: str) -> str:
    return f"/suppliers/{encoded(supplier_id)}"


def order_href(order_id: str) -> str:
    return f"/orders/{encoded(order_id)}"


def campaign_href(campaign_id: str) -> str:
    return f"/campaigns/{encoded(campaign_id)}"


def _page(label: str, path: str, query: Mapping[str, object] | None) -> Link:
    values = query_values(query or {})
    return Link(label, f"{path}?{query_text(values)}" if values else path)
