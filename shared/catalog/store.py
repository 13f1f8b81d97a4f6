"""The catalog's documents: a pointer, the chunks it names, and the edits made since, which it names too.

The pointer is what tells a reader whether anything happened: every edit adds its id to it blindly (without reading it)
in its own transaction, so a request that finds the pointer's update time unchanged has cost one read, and one that does
not reads exactly the edits that it lacks. A query for new changes would cost the same read, but needs a time margin,
and so reads recent changes again and again.

An edit is one document, however many items it changes. Beside it, each item has a small document that names its last
edit: whoever changes the item reads and writes it, which serialises the edits of an item and of nothing else.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from google.cloud.firestore import SERVER_TIMESTAMP

from shared.catalog.codec import CHUNK_BYTES, decode, encode
from shared.domain.access.ended_access import EndedAccess
from shared.domain.errors import Conflict
from shared.domain.settings import Settings
from shared.firestore.catalog_documents import ENDED_ACCESS_FIELD, SETTINGS_FIELD, CatalogDocuments
from shared.firestore.driver import full_path, get_document
from shared.firestore.ended_access import decoded, encoded
from shared.firestore.stored_models import stored_json, stored_model
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction, read

if TYPE_CHECKING:
    import polars as pl
    from google.cloud.firestore import DocumentSnapshot

_LONG_TIMEOUT_S = 120.0


class CatalogBaseMoved(Conflict):
    """Another snapshot was published during a refresh."""

    code = "catalog_base_moved"


@dataclass(frozen=True)
class Pointer:
    """Which chunks make the current snapshot, and what it was computed from."""

    version: int  # microseconds of `read_time`: later state, larger version
    read_time: dt.datetime  # every edit committed until then is in it
    base_version: int | None  # the snapshot it took products and stock from; None: from their documents
    as_of: dt.date
    computed_at: dt.datetime
    forecast_run_id: str | None
    forecast_run_date: dt.date | None
    settings: Settings  # that the rows were computed under
    level_factor: float | None  # of `ServiceLevels`, under these settings
    items: tuple[str, ...]
    locations: tuple[str, ...]
    profiles: tuple[str, ...]
    sides: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by table; one without records has no chunk
    earlier_headlines: bytes = b""  # what the dashboard compares with: EarlierHeadlines, encoded
    previous: tuple[str, ...] = ()  # chunks of the snapshot before, for instances that still read it
    last_sale: dt.date | None = None  # the newest of any item

    @property
    def chunks(self) -> set[str]:
        """Every chunk that the snapshot is made of."""
        return {
            *self.items,
            *self.locations,
            *self.profiles,
            *(chunk_id for ids in self.sides.values() for chunk_id in ids),
        }


@dataclass(frozen=True, eq=False)
class Edit:
    """What one transaction changed: the rows of its items, and records of side tables.

    An item without rows was not in any snapshot when it was edited.
    """

    id: str
    committed_at: dt.datetime
    written_at: dt.datetime  # the same to the millisecond; an export that is imported keeps this one alone
    item_ids: tuple[str, ...]
    encoded_rows: bytes
    encoded_sides: Mapping[str, bytes]
    metric_inputs: str  # Settings.metric_inputs of those that the rows were computed under

    @property
    def place(self) -> tuple[dt.datetime, dt.datetime, str]:
        """Where it stands in the order of commits."""
        return self.written_at, self.committed_at, self.id

    @cached_property
    def rows(self) -> pl.DataFrame:
        """The rows, decoded once for all the catalogs that they are part of."""
        return decode(self.encoded_rows)

    @cached_property
    def restated(self) -> dict[str, pl.DataFrame]:
        """The rows under other settings, by their `metric_inputs`: kept here by who computes them."""
        return {}

    @cached_property
    def sides(self) -> dict[str, pl.DataFrame]:
        """The changed records by table, with a column `removed`."""
        return {name: decode(data) for name, data in self.encoded_sides.items()}


@dataclass(frozen=True)
class PointerState:
    """The pointer as read: None while nothing was published; `moved_at` changes with every edit and publication."""

    pointer: Pointer | None
    moved_at: dt.datetime | None
    edits: frozenset[str] = frozenset()  # made since the snapshot
    settings: Settings | None = None  # saved since the first snapshot; the snapshot may be computed under others
    ended: EndedAccess = field(default_factory=EndedAccess)


@dataclass(frozen=True)
class TimedPointerState(PointerState):
    # the database's time: all that was committed by then, and nothing later, was seen
    read_time: dt.datetime = dt.datetime.min


class CatalogStore:
    """The catalog documents of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self._documents = CatalogDocuments(tenant)

    def pointer(self, transaction: Transaction | None = None) -> TimedPointerState:
        """One read."""
        found = read(self._documents.pointer, transaction)
        fields = found.to_dict() if found.exists else None
        moved_at = found.update_time if found.exists else None
        return TimedPointerState(
            _pointer(fields), moved_at, _edit_ids(fields), _settings(fields), _ended(fields), found.read_time
        )

    def pointer_after(self, moved_at: dt.datetime | None) -> PointerState | None:
        """The pointer, or None when it has not moved since `moved_at`: what every request begins with. One read."""
        document = get_document(self._documents.pointer)
        if document is None:
            return PointerState(None, None)
        if document.update_time == moved_at:
            return None
        fields = document.fields
        return PointerState(
            _pointer(fields), document.update_time, _edit_ids(fields), _settings(fields), _ended(fields)
        )

    def edits(self, ids: Collection[str]) -> list[Edit] | None:
        """These edits, in the order of their commits; None when one is gone into a newer snapshot. A read for each."""
        if not ids:
            return []
        found = list(
            self.tenant.database.get_all([self._documents.edit(edit_id) for edit_id in ids], timeout=_LONG_TIMEOUT_S)
        )
        if not all(snapshot.exists for snapshot in found):
            return None
        return sorted((_edit(snapshot) for snapshot in found), key=lambda edit: edit.place)

    def chunks(self, ids: Sequence[str]) -> bytes | None:
        """The chunks' bytes, joined; None when one is gone, because a newer snapshot has replaced this one."""
        parts = self.each_chunk(ids)
        return None if parts is None else b"".join(parts[chunk_id] for chunk_id in ids)

    def each_chunk(self, ids: Sequence[str]) -> dict[str, bytes] | None:
        """The chunks by id; None when one is gone. A read for each."""
        if not ids:
            return {}
        references = [self._documents.chunk(chunk_id) for chunk_id in ids]
        found = self.tenant.database.get_all(references, timeout=_LONG_TIMEOUT_S)
        parts = {snapshot.id: (snapshot.to_dict() or {})["data"] for snapshot in found if snapshot.exists}
        return parts if len(parts) == len(set(ids)) else None

    def last_edits(self, transaction: Transaction, item_ids: Sequence[str]) -> list[LastEdit]:
        """The last edit of each item, in this order, read as part of the transaction: from here on no other edit of
        them can come in between."""
        return [
            _last_edit(snapshot)
            for snapshot in transaction.get_all(self._documents.last_edit(item) for item in item_ids)
        ]

    def write_edit(
        self,
        transaction: Transaction,
        item_ids: Sequence[str],
        rows: pl.DataFrame,
        sides: Mapping[str, pl.DataFrame],
        metric_inputs: str,
    ) -> None:
        """Write the new rows of these items and records of side tables (with a column `removed`) in the transaction.

        `metric_inputs` are those of the settings that the rows were computed under.
        """
        named = {}
        encoded_sides = {name: encode(frame) for name, frame in sides.items()}
        for part, data in _parts(item_ids, rows):
            edit_id = uuid.uuid4().hex
            fields = {
                "item_ids": list(part),
                "rows": data,
                "sides": encoded_sides,
                "metric_inputs": metric_inputs,
                "written_at": SERVER_TIMESTAMP,
            }
            transaction.create(self._documents.edit(edit_id), fields)
            for item_id in part:
                transaction.set(self._documents.last_edit(item_id), {"item_id": item_id, "edit_id": edit_id})
            named[edit_id] = True
            encoded_sides = {}  # with the first part
        pointer = {"touched_at": SERVER_TIMESTAMP, "edits": named}
        transaction.set(self._documents.pointer, pointer, merge=True)

    def write_chunks(self, chunks: Iterable[tuple[str, bytes]], present: Collection[str]) -> tuple[str, ...]:
        """Write the chunks that are not `present`; returns the ids of all in order."""
        ids = []
        for chunk_id, data in chunks:
            if chunk_id not in present:
                self._documents.chunk(chunk_id).set({"data": data}, timeout=_LONG_TIMEOUT_S)
            ids.append(chunk_id)
        return tuple(ids)

    def publish(self, new: Pointer, merged: Collection[str]) -> bool:
        """Flip the pointer to a snapshot whose chunks are written, and drop the edits that are in it (`merged`).

        False when a later state was published meanwhile that has all of this one: it is then not needed. Raises
        Conflict when the one that was published may lack something of this one, or the other way round: compute it
        again.
        """

        def flip(transaction: Transaction) -> Pointer | None:
            state = self.pointer(transaction)
            current = state.pointer
            if current is not None:
                if new.version <= current.version:
                    # A rebuild sees documents that were written without edits; what is based on an earlier snapshot
                    # than the rebuild does not.
                    if new.base_version is None and current.base_version is not None:
                        raise CatalogBaseMoved("a snapshot that may lack this one's was published")
                    return None
                if new.base_version is not None and new.base_version != current.version:
                    raise CatalogBaseMoved("another snapshot was published meanwhile")
            kept = tuple(sorted(current.chunks - new.chunks)) if current else ()
            fields = _pointer_fields(new) | {
                "previous": kept,
                "touched_at": SERVER_TIMESTAMP,
                "edits": dict.fromkeys(sorted(state.edits - set(merged)), True),
            }
            if state.settings is not None:
                fields[SETTINGS_FIELD] = state.settings.model_dump_json()
            if state.ended != EndedAccess():
                fields[ENDED_ACCESS_FIELD] = encoded(state.ended)
            transaction.set(self._documents.pointer, fields)
            for edit_id in state.edits & set(merged):
                transaction.delete(self._documents.edit(edit_id))
            return current or new

        replaced = self.tenant.transact(flip)
        if replaced is None:
            return False
        # What the snapshot before needed goes now, not what it was replaced for: instances may still read that one.
        self._delete_chunks(set(replaced.previous) - new.chunks)
        return True

    def _delete_chunks(self, ids: Iterable[str]) -> None:
        batch = self.tenant.database.batch()
        for chunk_id in ids:
            batch.delete(self._documents.chunk(chunk_id))
        batch.commit()


