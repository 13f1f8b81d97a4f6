"""The catalog as a function instance holds it: the last snapshot, with the edits made since on top."""

from __future__ import annotations

import datetime as dt
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import polars as pl

from shared.catalog.codec import decode
from shared.catalog.indexed import IndexedFrame
from shared.catalog.schema import SIDE_TABLES, CatalogMoving, CatalogNotReady
from shared.catalog.store import CatalogStore, Edit, Pointer, PointerState
from shared.catalog.supplier_records import timed
from shared.domain.access.ended_access import EndedAccess
from shared.domain.errors import NotFound
from shared.domain.settings import Settings
from shared.firestore.tenant import Tenant
from shared.telemetry.logs import log
from shared.telemetry.work_record import current_record, timing

if TYPE_CHECKING:
    from shared.domain.planning.service_level import ServiceLevels

# Of the catalogs of all tenants together, beside the last one: 640 bytes a row (measured), so 250 MiB. An instance that
# serves more tenants than it holds reads a snapshot for every request: 10,000 items take 32 ms of a core (measured).
_HELD_ROWS = 400_000
_LOAD_ATTEMPTS = 3
_PATIENCE_S = 2.0  # with another thread that loads the same catalog


class Frames(Protocol):
    """Rows of items, and of items at locations."""

    @property
    def items(self) -> IndexedFrame: ...

    @property
    def locations(self) -> IndexedFrame: ...


@dataclass(frozen=True, eq=False)
class RestatedRows:
    """The rows of a snapshot under settings that it was not computed under."""

    items: IndexedFrame
    locations: IndexedFrame


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

    def under(self, settings: Settings) -> Frames:
        """The rows under these settings: as they are, or computed again from their demand profiles.

        Again costs a read for each chunk of rows and profiles, once for each settings.
        """
        key = settings.metric_inputs
        if key == self.pointer.settings.metric_inputs:
            return self
        if key not in self._restated:
            rows = self.restated(pl.concat([self.items.frame, self.locations.frame]), settings)
            whole = pl.col("location_id").is_null()
            self._restated.clear()
            self._restated[key] = RestatedRows(IndexedFrame(rows.filter(whole)), IndexedFrame(rows.filter(~whole)))
        return self._restated[key]

    def restated(self, rows: pl.DataFrame, settings: Settings) -> pl.DataFrame:
        """Rows of items, each with those of its locations, computed under these settings; sorted by their key."""
        from shared.catalog.restatement import restated  # numpy is not needed before

        return restated(rows, self, settings)

    def service_levels(self, settings: Settings) -> ServiceLevels:
        """Who gets which service level: as the refresh allocated them, under other settings allocated again."""
        from shared.domain.planning.service_level import ServiceLevels  # numpy is not needed before

        key = settings.metric_inputs
        if key == self.pointer.settings.metric_inputs:
            return ServiceLevels(settings.service_level, self.pointer.level_factor)
        if key not in self._levels:
            from shared.catalog.evaluation import service_levels

            self._levels.clear()
            self._levels[key] = service_levels(self.items.frame, settings)
        return self._levels[key]

    @cached_property
    def _levels(self) -> dict[str, ServiceLevels]:
        return {}

    @property
    def restatements(self) -> tuple[RestatedRows, ...]:
        """The rows under other settings that are held."""
        return tuple(self._restated.values())

    @cached_property
    def _restated(self) -> dict[str, RestatedRows]:
        return {}

    def side(self, table: str) -> pl.DataFrame:
        """A side table; a read when it is first looked at."""
        if table not in self._sides:
            chunks = self.pointer.sides.get(table, ())
            self._sides[table] = self._frame(chunks) if chunks else pl.DataFrame(schema=SIDE_TABLES[table])
        return self._sides[table]

    @cached_property
    def _sides(self) -> dict[str, pl.DataFrame]:
        return {}

    def _frame(self, chunks: tuple[str, ...]) -> pl.DataFrame:
        data = self.store.chunks(chunks)
        if data is None:
            raise CatalogMoving
        return decode(data)


