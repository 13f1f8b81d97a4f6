"""Recommendations: made of the catalog's rows, once per state of the catalog, and dismissed in it too."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from functions.recommendations.explanation import reason, suggested_action, threshold
from shared.catalog.edit import CatalogEdit, edit_catalog
from shared.catalog.live import Catalog, current_catalog
from shared.catalog.per_catalog import PerCatalog
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
from shared.firestore.clients import Clients
from shared.firestore.dismissals import Dismissals
from shared.firestore.tenant import Tenant

_TYPES = {number: kind for kind, number in PRIORITY.items()}
_PRODUCT = ("item_id", "product_name", "location_id", "category", "supplier_id", "supplier_name")
_FIGURES = (
    "current_stock",
    "on_order",
    "unit_cost",
    "inventory_value",
    "dir",
    "stockout_risk",
    "expected_daily_demand",
    "lead_time_days",
    "last_sale",
)
_SHOWN = (*_PRODUCT, *_FIGURES, "first_record", "reorder_quantity")
_KEY = ["priority", "item_id", "location_id"]
_DISMISSED = {"by": "dismissed_by", "at": "dismissed_at", "until": "until"}


@dataclass(frozen=True)
class Wanted:
    """Which recommendations are listed; an empty `types`: all that the role is shown."""

    role: Role
    types: Sequence[RecommendationType] = ()
    location_id: str | None = None
    include_dismissed: bool = False


@dataclass(frozen=True)
class Listed:
    """One page, and what goes with it."""

    total: int
    items: list[dict[str, Any]]
    counts: dict[str, int]
    as_of: dt.date


def list_recommendations(tenant: Tenant, wanted: Wanted, offset: int, size: int) -> Listed:
    """One page of the recommendations, the most pressing first."""
    catalog = current_catalog(tenant)
    found = _ranked(catalog, at_locations=wanted.location_id is not None)
    visible = types_of_role(catalog.pointer.settings.recommendation_rules, wanted.role)
    condition = pl.col("priority").is_in(priorities(visible))
    if wanted.location_id is not None:
        condition &= pl.col("location_id") == wanted.location_id
    if not wanted.include_dismissed:
        condition &= pl.col("dismissed_by").is_null()
    found = found.filter(condition)
    counted = dict(found["priority"].value_counts().iter_rows())
    if wanted.types:
        found = found.filter(pl.col("priority").is_in(priorities(wanted.types)))
    return Listed(
        total=found.height,
        items=_shown(catalog, found[offset : offset + size], at_locations=wanted.location_id is not None),
        counts={kind.value: counted.get(PRIORITY[kind], 0) for kind in visible},
        as_of=catalog.pointer.as_of,
    )


def dismiss(tenant: Tenant, key: RecommendationKey, dismissal: Dismissal, role: Role | None) -> None:
    """Hide the recommendation up to and including `until`; doing it again sets the new `until`.

    Raises NotFound for an item or location without a row, Forbidden for a type that `role` is not shown (None: every
    type may be dismissed), Invalid when `until` is in the past.
    """
    _check(current_catalog(tenant), key, role)
    check_until(dismissal.until, Clients(tenant.database).get(tenant.client_id).today(dismissal.dismissed_at))

    def write(edit: CatalogEdit) -> None:
        Dismissals(tenant).put(edit.transaction, dismissal)
        edit.put(
            "dismissals",
            {name: getattr(dismissal, name) for name in ("recommendation_id", "until", "dismissed_by", "dismissed_at")},
        )

    edit_catalog(tenant, write)


def restore(tenant: Tenant, key: RecommendationKey, role: Role | None) -> None:
    """Undo a dismissal; raises NotFound where there is none, Forbidden as `dismiss`."""
    _check_role(current_catalog(tenant), key, role)

    def write(edit: CatalogEdit) -> None:
        if Dismissals(tenant).get(key.id, edit.transaction) is None:
            raise NotDismissed(f"recommendation {key.id!r} is not dismissed")
        Dismissals(tenant).delete(edit.transaction, key.id)
        edit.remove("dismissals", key.id)

    edit_catalog(tenant, write)


def _check(catalog: Catalog, key: RecommendationKey, role: Role | None) -> None:
    _check_role(catalog, key, role)
    if catalog.items.rows_of(key.item_id).is_empty():
        raise ProductNotFound(key.item_id)
    places = catalog.locations.rows_of(key.item_id)["location_id"]
    if key.location_id is not None and key.location_id not in places:
        raise RecommendationNotFound(f"product {key.item_id!r} is not kept at location {key.location_id!r}")


def _check_role(catalog: Catalog, key: RecommendationKey, role: Role | None) -> None:
    """A dismissal is for everybody: nobody hides what only other roles see."""
    if role is None:
        return
    types = types_of_role(catalog.pointer.settings.recommendation_rules, role)
    if key.type not in types:
        names = ", ".join(kind.value for kind in types)
        raise RecommendationNotYours(f"your role {role.value} is not shown {key.type.value}; it is shown: {names}")


def _ranked(catalog: Catalog, *, at_locations: bool) -> pl.DataFrame:
    """All recommendations in their order, with who dismissed them, when and until when (null: not dismissed)."""
    return _RANKED.of(catalog, at_locations)


def _rank(catalog: Catalog, at_locations: bool) -> pl.DataFrame:
    as_of = catalog.pointer.as_of
    rules = rules_of(catalog.pointer.settings, as_of, running_items(catalog.campaigns, as_of))
    rows = (catalog.locations if at_locations else catalog.items).frame
    dismissed = _dismissed(catalog)
    return recommended(rows, rules).join(dismissed, on=_KEY, how="left", nulls_equal=True, maintain_order="left")


_RANKED = PerCatalog[bool, pl.DataFrame](_rank)


def running_items(campaigns: pl.DataFrame, as_of: dt.date) -> list[str]:
    """The items of the campaigns that run on that day."""
    running = campaigns.filter(pl.lit(as_of).is_between(pl.col("start_date"), pl.col("end_date")))
    return running["item_ids"].explode().drop_nulls().unique().to_list()


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


def _shown(catalog: Catalog, page: pl.DataFrame, *, at_locations: bool) -> list[dict[str, Any]]:
    frame = (catalog.locations if at_locations else catalog.items).frame
    rows = frame.select(_SHOWN)[page["row"]].rows(named=True)
    orders = _open_lines(catalog, page["item_id"])
    settings = catalog.pointer.settings
    return [
        _recommendation(found, row, _of_place(orders.get(row["item_id"], ()), row["location_id"]), settings)
        for found, row in zip(page.rows(named=True), rows, strict=True)
    ]


def _open_lines(catalog: Catalog, items: pl.Series) -> dict[str, list[dict[str, Any]]]:
    """The outstanding order lines of each item; only the rows of whole items have them."""
    rows = catalog.items.frame.filter(pl.col("item_id").is_in(items.unique().implode()))
    return {item: lines or [] for item, lines in rows.select("item_id", "open_lines").iter_rows()}


def _of_place(lines: Iterable[dict[str, Any]], location_id: str | None) -> list[dict[str, Any]]:
    return [line for line in lines if location_id is None or line["location_id"] == location_id]


def _recommendation(
    found: dict[str, Any], row: dict[str, Any], open_orders: list[dict[str, Any]], settings: Settings
) -> dict[str, Any]:
    kind = _TYPES[found["priority"]]
    dismissed = {name: found[column] for name, column in _DISMISSED.items()} if found["dismissed_by"] else None
    return {
        "id": RecommendationKey(kind, row["item_id"], row["location_id"]).id,
        "type": kind,
        "priority": found["priority"],
        **{name: row[name] for name in _PRODUCT},
        "money_at_stake": found["money_at_stake"],
        "reason": reason(kind, row, open_orders, settings),
        "figures": {name: row[name] for name in _FIGURES} | {"threshold": threshold(kind, row, settings)},
        "suggested_action": suggested_action(kind, row, open_orders, settings),
        "open_orders": open_orders,
        "dismissed": dismissed,
    }
