"""Locations: kept by the client here, unless its own system keeps them."""

from __future__ import annotations

from dataclasses import replace as with_fields

import polars as pl

from shared.catalog.live import current_catalog
from shared.catalog.store import CatalogStore
from shared.domain.errors import NotFound
from shared.domain.location import Location, LocationExists, LocationHasOpenOrders, LocationHoldsStock, LocationIsSynced
from shared.firestore.locations import Locations
from shared.firestore.products import StockLevels
from shared.firestore.purchase_orders import OpenOrders
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction
from shared.firestore.versioned import Versioned
from shared.http.etag import check_if_match

_NAMED_ORDERS = 3


def page(tenant: Tenant, size: int, position: str | None) -> tuple[list[Location], str | None]:
    """Locations of one page, by id, and where the next one starts."""
    return Locations(tenant).page(size, position)


def location(tenant: Tenant, location_id: str) -> tuple[Location, str]:
    """The location and its version."""
    return Locations(tenant).get(location_id)


def create(tenant: Tenant, new: Location, *, may_exist: bool) -> tuple[Location, str]:
    """Add the location; raises Conflict when there is one of this id.

    `may_exist`: this may be a request again that was killed after it had added the location.
    """
    locations = Locations(tenant)

    def write(transaction: Transaction) -> Versioned[Location]:
        try:
            known, version = locations.get(new.location_id, transaction)
        except NotFound:
            return locations.put(transaction, new)
        if not may_exist or known != new:
            raise LocationExists(f"there is a location {new.location_id!r}: change it with PUT")
        return Versioned(known, version)

    created = tenant.transact(write)
    return created.value, created.version


def replace(tenant: Tenant, new: Location) -> tuple[Location, str]:
    """Give the location these fields; honours If-Match."""
    locations = Locations(tenant)

    def write(transaction: Transaction) -> Versioned[Location]:
        _changeable(locations, new.location_id, transaction)
        return locations.put(transaction, with_fields(new, is_synced=False))

    replaced = tenant.transact(write)
    return replaced.value, replaced.version


def delete(tenant: Tenant, location_id: str) -> None:
    """Delete the location unless it holds stock or open orders are bound for it; honours If-Match.

    Every edit of stock and every order touches the catalog's pointer. It is read first and as part of the transaction,
    so one that commits after the checks fails the commit, and all is checked again.
    """
    locations = Locations(tenant)

    def write(transaction: Transaction) -> None:
        CatalogStore(tenant).pointer(transaction)
        found = _changeable(locations, location_id, transaction)
        _refuse_with_stock(tenant, location_id)
        _refuse_with_open_orders(tenant, location_id)
        locations.remove(transaction, found)

    tenant.transact(write)


def _changeable(locations: Locations, location_id: str, transaction: Transaction) -> Location:
    found, version = locations.get(location_id, transaction)
    check_if_match(version)
    if found.is_synced:
        raise LocationIsSynced(
            f"location {location_id!r} is kept by your own system: change it there, it comes with the next sync"
        )
    return found


def _refuse_with_stock(tenant: Tenant, location_id: str) -> None:
    try:
        here = pl.col("location_id") == location_id
        held = current_catalog(tenant).locations.frame.filter(here, pl.col("current_stock") > 0)["current_stock"]
        units = held.to_list()
    except NotFound:  # before the first metrics, stock is in its documents only
        levels = (stock.levels.get(location_id, 0) for stock in StockLevels(tenant).every())
        units = [level for level in levels if level > 0]
    if units:
        raise LocationHoldsStock(
            f"location {location_id!r} holds {sum(units)} units of {len(units)} items: move or write them off first"
        )


def _refuse_with_open_orders(tenant: Tenant, location_id: str) -> None:
    bound = OpenOrders(tenant).bound_for(location_id, _NAMED_ORDERS + 1)
    if bound:
        names = ", ".join(order.po_number for order in bound[:_NAMED_ORDERS])
        more = " and more" if len(bound) > _NAMED_ORDERS else ""
        raise LocationHasOpenOrders(
            f"open orders are bound for location {location_id!r}: {names}{more}; receive, close or cancel them first"
        )
