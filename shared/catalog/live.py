"""The catalog as a function instance holds it: the last snapshot, with the edits made since on top."""

from __future__ import annotations

import datetime as dt
import threading
from dataclasses import dataclass, field, replace
from functools import cached_property

import polars as pl

from shared.catalog.codec import decode
from shared.catalog.indexed import IndexedFrame
from shared.catalog.store import CatalogStore, Change, Pointer, PointerState
from shared.domain.errors import NotFound, Unavailable
from shared.firestore.tenant import Tenant
from shared.logs import log

_KEPT_TENANTS = 8
_LOAD_ATTEMPTS = 3


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A published snapshot; its frames are read and decoded when first looked at."""

    store: CatalogStore
    pointer: Pointer

    @cached_property
    def items(self) -> IndexedFrame:
        return IndexedFrame(self._frame(self.pointer.items))

    @cached_property
    def locations(self) -> IndexedFrame:
        return IndexedFrame(self._frame(self.pointer.locations))

    def _frame(self, chunks: tuple[str, ...]) -> pl.DataFrame:
        data = self.store.chunks(chunks)
        if data is None:
            raise SnapshotReplacedError("catalog_moving", "the catalog is being replaced; try again shortly")
        return decode(data)


class SnapshotReplacedError(Unavailable):
    """The snapshot's chunks are gone: read the pointer again."""


@dataclass(frozen=True, eq=False)
class Catalog:
    """What a request works on: rows of items and of items at locations, and where they come from."""

    snapshot: Snapshot
    changes: dict[str, Change] = field(default_factory=dict)
    moved_at: dt.datetime | None = None

    @property
    def pointer(self) -> Pointer:
        return self.snapshot.pointer

    @cached_property
    def items(self) -> IndexedFrame:
        return self._edited(self.snapshot.items, pl.col("location_id").is_null())

    @cached_property
    def locations(self) -> IndexedFrame:
        return self._edited(self.snapshot.locations, pl.col("location_id").is_not_null())

    def _edited(self, base: IndexedFrame, part: pl.Expr) -> IndexedFrame:
        if not self.changes:
            return base
        changed = pl.concat([change.frame for change in self.changes.values()])
        # An edit without rows is of an item that was not in the catalog yet; a snapshot that has it knows best.
        return base.with_rows(changed.filter(part), changed["item_id"])


_held: dict[str, Catalog] = {}
_lock = threading.Lock()


def current_catalog(tenant: Tenant) -> Catalog:
    """The tenant's catalog as of now. Costs one read when nothing changed; raises NotFound while there is none."""
    store = CatalogStore(tenant)
    key = f"{tenant.database.project}/{tenant.client_id}"
    for _ in range(_LOAD_ATTEMPTS):
        held = _held.get(key)
        state = store.pointer_after(held.moved_at if held is not None else None)
        if state is None and held is not None:
            return held
        if state is None or state.pointer is None:
            _held.pop(key, None)
            raise NotFound(
                "catalog_not_ready",
                "no metrics have been computed yet; POST /inventory/metrics/refresh, then try again",
            )
        try:
            catalog = _advance(store, held, state, state.pointer)
            catalog.items  # noqa: B018 - decode now, while the chunks are known to exist
        except SnapshotReplacedError:
            log("INFO", "catalog snapshot was replaced while it was read", client_id=tenant.client_id)
            continue
        with _lock:
            if len(_held) >= _KEPT_TENANTS and key not in _held:
                _held.pop(next(iter(_held)))
            _held[key] = catalog
        return catalog
    raise Unavailable("catalog_moving", "the catalog is being replaced; try again shortly")


def _advance(store: CatalogStore, held: Catalog | None, state: PointerState, pointer: Pointer) -> Catalog:
    """The catalog at `state`, reusing what is held of it."""
    if held is None or held.pointer.version > pointer.version:
        held = None
    same_snapshot = held is not None and held.pointer.version == pointer.version
    known = dict(held.changes) if held is not None else {}
    since = pointer.read_time if held is None or held.moved_at is None else held.moved_at
    for change in store.changes_since(since):
        # One that is known already keeps its decoded rows.
        if change.item_id not in known or known[change.item_id].committed_at != change.committed_at:
            known[change.item_id] = change
    changes = {item: change for item, change in known.items() if change.committed_at > pointer.read_time}
    if same_snapshot and held is not None:
        return replace(held, changes=changes, moved_at=state.moved_at)
    return Catalog(Snapshot(store, pointer), changes, state.moved_at)