@dataclass(frozen=True)
class CatalogAge:
    """How many edits lie on a snapshot, and of when its newest sale and its forecast are."""

    edits: int
    last_sale: dt.date | None
    forecast_run_date: dt.date | None


def catalog_ages(tenants: Sequence[Tenant]) -> list[CatalogAge]:
    """Those of the tenants' catalogs, in their order; one call, a read for each."""
    if not tenants:
        return []
    pointers = [CatalogDocuments(tenant).pointer for tenant in tenants]
    wanted = ["edits", "last_sale", "forecast_run_date"]
    found = tenants[0].database.get_all(pointers, field_paths=wanted, timeout=_LONG_TIMEOUT_S)
    fields = {full_path(snapshot.reference): snapshot.to_dict() or {} for snapshot in found}
    return [_age(fields[full_path(pointer)]) for pointer in pointers]


def _age(fields: dict[str, Any]) -> CatalogAge:
    return CatalogAge(len(_edit_ids(fields)), _day(fields.get("last_sale")), _day(fields.get("forecast_run_date")))


@dataclass(frozen=True)
class LastEdit:
    """Which edit an item was last changed by, and when that was committed; None for one that never was."""

    edit_id: str | None
    committed_at: dt.datetime | None


def _last_edit(found: DocumentSnapshot[Any]) -> LastEdit:
    return LastEdit((found.to_dict() or {})["edit_id"], found.update_time) if found.exists else LastEdit(None, None)


