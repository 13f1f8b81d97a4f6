"""Recommendations: when each type is made, for which roles, and the ids by which they are dismissed (rules.md).

The rules are expressions over rows of an item, or of an item at a location, with the columns of a product row beside
`strategic`, `first_record` and `last_sale`: thousands of rows are judged at once, by the figures of every list.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from shared.domain.access.principal import Role
from shared.domain.errors import Forbidden, InvalidField, NotFound
from shared.domain.location import MAX_LOCATION_ID_LENGTH
from shared.domain.purchasing.product import MAX_ITEM_ID_LENGTH
from shared.domain.settings import RecommendationRules, RecommendationType, Settings

# The order in which they are shown: what is most pressing first.
PRIORITY: Mapping[RecommendationType, int] = {kind: number for number, kind in enumerate(RecommendationType, start=1)}

# The types whose item is to be ordered.
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
    """When a recommendation is made of a row, and the money at stake then (2 decimals, rounded half to even)."""

    condition: pl.Expr
    money_at_stake: pl.Expr


def types_of_role(rules: RecommendationRules, role: Role) -> tuple[RecommendationType, ...]:
    """The types that a role is shown, in order of priority: the enabled ones, where it has rules of its own only those.

    A role without an entry in `role_rules` sees all that are enabled.
    """
    own = rules.role_rules.get(role, tuple(RecommendationType))
    return tuple(kind for kind in RecommendationType if kind in rules.enabled_types and kind in own)


def rules_of(settings: Settings, as_of: dt.date, promoted: Collection[str]) -> dict[RecommendationType, Rule]:
    """The rule of each type. `promoted` are the items in a campaign that is running on `as_of`.

    Money at stake is, for what may run out, the demand that may be lost over lead time and safety buffer, times the
    stockout risk: at cost, because no sales price is kept for an item. For what there is too much of it is the stock
    beyond the threshold's days of demand, and for dead stock all of it, at cost too.
    """
    limits = settings.recommendation_rules.threshold_filters
    window = pl.col("lead_time_days") + settings.safety_buffer_days
    lost = _lost_sales(window)
    unsold_since = pl.coalesce("last_sale", "first_record")
    dead_since = as_of - dt.timedelta(days=settings.dead_stock_days)
    return {
        RecommendationType.URGENT: Rule(pl.col("stockout_risk") > limits.urgent_min_risk, lost),
        RecommendationType.REORDER: Rule(pl.col("dir") < window, lost),
        RecommendationType.REDUCE_ORDER: Rule(
            pl.col("dir") > limits.reduce_order_min_dir_days, _surplus_value(limits.reduce_order_min_dir_days)
        ),
        RecommendationType.DEAD_STOCK: Rule(
            (pl.col("current_stock") > 0) & ~pl.col("strategic") & (unsold_since <= dead_since),
            pl.col("inventory_value").cast(_MONEY),
        ),
        RecommendationType.PROMOTE: Rule(
            (pl.col("dir") > limits.promote_min_dir_days)
            & (pl.col("expected_daily_demand") > 0)
            & ~pl.col("item_id").is_in(list(promoted)),
            _surplus_value(limits.promote_min_dir_days),
        ),
    }


def recommended(rows: pl.DataFrame, rules: Mapping[RecommendationType, Rule]) -> pl.DataFrame:
    """Every recommendation that the rules make of the rows, the most pressing first: type, then money, then item.

    Columns: `row` (its position in `rows`), priority, item_id, location_id, money_at_stake.
    """
    numbered = rows.with_row_index("row")
    found = [
        numbered.filter(rule.condition).select(
            "row",
            pl.lit(PRIORITY[kind], pl.Int8()).alias("priority"),
            "item_id",
            "location_id",
            rule.money_at_stake.alias("money_at_stake"),
        )
        for kind, rule in rules.items()
    ]
    order = ["priority", "money_at_stake", "item_id", "location_id"]
    return pl.concat(found).sort(order, descending=[False, True, False, False], nulls_last=False)


def priorities(types: Iterable[RecommendationType]) -> list[int]:
    return [PRIORITY[kind] for kind in types]


def _lost_sales(window_days: pl.Expr) -> pl.Expr:
    """risk x demand x days x unit cost: the risk has 4 decimals, demand 3, cost 2."""
    product = (
        _thousandths("expected_daily_demand")
        * (pl.col("stockout_risk") * 10_000).round().cast(_WHOLE)
        * window_days.cast(_WHOLE)
        * _cents()
    )
    return _money(product, 10_000_000)


def _surplus_value(days: int) -> pl.Expr:
    """Stock beyond `days` of expected demand, at cost; 0 where there is none."""
    stock = pl.col("current_stock").to_physical().cast(_WHOLE)
    surplus = stock - _thousandths("expected_daily_demand") * pl.lit(days, _WHOLE)
    return _money(pl.max_horizontal(surplus, pl.lit(0, _WHOLE)) * _cents(), 1_000)


def _thousandths(column: str) -> pl.Expr:
    return (pl.col(column) * 1_000).round().cast(_WHOLE)


def _cents() -> pl.Expr:
    return pl.col("unit_cost").to_physical().cast(_WHOLE)


def _money(parts: pl.Expr, parts_per_cent: int) -> pl.Expr:
    """Money from whole parts of a cent, none negative, rounded half to even. Exact: integers of 128 bits."""
    divisor = pl.lit(parts_per_cent, _WHOLE)
    cents = parts // divisor
    rest = parts - cents * divisor
    up = (rest * 2 > divisor) | ((rest * 2 == divisor) & (cents % 2 == 1))
    return (cents + up.cast(_WHOLE)).cast(_MONEY) / 100


def _escape(text: str) -> str:
    return "".join(
        character if _PLAIN.fullmatch(character) else "".join(f"~{byte:02X}" for byte in character.encode())
        for character in text
    )


def _unescape(text: str) -> str:
    """What `_escape` was given; any other text becomes something whose id is another."""
    raw = _ESCAPED.sub(lambda found: bytes.fromhex(found[1].decode()), text.encode())
    return raw.decode(errors="replace")
