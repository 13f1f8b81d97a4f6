"""Recommendations: when each type is made, for which roles, and the ids by which they are dismissed (rules.md).

The rules are expressions over rows of an item, or of an item at a location: thousands of rows are judged at once, by
the figures of every list. One row has one advice.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import polars as pl

from shared.domain.access.principal import Role
from shared.domain.errors import Forbidden, InvalidField, NotFound
from shared.domain.location import MAX_LOCATION_ID_LENGTH
from shared.domain.planning.predicates import (
    is_dead_stock,
    is_in_plenty,
    is_to_order,
    is_urgent,
    lasts_longer_than,
    sold_since,
)
from shared.domain.purchasing.product import MAX_ITEM_ID_LENGTH
from shared.domain.settings import RecommendationRules, RecommendationType, Settings

# The types whose item is to be ordered: one advice as far as dismissing it goes.
ORDERING = (RecommendationType.URGENT, RecommendationType.REORDER)
# Of an id with the longest item_id and location_id, each byte of which may be escaped by three characters.
MAX_RECOMMENDATION_ID_LENGTH = 12 * (MAX_ITEM_ID_LENGTH + MAX_LOCATION_ID_LENGTH) + 20
_WHOLE = pl.Int128()
_MONEY = pl.Decimal(38, 2)
_PLAIN = re.compile(r"[A-Za-z0-9._-]")
_ESCAPED = re.compile(rb"~([0-9A-F]{2})")


class RecommendationNotFound(NotFound):
    """There is no such recommendation."""

    code = "recommendation_not_found"


class RecommendationNotYours(Forbidden):
    """The caller's role is not shown recommendations of this type."""

    code = "recommendation_not_yours"


class RecommendsNoOrder(InvalidField):
    """The recommendation is none to order something."""

    code = "recommends_no_order"


@dataclass(frozen=True)
class RecommendationKey:
    """Identifies a recommendation from day to day: its type, its item, and its location if it has one."""

    type: RecommendationType
    item_id: str
    location_id: str | None = None

    @property
    def id(self) -> str:
        """`TYPE:item_id` or `TYPE:item_id@location_id`.

        Characters that mean something here or in a URL are written as `~` and their UTF-8 bytes in hexadecimal, so the
        id reads the same in a path, encoded or not.
        """
        place = "" if self.location_id is None else f"@{_escape(self.location_id)}"
        return f"{self.type.value}:{_escape(self.item_id)}{place}"

    @property
    def orders_more(self) -> bool:
        """Whether it is to order something, now or urgently."""
        return self.type in ORDERING

    @property
    def same_advice(self) -> tuple[RecommendationKey, ...]:
        """The keys that are dismissed with this one, itself first: how pressing an order is changes from day to day,
        and who does not want it today is not asked again because it has become urgent."""
        others = (kind for kind in ORDERING if self.orders_more and kind is not self.type)
        return (self, *(replace(self, type=kind) for kind in others))

    @classmethod
    def parse(cls, text: str) -> RecommendationKey:
        """The key with this id; raises NotFound for a text that is the id of none."""
        kind, _, rest = text.partition(":")
        item, at, place = rest.partition("@")
        if kind in RecommendationType.__members__ and item and (place or not at):
            key = cls(RecommendationType(kind), _unescape(item), _unescape(place) if at else None)
            if key.id == text:
                return key
        raise RecommendationNotFound(f"{text!r} is no recommendation's id: TYPE:item_id or TYPE:item_id@location_id")


@dataclass(frozen=True)
class Rule:
    """When a recommendation is made of a row, and the money at stake then (2 decimals)."""

    condition: pl.Expr
    money_at_stake: pl.Expr


def types_of_role(rules: RecommendationRules, role: Role) -> tuple[RecommendationType, ...]:
    """The types that a role is shown, what is most pressing for it first.

    Of the enabled ones those that `role_rules` names for the role, in the order in which it names them; a role without
    an entry sees all.
    """
    own = rules.role_rules.get(role, tuple(RecommendationType))
    return tuple(dict.fromkeys(kind for kind in own if kind in rules.enabled_types))


