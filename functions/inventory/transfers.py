"""Stock moved from one location to another: the movement, and the list of those that were made."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from functions.inventory.schemas import TransferBody, TransferQuery
from shared.catalog.edit import CatalogEdit, edit_item
from shared.catalog.stock_correction import check_place
from shared.domain.access.audit import AuditAction
from shared.domain.dates import InvalidRange
from shared.domain.money import round_quantity
from shared.domain.purchasing.product import StockLevel
from shared.domain.purchasing.stock_transfer import StockTransfer, TransferFilter, TransferToItself
from shared.firestore.audit import AuditLog
from shared.firestore.page import Page
from shared.firestore.products import Products, StockLevels
from shared.firestore.transfers import Transfers
from shared.firestore.versioned import Versioned
from shared.request_context import RequestContext

_ENDS = ("from_location_id", "to_location_id")


def transfers(context: RequestContext, query: TransferQuery) -> Page[Versioned[StockTransfer]]:
    """A page of the transfers under the filters, the newest first; raises InvalidRange."""
    since, until = query.from_date, query.to_date
    if since is not None and until is not None and until < since:
        raise InvalidRange("query/to_date", f"to_date ({until}) is before from_date ({since})")
    wanted = TransferFilter(
        item_ids=tuple(query.item_id or ()),
        location_ids=tuple(query.location_id or ()),
        since=None if since is None else dt.datetime.combine(since, dt.time.min, dt.UTC),
        until=None if until is None else dt.datetime.combine(until, dt.time.max, dt.UTC),
    )
    return Transfers(context.tenant).page(query.request(), wanted)


def transfer(context: RequestContext, transfer_id: str) -> Versioned[StockTransfer]:
    """The transfer; raises TransferNotFound."""
    return Transfers(context.tenant).get(transfer_id)


def move(context: RequestContext, body: TransferBody) -> Versioned[StockTransfer]:
    """Move stock between two locations, or find the transfer that an earlier attempt of the request made.

    Raises ProductNotFound, NotEnoughStock, StockDiffers where the caller expects another stock where it comes from,
    and of a field TransferToItself and LocationNotFound.
    """
    origin, destination = body.from_location_id, body.to_location_id
    if origin == destination:
        raise TransferToItself("/to_location_id", f"{destination!r} is where the stock is; name another location")
    tenant = context.tenant
    new = StockTransfer(
        id=context.new_id(),
        item_id=body.item_id,
        from_location_id=origin,
        to_location_id=destination,
        quantity=round_quantity(body.quantity),
        reason=body.reason,
        created_by=context.user_id,
        created_at=context.now,
    )

    def work(edit: CatalogEdit) -> Versioned[StockTransfer]:
        stored = Transfers(tenant).find(new.id, edit.transaction) if context.repeatable else None
        return _moved(context, edit, new, body.expected_stock) if stored is None else stored

    return edit_item(tenant, body.item_id, work)


def _moved(
    context: RequestContext, edit: CatalogEdit, new: StockTransfer, expected_stock: Decimal | None
) -> Versioned[StockTransfer]:
    tenant = context.tenant
    Products(tenant).get(new.item_id)
    before = StockLevels(tenant).get(new.item_id)
    for name in _ENDS:
        check_place(tenant, edit, before, getattr(new, name), f"/{name}")
    before.check_expected(new.from_location_id, expected_stock)
    after = before.moved(new.from_location_id, new.to_location_id, new.quantity, new.created_at)
    StockLevels(tenant).put(edit.transaction, after)
    edit.set_stock(after)
    AuditLog(tenant, context.config).add(
        edit.transaction,
        context.actor,
        AuditAction.STOCK_TRANSFERRED,
        new.item_id,
        before={"levels": _levels(before, new)},
        after={"levels": _levels(after, new), "transfer_id": new.id},
        reason=new.reason,
    )
    return Transfers(tenant).create(edit.transaction, new)


def _levels(stock: StockLevel, moved: StockTransfer) -> dict[str, Decimal]:
    """What is in stock at both ends."""
    nothing = Decimal(0)
    places = (moved.from_location_id, moved.to_location_id)
    return {place: round_quantity(stock.levels.get(place, nothing)) for place in places}
