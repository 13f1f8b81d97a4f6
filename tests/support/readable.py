"""Whether today's code reads a document: each by the codec of its collection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from shared.catalog.store import _pointer, _settings
from shared.domain.access.session import RefreshToken
from shared.firestore import (
    audit,
    campaigns,
    carts,
    clients,
    conditions,
    current_runs,
    data_sources,
    dismissals,
    forecast_batches,
    forecast_runs,
    import_mappings,
    locations,
    notifications,
    operations,
    outbox,
    products,
    purchase_orders,
    receipts,
    service_tokens,
    settings,
    suppliers,
    transfers,
    users,
    validations,
)
from shared.firestore.codec import held

# By the collections of a path, without their ids.
DECODERS: Mapping[str, Callable[[Any], object]] = {
    "clients": clients._CODEC.decode,
    "clients/audit": audit._decode,
    "clients/campaigns": campaigns._CODEC.decode,
    "clients/carts": carts._CODEC.decode,
    "clients/catalog": lambda fields: (_pointer(fields), _settings(fields)),
    "clients/current_run": current_runs._CODEC.decode,
    "clients/dismissals": dismissals._CODEC.decode,
    "clients/forecast_runs": forecast_runs._CODEC.decode,
    "clients/import_mappings": import_mappings._CODEC.decode,
    "clients/locations": locations._CODEC.decode,
    "clients/notifications": notifications._CODEC.decode,
    "clients/operations": operations._CODEC.decode,
    "clients/outbox": outbox._CODEC.decode,
    "clients/product_suppliers": conditions._CODEC.decode,
    "clients/products": products._PRODUCT.decode,
    "clients/purchase_orders": purchase_orders._CODEC.decode,
    "clients/receipts": receipts._CODEC.decode,
    "clients/service_tokens": service_tokens._CODEC.decode,
    "clients/settings": lambda fields: settings._CODEC.decode(fields) if "location_id" not in fields else fields,
    "clients/source_progress": data_sources._PROGRESSES.decode,
    "clients/sources": data_sources._SOURCES.decode,
    "clients/stock_levels": products._STOCK.decode,
    "clients/suppliers": suppliers._CODEC.decode,
    "clients/sync_states": data_sources._STATES.decode,
    "clients/transfers": transfers._CODEC.decode,
    "clients/validations": validations._CODEC.decode,
    "forecast_batches": forecast_batches._CODEC.decode,
    "users": users._CODEC.decode,
    "users/refresh_tokens": lambda fields: RefreshToken(**held(fields, RefreshToken)),
}


def unreadable(documents: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The paths of the documents that a repository cannot read."""
    return [path for path, fields in documents.items() if not _is_read(path, fields)]


def unknown_to(documents: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """As `unreadable`, of documents that a later version has given a field more."""
    return unreadable({path: {**fields, "of_a_later_version": True} for path, fields in documents.items()})


def kind_of(path: str) -> str:
    return "/".join(path.split("/")[::2])


def _is_read(path: str, fields: Mapping[str, Any]) -> bool:
    decode = DECODERS.get(kind_of(path))
    if decode is None:
        return True
    try:
        decode(fields)
    except (KeyError, TypeError, ValueError):
        return False
    return True