@dataclass(frozen=True, eq=False)
class Catalog:
    """What a request works on: rows of items and of items at locations, side tables, and where they come from.

    `settings` are the client's as they are now: what depends on them is computed under them, whenever they were saved.
    """

    snapshot: Snapshot
    settings: Settings
    edits: tuple[Edit, ...] = ()  # in the order of their commits
    moved_at: dt.datetime | None = None
    ended: EndedAccess = field(default_factory=EndedAccess)

    @property
    def pointer(self) -> Pointer:
        return self.snapshot.pointer

    @property
    def state(self) -> str:
        """The version of all that the catalog shows: another one after every edit and publication."""
        return f"{self.pointer.version}-{self.moved_at}"

    @cached_property
    def items(self) -> IndexedFrame:
        return self._edited(self.snapshot.under(self.settings).items, at_locations=False)

    @cached_property
    def locations(self) -> IndexedFrame:
        return self._edited(self.snapshot.under(self.settings).locations, at_locations=True)

    @cached_property
    def suppliers(self) -> pl.DataFrame:
        """All suppliers with all that their list shows (schema.SIDE_TABLES)."""
        return self._side("suppliers")

    @cached_property
    def campaigns(self) -> pl.DataFrame:
        """Campaigns that run or are planned: campaign_id, name, start_date, end_date, item_ids."""
        return self._side("campaigns")

    @cached_property
    def dismissals(self) -> pl.DataFrame:
        """Dismissed recommendations: recommendation_id, until, dismissed_by, dismissed_at."""
        return self._side("dismissals")

    def has(self, edit_id: str) -> bool:
        """Whether this edit is one of those made since the snapshot that this catalog knows."""
        return edit_id in self._edit_ids

    def edits_of(self, table: str) -> frozenset[str]:
        """The edits since the snapshot that change records of this side table."""
        return frozenset(edit.id for edit in self.edits if table in edit.encoded_sides)

    def is_as_of(self, state: PointerState) -> bool:
        """Whether it shows all that there was at this state."""
        return self.moved_at is not None and state.moved_at is not None and self.moved_at >= state.moved_at

    @property
    def held_rows(self) -> int:
        """Of how many rows its frames are in memory; those with edits, or under other settings, count again."""
        owners = (self, self.snapshot, *self.snapshot.restatements)
        frames = {frame for owner in owners for name in ("items", "locations") if (frame := vars(owner).get(name))}
        return sum(frame.frame.height for frame in frames)

    @cached_property
    def _edit_ids(self) -> frozenset[str]:
        return frozenset(edit.id for edit in self.edits)

    def _edited(self, base: IndexedFrame, *, at_locations: bool) -> IndexedFrame:
        """The base with the edits' rows in it, of items as a whole or at locations.

        Row by row where that serves: of a few rows polars takes longer to plan a query than to make it.
        """
        last = {item_id: number for number, edit in enumerate(self.edits) for item_id in edit.item_ids}
        names = self._new_names
        if not last and names.is_empty():
            return base
        pieces = [base.frame.clear()]
        for number, edit in enumerate(self.edits):
            mine = [item_id for item_id in edit.item_ids if last[item_id] == number]
            rows = self._rows_of(edit)
            pieces.append(rows if len(mine) == len(edit.item_ids) else rows.filter(pl.col("item_id").is_in(mine)))
        # An edit without rows is of an item that was not in the catalog yet; a snapshot that has it knows best.
        changed = pl.concat(pieces)
        items = set(changed["item_id"])
        changed = changed[
            [row for row, place in enumerate(changed["location_id"]) if (place is not None) == at_locations]
        ]
        if names.height:
            theirs = pl.col("supplier_id").is_in(names["supplier_id"].implode())
            renamed = base.frame.filter(theirs & ~pl.col("item_id").is_in(items))
            items.update(renamed["item_id"])
            changed = (
                pl.concat([changed, renamed])
                .join(names, on="supplier_id", how="left", maintain_order="left")
                .with_columns(supplier_name=pl.coalesce("name", "supplier_name"))
                .drop("name")
            )
        return base.with_rows(changed, items)

    def _rows_of(self, edit: Edit) -> pl.DataFrame:
        """The rows of an edit under the settings as they are now."""
        key = self.settings.metric_inputs
        if key == edit.metric_inputs or edit.rows.is_empty():
            return edit.rows
        if key not in edit.restated:
            edit.restated.clear()
            edit.restated[key] = self.snapshot.restated(edit.rows, self.settings)
        return edit.restated[key]

    @cached_property
    def _new_names(self) -> pl.DataFrame:
        """supplier_id and name of the suppliers that were edited."""
        edited = self._side_changes("suppliers")
        kept = edited if edited.is_empty() else edited.filter(~pl.col("removed"))
        return kept[["supplier_id", "name"]]

    def _side(self, table: str) -> pl.DataFrame:
        base, edited = self.snapshot.side(table), self._side_changes(table)
        if edited.is_empty():
            return base
        key = edited.columns[0]
        kept = base.filter(~pl.col(key).is_in(edited[key].implode()))
        return pl.concat([kept, edited.filter(~pl.col("removed")).drop("removed")])

    def _side_changes(self, table: str) -> pl.DataFrame:
        """The last edit of each record, with a column `removed`."""
        empty = pl.DataFrame(schema=SIDE_TABLES[table] | {"removed": pl.Boolean()})
        changes = [_timed_side(edit, table) for edit in self.edits if table in edit.encoded_sides]
        if not changes:
            return empty
        edited = pl.concat([empty, *changes])
        return edited.unique(edited.columns[0], keep="last", maintain_order=True)


def _timed_side(edit: Edit, table: str) -> pl.DataFrame:
    records = edit.sides[table]
    return timed(records, edit.committed_at) if table == "suppliers" else records