def _parts(item_ids: Sequence[str], rows: pl.DataFrame) -> Iterator[tuple[Sequence[str], bytes]]:
    """The items and their encoded rows, in as many parts as documents can hold; at least one."""
    data = encode(rows)
    if len(data) <= CHUNK_BYTES or len(item_ids) < 2:
        yield item_ids, data
        return
    middle = len(item_ids) // 2
    for half in (item_ids[:middle], item_ids[middle:]):
        yield from _parts(half, rows.filter(rows["item_id"].is_in(list(half))))


def _edit(found: DocumentSnapshot[Any]) -> Edit:
    fields = found.to_dict() or {}
    return Edit(
        id=found.id,
        committed_at=found.update_time,
        written_at=fields.get("written_at", found.update_time),
        item_ids=tuple(fields["item_ids"]),
        encoded_rows=fields["rows"],
        encoded_sides=fields["sides"],
        metric_inputs=fields["metric_inputs"],
    )


def _settings(fields: Any) -> Settings | None:
    saved = (fields or {}).get(SETTINGS_FIELD)
    return None if saved is None else stored_json(Settings.model_validate_json, saved)


def _ended(fields: Any) -> EndedAccess:
    return decoded((fields or {}).get(ENDED_ACCESS_FIELD))


def _edit_ids(fields: Any) -> frozenset[str]:
    return frozenset((fields or {}).get("edits", ()))


def _pointer_fields(pointer: Pointer) -> dict[str, Any]:
    return asdict(pointer) | {
        "as_of": pointer.as_of.isoformat(),
        "forecast_run_date": _stored_day(pointer.forecast_run_date),
        "last_sale": _stored_day(pointer.last_sale),
        "settings": pointer.settings.model_dump(mode="json"),
    }


def _pointer(fields: Any) -> Pointer | None:
    """None for a document that only edits have touched so far."""
    if fields is None or "version" not in fields:
        return None
    return Pointer(
        version=fields["version"],
        read_time=fields["read_time"],
        base_version=fields["base_version"],
        as_of=dt.date.fromisoformat(fields["as_of"]),
        computed_at=fields["computed_at"],
        forecast_run_id=fields["forecast_run_id"],
        forecast_run_date=_day(fields["forecast_run_date"]),
        settings=stored_model(Settings, fields["settings"]),
        level_factor=fields["level_factor"],
        items=tuple(fields["items"]),
        locations=tuple(fields["locations"]),
        profiles=tuple(fields["profiles"]),
        sides={name: tuple(ids) for name, ids in fields["sides"].items()},
        earlier_headlines=fields["earlier_headlines"],
        previous=tuple(fields["previous"]),
        last_sale=_day(fields.get("last_sale")),
    )


def _stored_day(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()


def _day(stored: str | None) -> dt.date | None:
    return None if stored is None else dt.date.fromisoformat(stored)