def rules_of(
    settings: Settings, as_of: dt.date, promoted: Collection[str], cost: pl.Expr
) -> dict[RecommendationType, Rule]:
    """The rule of each type, in the order in which they exclude each other: a row is of the first that holds.

    `promoted` are the items in a campaign that is running on `as_of`, `cost` is what a unit of a row costs.
    """
    limits = settings.recommendation_rules.threshold_filters
    nothing_sells_but_more_comes = pl.col("dir").is_null() & (pl.col("on_order") > 0)
    surplus = _whole_surplus(limits.promote_min_dir_days)
    return {
        RecommendationType.DEAD_STOCK: Rule(is_dead_stock(), pl.col("inventory_value")),
        RecommendationType.URGENT: Rule(is_urgent(limits), pl.col("sales_at_risk")),
        RecommendationType.REORDER: Rule(is_to_order(), pl.col("sales_at_risk")),
        RecommendationType.REDUCE_ORDER: Rule(
            is_in_plenty(limits) & ((pl.col("dir") > limits.reduce_order_min_dir_days) | nothing_sells_but_more_comes),
            pl.col("excess_value"),
        ),
        RecommendationType.PROMOTE: Rule(
            is_in_plenty(limits)
            & lasts_longer_than(limits.promote_min_dir_days)
            & sold_since(as_of - dt.timedelta(days=settings.dead_stock_days))
            & ~pl.col("item_id").is_in(list(promoted))
            & (surplus > 0),
            _at_cost(surplus, cost),
        ),
    }


def recommended(
    rows: pl.DataFrame, rules: Mapping[RecommendationType, Rule], shown: Sequence[RecommendationType]
) -> pl.DataFrame:
    """What is recommended of the rows to a reader who is `shown` these types: one advice for a row at most, the first
    of them by the order of the rules. The most pressing comes first: by the order of `shown`, orders that can still be
    reduced before stock that cannot, then by money and item.

    Columns: `row` (its position in `rows`), priority (from 1), item_id, location_id, money_at_stake.
    """
    priority = pl.coalesce(
        pl.lit(None, pl.Int8()),
        *(
            pl.when(rule.condition).then(pl.lit(shown.index(kind) + 1, pl.Int8()))
            for kind, rule in rules.items()
            if kind in shown
        ),
    )
    money = pl.coalesce(
        pl.lit(None, _MONEY),
        *(
            pl.when(pl.col("priority") == number).then(rules[kind].money_at_stake.cast(_MONEY))
            for number, kind in enumerate(shown, start=1)
        ),
    )
    reduce_order = next((n for n, kind in enumerate(shown, start=1) if kind is RecommendationType.REDUCE_ORDER), 0)
    found = (
        rows.with_row_index("row")
        .with_columns(priority=priority)
        .filter(pl.col("priority").is_not_null())
        .select(
            *("row", "priority", "item_id", "location_id"),
            money_at_stake=money,
            reducible=(pl.col("priority") == reduce_order) & (pl.col("on_order") > 0),
        )
    )
    order = ["priority", "reducible", "money_at_stake", "item_id", "location_id"]
    return found.sort(order, descending=[False, True, True, False, False], nulls_last=False).drop("reducible")


def whole_surplus(current_stock: Decimal, expected_daily_demand: float, days: int) -> int:
    """Units of the stock beyond so many days of expected demand; none of what is no whole unit."""
    return max(int(current_stock - days * Decimal(str(expected_daily_demand))), 0)


def _whole_surplus(days: int) -> pl.Expr:
    """`whole_surplus` of many rows at once. Exact: integers of 128 bits."""
    stock = pl.col("current_stock").to_physical().cast(_WHOLE)
    demand = (pl.col("expected_daily_demand") * 1_000).round().cast(_WHOLE)
    beyond = pl.max_horizontal(stock - demand * pl.lit(days, _WHOLE), pl.lit(0, _WHOLE))
    return beyond // pl.lit(1_000, _WHOLE)


def _at_cost(units: pl.Expr, cost: pl.Expr) -> pl.Expr:
    """Whole units at cost, to 2 decimals, half to even. Exact: integers of 128 bits."""
    value = units * cost.to_physical().cast(_WHOLE)  # in ten thousandths
    hundredths, rest = value // pl.lit(100, _WHOLE), value % pl.lit(100, _WHOLE)
    up = (rest > 50) | ((rest == 50) & (hundredths % pl.lit(2, _WHOLE) == 1))
    return (hundredths + up.cast(_WHOLE)).cast(_MONEY) / 100


def _escape(text: str) -> str:
    return "".join(
        character if _PLAIN.fullmatch(character) else "".join(f"~{byte:02X}" for byte in character.encode())
        for character in text
    )


def _unescape(text: str) -> str:
    """What `_escape` was given; any other text becomes something whose id is another."""
    raw = _ESCAPED.sub(lambda found: bytes.fromhex(found[1].decode()), text.encode())
    return raw.decode(errors="replace")