@dataclass(frozen=True, eq=False)
class _Look:
    """What a pointer says: the catalog, None before the first metrics, and what access has ended."""

    catalog: Catalog | None
    ended: EndedAccess


_held: OrderedDict[str, Catalog] = OrderedDict()  # the one that was asked for last is the last
_lock = threading.Lock()
_loading: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
_of_this_request: ContextVar[tuple[str, _Look] | None] = ContextVar("catalog of this request", default=None)


@contextmanager
def reading(tenant: Tenant) -> Iterator[EndedAccess]:
    """Look at the tenant's catalog, which `current_catalog` gives until the end of the block without another read;
    what access has ended is in its pointer, also before the first metrics.

    For what only reads: an edit made in the block is not seen.
    """
    look = _looked_at(tenant)
    token = _of_this_request.set((_key(tenant), look))
    try:
        yield look.ended
    finally:
        _of_this_request.reset(token)


def current_catalog(tenant: Tenant) -> Catalog:
    """The tenant's catalog as of now. Costs one read when nothing changed; raises NotFound while there is none."""
    being_read = _of_this_request.get()
    look = being_read[1] if being_read is not None and being_read[0] == _key(tenant) else _looked_at(tenant)
    if look.catalog is None:
        raise CatalogNotReady("no metrics have been computed yet; POST /inventory/metrics/refresh, then try again")
    return look.catalog


@timing("catalog")
def _looked_at(tenant: Tenant) -> _Look:
    key, store, record = _key(tenant), CatalogStore(tenant), current_record.get()
    for _ in range(_LOAD_ATTEMPTS):
        held = _held.get(key)
        state = store.pointer_after(held.moved_at if held is not None else None)
        if state is None and held is not None:
            if record is not None:
                record.catalog_hits += 1
            with _lock:
                if key in _held:
                    _held.move_to_end(key)
            return _Look(held, held.ended)
        if state is None or state.pointer is None:
            with _lock:
                _held.pop(key, None)
            return _Look(None, EndedAccess() if state is None else state.ended)
        try:
            catalog = _loaded(store, key, state, state.pointer)
        except CatalogMoving:
            log("INFO", "catalog snapshot was replaced while it was read", client_id=tenant.client_id)
            continue
        if record is not None:
            record.catalog_loads += 1
        return _Look(catalog, catalog.ended)
    raise CatalogMoving


def _loaded(store: CatalogStore, key: str, state: PointerState, pointer: Pointer) -> Catalog:
    """The catalog at `state` or later. Of the threads that ask for it at once one loads it: each would need the same
    reads, time and memory."""
    is_mine = _loading[key].acquire(timeout=_PATIENCE_S)
    try:
        held = _held.get(key)
        if held is not None and held.is_as_of(state):
            return held
        catalog = _advance(store, held, state, pointer)
        catalog.items  # noqa: B018 - decode now, while the chunks are known to exist
        _hold(key, catalog)
        return catalog
    finally:
        if is_mine:
            _loading[key].release()


def _hold(key: str, catalog: Catalog) -> None:
    """Keep it, and let those go that nobody has asked for the longest."""
    with _lock:
        _held[key] = catalog
        _held.move_to_end(key)
        rows = sum(each.held_rows for each in _held.values())
        while rows > _HELD_ROWS and len(_held) > 1:
            rows -= _held.popitem(last=False)[1].held_rows


def _key(tenant: Tenant) -> str:
    return f"{tenant.database.project}/{tenant.client_id}"


def catalog_or_none(tenant: Tenant) -> Catalog | None:
    """The tenant's catalog as of now, None before its first metrics."""
    try:
        return current_catalog(tenant)
    except NotFound:
        return None


def product_ids(tenant: Tenant) -> list[str] | None:
    """The items of the tenant's last snapshot, None before the first one. Nothing is held in memory afterwards."""
    store = CatalogStore(tenant)
    for _ in range(_LOAD_ATTEMPTS):
        pointer = store.pointer().pointer
        if pointer is None:
            return None
        try:
            return [str(item_id) for item_id in Snapshot(store, pointer).items.frame["item_id"]]
        except CatalogMoving:
            log("INFO", "catalog snapshot was replaced while it was read", client_id=tenant.client_id)
    raise CatalogMoving


def _advance(store: CatalogStore, held: Catalog | None, state: PointerState, pointer: Pointer) -> Catalog:
    """The catalog at `state`, reusing what is held of it."""
    known = {edit.id: edit for edit in held.edits} if held is not None else {}
    fresh = store.edits(state.edits - known.keys())
    if fresh is None:
        raise CatalogMoving
    kept = [edit for edit in known.values() if edit.id in state.edits]
    edits = tuple(sorted([*kept, *fresh], key=lambda edit: edit.place))
    settings = state.settings or pointer.settings
    if held is not None and held.pointer.version == pointer.version:
        return replace(held, settings=settings, edits=edits, moved_at=state.moved_at, ended=state.ended)
    return Catalog(Snapshot(store, pointer), settings, edits, state.moved_at, state.ended)
