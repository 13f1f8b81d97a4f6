"""A movement of stock from one of the client's locations to another."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from shared.domain.errors import InvalidField, NotFound


class TransferNotFound(NotFound):
    """There is no such transfer."""

    code = "transfer_not_found"

    def __init__(self, transfer_id: str) -> None:
        super().__init__(f"no transfer {transfer_id!r}")


class TransferToItself(InvalidField):
    """Stock cannot be moved to the location at which it is."""

    code = "transfer_to_itself"


@dataclass(frozen=True)
class StockTransfer:
    """So many units of an item, moved at `created_at` by a user. It is done, and stays as it is."""

    id: str
    item_id: str
    from_location_id: str
    to_location_id: str
    quantity: Decimal
    reason: str | None
    created_by: str
    created_at: dt.datetime


@dataclass(frozen=True)
class TransferFilter:
    """The filters of a list; several values mean any of them, none: no filter. A location is either end of a transfer.
    The times include their ends."""

    item_ids: tuple[str, ...] = ()
    location_ids: tuple[str, ...] = ()
    since: dt.datetime | None = None
    until: dt.datetime | None = None
