"""A supplier: whom the client buys from."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal

from shared.domain.errors import Conflict, NotFound

MAX_SUPPLIER_ID_LENGTH = 200
MAX_LEAD_TIME_DAYS = 730  # two years: more is a slip of the keyboard
MAX_ORDER_VALUE = 1_000_000_000
# Means the same to Python and to polars.
EMAIL = r"^[^@\s,;<>]+@[^@\s,;<>.]+(?:\.[^@\s,;<>.]+)+$"


class SupplierNotFound(NotFound):
    """There is no such supplier."""

    code = "supplier_not_found"

    def __init__(self, supplier_id: str) -> None:
        super().__init__(f"no supplier {supplier_id!r}")


class SupplierDeleted(Conflict):
    """A supplier of the file was deleted while it was imported."""

    code = "supplier_deleted"


class SupplierIsSynced(Conflict):
    """The supplier is kept by the client's own system."""

    code = "supplier_is_synced"


class SupplierLinked(Conflict):
    """A supplier that sells a product cannot be deleted."""

    code = "supplier_linked"


class SupplierOrderedFrom(Conflict):
    """A supplier with orders cannot be deleted: their history needs it."""

    code = "supplier_ordered_from"


class SupplierExists(Conflict):
    """There is a supplier of this id already."""

    code = "supplier_exists"


@dataclass(frozen=True)
class Supplier:
    """A supplier as the client maintains it, or as its own system does (`is_synced`: we never change that one).

    `lead_time_days` is what a new condition starts with; `minimum_order_value` has 2 decimals, None: no minimum.
    """

    supplier_id: str
    name: str
    email: str | None = None
    phone: str | None = None
    address: str | None = None
    contact_name: str | None = None
    payment_terms: str | None = None
    lead_time_days: int | None = None
    minimum_order_value: Decimal | None = None
    note: str | None = None
    is_synced: bool = False
    created_at: dt.datetime | None = None


def is_email(text: str) -> bool:
    """Whether the text has the form of an email address; only a message to it shows whether it is one."""
    return re.fullmatch(EMAIL, text) is not None
