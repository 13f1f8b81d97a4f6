"""A supplier: whom the client buys from."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from shared.domain.errors import Conflict, NotFound
from shared.domain.unique_name import unique_name

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


class SupplierNameTaken(Conflict):
    """Another supplier has this name, but for case, spaces or the form of its characters."""

    code = "supplier_name_taken"


class ExternalIdTaken(Conflict):
    """Another supplier has this number in the client's own system."""

    code = "external_id_taken"


@dataclass(frozen=True)
class Supplier:
    """A supplier as the client maintains it, or as its own system does (`is_synced`).

    `external_id` is its number in that system. Like the name, no two suppliers of a client share it.
    `lead_time_days` is what a new condition starts with; `minimum_order_value` has 2 decimals, None: no minimum.
    """

    supplier_id: str
    name: str
    external_id: str | None = None
    contact_name: str | None = None
    contact_email: str | None = None
    contact_phone: str | None = None
    address: str | None = None
    supplier_type: str | None = None
    payment_terms: str | None = None
    lead_time_days: int | None = None
    minimum_order_value: Decimal | None = None
    notes: str | None = None
    is_synced: bool = False


# What the client's own system never sends: it may be changed here for a synced supplier too.
OWN_FIELDS = frozenset({"contact_name", "contact_email", "contact_phone", "notes"})


def edited(stored: Supplier, fields: Mapping[str, Any], given: Collection[str]) -> Supplier:
    """The supplier after a replacement of its fields; `given` names those that the caller stated.

    Of a synced supplier what is left out of the fields that its system keeps stays; raises SupplierIsSynced where
    one of these is to change.
    """
    if not stored.is_synced:
        return replace(stored, **fields)
    foreign = {name: fields[name] for name in given if name not in OWN_FIELDS}
    refused = sorted(name for name, value in foreign.items() if value != getattr(stored, name))
    if refused:
        raise SupplierIsSynced(
            f"supplier {stored.supplier_id!r} is kept by your own system: change {', '.join(refused)} there, it comes "
            f"with the next sync; here you may change {', '.join(sorted(OWN_FIELDS))}"
        )
    return replace(stored, **{name: fields[name] for name in OWN_FIELDS})


def name_key(name: str) -> str:
    """What stands for the name among those that no two suppliers of a client may share."""
    return f"name:{unique_name(name)}"


def number_key(external_id: str) -> str:
    """What stands for the number of the client's own system among those that no two suppliers may share."""
    return f"external_id:{external_id}"


def unique_keys(supplier: Supplier) -> dict[str, type[Conflict]]:
    """What the supplier alone may have among those of its client, and the refusal of another one that asks for it."""
    keys: dict[str, type[Conflict]] = {name_key(supplier.name): SupplierNameTaken}
    if supplier.external_id is not None:
        keys[number_key(supplier.external_id)] = ExternalIdTaken
    return keys


def is_email(text: str) -> bool:
    """Whether the text has the form of an email address; only a message to it shows whether it is one."""
    return re.fullmatch(EMAIL, text) is not None
