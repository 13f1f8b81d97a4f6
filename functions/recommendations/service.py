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
from shared.catalog.edit import CatalogEdit, edit_catalog
from shared.catalog.live import Catalog, current_catalog
from shared.catalog.per_catalog import PerCatalog
from shared.catalog.schema import OpenLineRow
from shared.domain.access.principal import Role
from shared.domain.planning.dismissal import Dismissal, NotDismissed, check_until
from shared.domain.planning.recommendation import (
    PRIORITY,
    RecommendationKey,
    RecommendationNotFound,
    RecommendationNotYours,
    priorities,
    recommended,
    rules_of,
    types_of_role,
)
from shared.domain.purchasing.product import ProductNotFound
from shared.domain.settings import RecommendationType, Settings
from shared.firestore.dismissals import Dismissals
from shared.request_context import RequestContext

_TYPES = {number: kind for kind, number in PRIORITY.items()}
_COLUMNS = tuple(RecommendedRow.__annotations__)
_KEY = ["priority", "item_id", "location_id"]


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
    """A recommendation as it is ranked, with who dismissed it, when and until when (null: not dismissed)."""

    priority: int
    money_at_stake: Decimal
    dismissed_by: str | None
    dismissed_at: dt.datetime
    until: dt.date | None


def list_recommendations(
    context: RequestContext, narrowed: RecommendationFilter, offset: int, size: int
) -> RecommendationList:
    """One page of the recommendations, the most pressing first."""
    catalog = current_catalog(context.tenant)
    at_locations = narrowed.location_id is not None
    visible = types_of_role(catalog.settings.recommendation_rules, narrowed.role)
    condition = pl.col("priority").is_in(priorities(visible))
    if narrowed.location_id is not None:
        condition &= pl.col("location_id") == narrowed.location_id
    if not narrowed.include_dismissed:
        condition &= pl.col("dismissed_by").is_null()
    ranked = _ranked(catalog, at_locations=at_locations).filter(condition)
    counts = dict(ranked["priority"].value_counts().iter_rows())
    if narrowed.types:
        ranked = ranked.filter(pl.col("priority").is_in(priorities(narrowed.types)))
    return RecommendationList(
        total=ranked.height,
        items=_recommendations(catalog, ranked[offset : offset + size], at_locations=at_locations),
        counts={kind.value: counts.get(PRIORITY[kind], 0) for kind in visible},
        as_of=catalog.pointer.as_of,
    )


def dismiss(context: RequestContext, key: RecommendationKey, until: dt.date | None, reason: str | None) -> Dismissal:
    """Hide the recommendation up to and including `until`; doing it again sets the new `until`.

    Raises NotFound for an item or location without a row, Forbidden for a type that the caller's role is not shown,
    Invalid when `until` is in the past.
    """
    _check(context, current_catalog(context.tenant), key)
    check_until(until, context.today)
    dismissal = Dismissal(key.id, context.user_id, context.now, until, reason)

    def write(edit: CatalogEdit) -> None:
        Dismissals(context.tenant).put(edit.transaction, dismissal)
        edit.put(
            "dismissals",
            {name: getattr(dismissal, name) for name in ("recommendation_id", "until", "dismissed_by", "dismissed_at")},
        )

    edit_catalog(context.tenant, write)
    return dismissal


def restore(context: RequestContext, key: RecommendationKey) -> None:
    """Undo a dismissal; raises NotFound where there is none, Forbidden as `dismiss`."""
    _check_role(context, current_catalog(context.tenant), key)
    dismissals = Dismissals(context.tenant)

    def write(edit: CatalogEdit) -> None:
        if dismissals.get(key.id, edit.transaction) is None:
            raise NotDismissed(f"recommendation {key.id!r} is not dismissed")
        dismissals.delete(edit.transaction, key.id)
        edit.remove("dismissals", key.id)

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


def _ranked(catalog: Catalog, *, at_locations: bool) -> pl.DataFrame:
    """All recommendations in their order, with who dismissed them, when and until when (null: not dismissed)."""
    return _RANKED.of(catalog, at_locations)


def _rank(catalog: Catalog, at_locations: bool) -> pl.DataFrame:
    as_of = catalog.pointer.as_of
    rules = rules_of(catalog.settings, as_of, running_items(catalog.campaigns, as_of))
    rows = (catalog.locations if at_locations else catalog.items).frame
    dismissed = _dismissed(catalog)
    return recommended(rows, rules).join(dismissed, on=_KEY, how="left", nulls_equal=True, maintain_order="left")


_RANKED = PerCatalog[bool, pl.DataFrame](_rank)


def _dismissed(catalog: Catalog) -> pl.DataFrame:
    """The dismissals that hold on the catalog's day, by what they are of."""
    until = pl.col("until")
    table = catalog.dismissals.filter(until.is_null() | (until >= catalog.pointer.as_of))
    keys = [RecommendationKey.parse(text) for text in table["recommendation_id"]]
    named = pl.DataFrame(
        {
            "priority": [PRIORITY[key.type] for key in keys],
            "item_id": [key.item_id for key in keys],
            "location_id": [key.location_id for key in keys],
        },
        schema={"priority": pl.Int8(), "item_id": pl.String(), "location_id": pl.String()},
    )
    return pl.concat([named, table.select("until", "dismissed_by", "dismissed_at")], how="horizontal")


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
    kind = _TYPES[ranked["priority"]]
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
            "expected_daily_demand": row["expected_daily_demand"],
            "lead_time_days": row["lead_time_days"],
            "last_sale": row["last_sale"],
            "threshold": threshold(kind, row, settings),
        },
        "suggested_action": {"action": step.action, "quantity": step.quantity},
        "open_orders": [*open_lines],
        "dismissed": _dismissal(ranked),
    }


def _dismissal(ranked: _RankedRow) -> Dismissed | None:
    if ranked["dismissed_by"] is None:
        return None
    return {"by": ranked["dismissed_by"], "at": ranked["dismissed_at"], "until": ranked["until"]}
