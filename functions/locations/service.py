"""Locations: kept by the client here, unless its own system keeps them."""

from __future__ import annotations

from dataclasses import replace as with_fields
from decimal import Decimal

import polars as pl

from shared.catalog.live import catalog_or_none
from shared.catalog.store import CatalogStore
from shared.domain.errors import NotFound
from shared.domain.location import (
    Location,
    LocationExists,
    LocationHasItems,
    LocationHasOpenOrders,
    LocationHoldsStock,
    LocationIsSynced,
)
from shared.domain.name_search import words, words_of
from shared.firestore.locations import Locations
from shared.firestore.page import Page, PageRequest
from shared.firestore.products import StockLevels
from shared.firestore.purchase_orders import OpenOrders
from shared.firestore.tenant import Tenant, document_key
from shared.firestore.transaction import Transaction
from shared.firestore.versioned import Versioned
from shared.request_context import RequestContext

_NAMED = 3


def locations(context: RequestContext, search: str | None, page: PageRequest) -> Page[Versioned[Location]]:
    """A page of the locations, by id; of those alone that a search finds, for which all are read."""
    stored = Locations(context.tenant)
    if search is None:
        return stored.page(page)
    listed = _found(list(stored.every_version()), search)
    first = page.offset
    if page.position is not None:
        last_key = document_key(page.position)
        first = sum(document_key(location.value.location_id) <= last_key for location in listed)
    items = listed[first : first + page.size]
    following = items[-1].value.location_id if first + page.size < len(listed) else None
    return Page(items, following, len(listed))


def location(context: RequestContext, location_id: str) -> Versioned[Location]:
    """The location; raises LocationNotFound."""
    return Locations(context.tenant).get(location_id)


def create(context: RequestContext, new: Location) -> Versioned[Location]:
    """Add the location; raises Conflict when there is one of this id that no earlier attempt of the request added."""
    locations = Locations(context.tenant)

    def write(transaction: Transaction) -> Versioned[Location]:
        try:
            stored = locations.get(new.location_id, transaction)
        except NotFound:
            return locations.put(transaction, new)
        if not context.repeatable or stored.value != new:
            raise LocationExists(f"there is a location {new.location_id!r}: change it with PUT")
        return stored

    return context.tenant.transact(write)


def replace(context: RequestContext, new: Location) -> Versioned[Location]:
    """Give the location these fields, if it has the version that the caller expects."""
    locations = Locations(context.tenant)

    def write(transaction: Transaction) -> Versioned[Location]:
        _changeable(context, locations, new.location_id, transaction)
        return locations.put(transaction, with_fields(new, is_synced=False))

    return context.tenant.transact(write)


def delete(context: RequestContext, location_id: str) -> None:
    """Delete the location, if it has the expected version, no product is kept there and no open order is to arrive.

    Every edit of stock and every order touches the catalog's pointer. It is read first and as part of the transaction,
    so one that commits after the checks fails the commit, and all is checked again.
    """
    tenant, locations = context.tenant, Locations(context.tenant)

    def write(transaction: Transaction) -> None:
        CatalogStore(tenant).pointer(transaction)
        stored = _changeable(context, locations, location_id, transaction)
        _refuse_with_items(tenant, location_id)
        _refuse_with_open_orders(tenant, location_id)
        locations.remove(transaction, stored)

    tenant.transact(write)


def _found(stored: list[Versioned[Location]], search: str) -> list[Versioned[Location]]:
    """The locations of which each word of the search begins a word."""
    places = [location.value for location in stored]
    texts = [f"{place.location_id} {place.name} {place.city or ''} {place.country or ''}" for place in places]
    sought = [f" {word}" for word in words(search)]
    searchable = words_of(pl.Series(texts, dtype=pl.String))
    return [place for place, text in zip(stored, searchable, strict=True) if all(word in text for word in sought)]


def _changeable(context: RequestContext, locations: Locations, location_id: str, transaction: Transaction) -> Location:
    stored = locations.get(location_id, transaction)
    context.expected_version.check(stored.version)
    if stored.value.is_synced:
        raise LocationIsSynced(
            f"location {location_id!r} is kept by your own system: change it there, it comes with the next sync"
        )
    return stored.value


def _refuse_with_items(tenant: Tenant, location_id: str) -> None:
    kept = StockLevels(tenant).at(location_id, _NAMED + 1)
    if not kept:
        return
    units = _units(tenant, location_id)
    if units:
        raise LocationHoldsStock(
            f"location {location_id!r} holds {sum(units)} units of {len(units)} items: move or write them off first"
        )
    names = ", ".join(repr(stock.item_id) for stock in kept[:_NAMED])
    more = " and more" if len(kept) > _NAMED else ""
    raise LocationHasItems(
        f"products are kept at location {location_id!r}, with none in stock: {names}{more}; "
        f"take it off them first: DELETE /products/{{item_id}}/locations/{{location_id}}"
    )


def _units(tenant: Tenant, location_id: str) -> list[Decimal]:
    """What each item has in stock there, of those that have any."""
    catalog = catalog_or_none(tenant)
    if catalog is not None:
        here = (pl.col("location_id") == location_id) & (pl.col("current_stock") > 0)
        return catalog.locations.frame.filter(here)["current_stock"].to_list()
    # Before the first metrics, stock is in its documents only.
    return [units for stock in StockLevels(tenant).at(location_id) if (units := stock.levels[location_id]) > 0]


def _refuse_with_open_orders(tenant: Tenant, location_id: str) -> None:
    orders = OpenOrders(tenant).bound_for(location_id, _NAMED + 1)
    if orders:
        names = ", ".join(order.po_number for order in orders[:_NAMED])
        more = " and more" if len(orders) > _NAMED else ""
        raise LocationHasOpenOrders(
            f"open orders are bound for location {location_id!r}: {names}{more}; receive, close or cancel them first"
        )
