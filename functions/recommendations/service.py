"""Recommendations: made of the catalog's rows, once per state of the catalog, and dismissed in it too."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypedDict, cast

import polars as pl

from functions.recommendations.explanation import RecommendedRow, reason, suggested_action, threshold
from functions.recommendations.schemas import Dismissed, Recommendation
from shared.catalog.campaign_records import running_items
from shared.catalog.dismissed import with_dismissals
from shared.catalog.edit import CatalogEdit, edit_catalog
from shared.catalog.live import Catalog, current_catalog
from shared.catalog.per_catalog import PerCatalog
from shared.catalog.schema import OpenLineRow
from shared.catalog.valuation import COST
from shared.domain.access.principal import Role
from shared.domain.planning.dismissal import Dismissal, NotDismissed, check_until
from shared.domain.planning.recommendation import (
    RecommendationKey,
    RecommendationNotFound,
    RecommendationNotYours,
    recommended,
    rules_of,
    types_of_role,
)
from shared.domain.purchasing.product import ProductNotFound
from shared.domain.settings import RecommendationType, Settings
from shared.firestore.dismissals import Dismissals
from shared.request_context import RequestContext

_COLUMNS = tuple(RecommendedRow.__annotations__)
_Shown = tuple[RecommendationType, ...]


@dataclass(frozen=True)
class RecommendationFilter:
    """Which recommendations are listed; an empty `types`: all that the role is shown."""

    role: Role
    types: Sequence[RecommendationType] = ()
    location_id: str | None = None
    include_dismissed: bool = False


@dataclass(frozen=True)
class RecommendationList:
    """One page, how many there are on all pages and by type, and the day that they are of."""

    total: int
    items: list[Recommendation]
    counts: Mapping[str, int]
    as_of: dt.date


class _RankedRow(TypedDict):
    """A recommendation as it is ranked, with the dismissal that hides it: of which id (null: of none), by whom, when
    and until when."""

    type: str
    priority: int
    money_at_stake: Decimal
    recommendation_id: str | None
    dismissed_by: str
    dismissed_at: dt.datetime
    until: dt.date | None


def list_recommendations(
    context: RequestContext, narrowed: RecommendationFilter, offset: int, size: int
) -> RecommendationList:
    """One page of the recommendations, the most pressing first."""
    catalog = current_catalog(context.tenant)
    at_locations = narrowed.location_id is not None
    visible = types_of_role(catalog.settings.recommendation_rules, narrowed.role)
    condition = pl.lit(value=True)
    if narrowed.location_id is not None:
        condition &= pl.col("location_id") == narrowed.location_id
    if not narrowed.include_dismissed:
        condition &= pl.col("recommendation_id").is_null()
    ranked = _RANKED.of(catalog, (at_locations, visible)).filter(condition)
    counts = dict(ranked["type"].value_counts().iter_rows())
    if narrowed.types:
        ranked = ranked.filter(pl.col("type").is_in([kind.value for kind in narrowed.types]))
    return RecommendationList(
        total=ranked.height,
        items=_recommendations(catalog, ranked[offset : offset + size], at_locations=at_locations),
        counts={kind.value: counts.get(kind.value, 0) for kind in visible},
        as_of=catalog.pointer.as_of,
    )


def dismiss(context: RequestContext, key: RecommendationKey, until: dt.date | None, reason: str | None) -> Dismissal:
    """Hide the recommendation up to and including `until`; doing it again sets the new `until`.

    Raises NotFound for an item or location without a row, Forbidden for a type that the caller's role is not shown,
    Invalid when `until` is in the past.
    """
    catalog = current_catalog(context.tenant)
    _check(context, catalog, key)
    check_until(until, context.today)
    earlier = set(catalog.dismissals["recommendation_id"]) & {other.id for other in key.same_advice[1:]}
    dismissal = Dismissal(key.id, context.user_id, context.now, until, reason)

    def write(edit: CatalogEdit) -> None:
        Dismissals(context.tenant).put(edit.transaction, dismissal)
        for other in earlier:
            Dismissals(context.tenant).delete(edit.transaction, other)
            edit.remove("dismissals", other)
        edit.put(
            "dismissals",
            {name: getattr(dismissal, name) for name in ("recommendation_id", "until", "dismissed_by", "dismissed_at")},
        )

    edit_catalog(context.tenant, write)
    return dismissal


def restore(context: RequestContext, key: RecommendationKey) -> None:
    """Undo a dismissal, of the advice to order whether it is urgent by now or not; raises NotFound where there is none,
    Forbidden as `dismiss`."""
    _check_role(context, current_catalog(context.tenant), key)
    store = Dismissals(context.tenant)

    def write(edit: CatalogEdit) -> None:
        ids = [other.id for other in key.same_advice if store.get(other.id, edit.transaction) is not None]
        if not ids:
            raise NotDismissed(f"recommendation {key.id!r} is not dismissed")
        for dismissed in ids:
            store.delete(edit.transaction, dismissed)
            edit.remove("dismissals", dismissed)

    edit_catalog(context.tenant, write)


def _check(context: RequestContext, catalog: Catalog, key: RecommendationKey) -> None:
    _check_role(context, catalog, key)
    if catalog.items.rows_of(key.item_id).is_empty():
        raise ProductNotFound(key.item_id)
    places = catalog.locations.rows_of(key.item_id)["location_id"]
    if key.location_id is not None and key.location_id not in places:
        raise RecommendationNotFound(f"product {key.item_id!r} is not kept at location {key.location_id!r}")


def _check_role(context: RequestContext, catalog: Catalog, key: RecommendationKey) -> None:
    """A dismissal is for everybody: nobody hides what only other roles see. The platform may hide every type."""
    if context.principal.platform:
        return
    role = context.principal.role
    types = types_of_role(catalog.settings.recommendation_rules, role)
    if key.type not in types:
        names = ", ".join(kind.value for kind in types)
        raise RecommendationNotYours(f"your role {role.value} is not shown {key.type.value}; it is shown: {names}")


def _rank(catalog: Catalog, key: tuple[bool, _Shown]) -> pl.DataFrame:
    """All recommendations to who is shown these types, in their order, with the dismissal that hides them."""
    at_locations, shown = key
    as_of = catalog.pointer.as_of
    rules = rules_of(catalog.settings, as_of, running_items(catalog.campaigns, as_of), COST)
    rows = (catalog.locations if at_locations else catalog.items).frame
    names = pl.Series("type", [None, *(kind.value for kind in shown)], pl.String())
    found = recommended(rows, rules, shown)
    return with_dismissals(found.with_columns(names[found["priority"]]), catalog)


_RANKED = PerCatalog[tuple[bool, _Shown], pl.DataFrame](_rank)


def _recommendations(catalog: Catalog, page: pl.DataFrame, *, at_locations: bool) -> list[Recommendation]:
    frame = (catalog.locations if at_locations else catalog.items).frame
    rows = cast(list[RecommendedRow], frame.select(_COLUMNS)[page["row"]].rows(named=True))
    ranked = cast(list[_RankedRow], page.rows(named=True))
    lines_of = _open_lines(catalog, page["item_id"])
    settings = catalog.settings
    return [
        _recommendation(place, row, _of_place(lines_of.get(row["item_id"], ()), row["location_id"]), settings)
        for place, row in zip(ranked, rows, strict=True)
    ]


def _open_lines(catalog: Catalog, items: pl.Series) -> dict[str, list[OpenLineRow]]:
    """The outstanding order lines of each item; only the rows of whole items have them."""
    rows = catalog.items.frame.filter(pl.col("item_id").is_in(items.unique().implode()))
    return {item: lines or [] for item, lines in rows.select("item_id", "open_lines").iter_rows()}


def _of_place(lines: Iterable[OpenLineRow], location_id: str | None) -> list[OpenLineRow]:
    return [line for line in lines if location_id is None or line["location_id"] == location_id]


def _recommendation(
    ranked: _RankedRow, row: RecommendedRow, open_lines: list[OpenLineRow], settings: Settings
) -> Recommendation:
    kind = RecommendationType(ranked["type"])
    step = suggested_action(kind, row, open_lines, settings)
    return {
        "id": RecommendationKey(kind, row["item_id"], row["location_id"]).id,
        "type": kind,
        "priority": ranked["priority"],
        "item_id": row["item_id"],
        "product_name": row["product_name"],
        "location_id": row["location_id"],
        "category": row["category"],
        "supplier_id": row["supplier_id"],
        "supplier_name": row["supplier_name"],
        "money_at_stake": ranked["money_at_stake"],
        "reason": reason(kind, row, open_lines, settings),
        "figures": {
            "current_stock": row["current_stock"],
            "on_order": row["on_order"],
            "unit_cost": row["unit_cost"],
            "inventory_value": row["inventory_value"],
            "dir": row["dir"],
            "stockout_risk": row["stockout_risk"],
            "sales_at_risk": row["sales_at_risk"],
            "excess_value": row["excess_value"],
            "expected_daily_demand": row["expected_daily_demand"],
            "units_sold_28d": row["units_sold_28d"],
            "lead_time_days": row["lead_time_days"],
            "last_sale": row["last_sale"],
            "threshold": threshold(kind, row, settings),
        },
        "suggested_action": {"action": step.action, "quantity": step.quantity},
        "open_orders": [*open_lines],
        "dismissed": _dismissal(ranked),
    }


def _dismissal(ranked: _RankedRow) -> Dismissed | None:
    if ranked["recommendation_id"] is None:
        return None
    return {
        "recommendation_id": ranked["recommendation_id"],
        "by": ranked["dismissed_by"],
        "at": ranked["dismissed_at"],
        "until": ranked["until"],
    }
