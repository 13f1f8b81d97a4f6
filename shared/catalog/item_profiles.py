"""The demand profiles of a few items, out of the chunks that their buckets are in."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import polars as pl

from shared.catalog.codec import decode
from shared.catalog.demand_profiles import PROFILE_SCHEMA, chunk_of
from shared.catalog.schema import CatalogMoving
from shared.catalog.store import CatalogStore

if TYPE_CHECKING:
    from shared.catalog.live import Snapshot

_KEPT_CHUNKS = 64  # under a megabyte each

_held: OrderedDict[tuple[str, str], pl.DataFrame] = OrderedDict()
_lock = threading.Lock()


def profiles_of_items(snapshot: Snapshot, item_ids: Iterable[str]) -> pl.DataFrame:
    """The demand profiles of these items and their locations; a read for each chunk that is not at hand."""
    wanted = sorted(set(item_ids))
    chunks = snapshot.pointer.profiles
    if not chunks or not wanted:
        return pl.DataFrame(schema=PROFILE_SCHEMA)
    named = sorted({chunk_of(item_id, chunks) for item_id in wanted})
    frames = profile_chunks(snapshot.store, named)
    return pl.concat([frame.filter(pl.col("item_id").is_in(wanted)) for frame in frames])


def profile_chunks(store: CatalogStore, ids: Sequence[str]) -> list[pl.DataFrame]:
    """The profiles of these chunks; a read for each that is not at hand. Raises CatalogMoving when one is gone."""
    # A chunk's id is its content's hash; the client is part of the key all the same: no tenant is served by another's.
    client = store.tenant.client_id
    found: dict[str, pl.DataFrame] = {}
    with _lock:
        for chunk_id in ids:
            if (client, chunk_id) in _held:
                _held.move_to_end((client, chunk_id))
                found[chunk_id] = _held[client, chunk_id]
    missing = [chunk_id for chunk_id in ids if chunk_id not in found]
    parts = store.each_chunk(missing)
    if parts is None:
        raise CatalogMoving
    for chunk_id, data in parts.items():
        found[chunk_id] = decode(data)
    with _lock:
        _held.update({(client, chunk_id): found[chunk_id] for chunk_id in missing})
        while len(_held) > _KEPT_CHUNKS:
            _held.popitem(last=False)
    return [found[chunk_id] for chunk_id in ids]
