"""Publishing snapshots: only forward, never over one that knows more, and without losing an edit."""

from __future__ import annotations

import datetime as dt
import threading
from decimal import Decimal

import polars as pl
import pytest

from shared.catalog.codec import CHUNK_BYTES
from shared.catalog.live import current_catalog
from shared.catalog.store import CatalogStore
from shared.domain.errors import Conflict
from shared.domain.settings import RecommendationRules, Settings
from tests.support.catalogs import catalog_rows, publish
from tests.support.firestore_meter import FirestoreMeter
from tests.support.tenants import TestClient

SECOND = dt.timedelta(seconds=1)


def stocked(units: int) -> pl.DataFrame:
    return catalog_rows({"item_id": "a", "current_stock": Decimal(units)})


def shown(client: TestClient) -> int:
    return int(current_catalog(client.tenant).items.frame["current_stock"][0])


def test_a_pointer_comes_back_as_it_was_published(client: TestClient) -> None:
    settings = Settings(understocked_threshold=3, recommendation_rules=RecommendationRules(enabled_types=()))
    published = publish(client.tenant, stocked(1), settings=settings)
    assert CatalogStore(client.tenant).pointer().pointer == published


def test_an_older_rebuild_does_not_replace_a_newer_one(client: TestClient) -> None:
    now = CatalogStore(client.tenant).pointer().read_time
    assert publish(client.tenant, stocked(2), read_time=now) is not None
    assert publish(client.tenant, stocked(1), read_time=now - SECOND) is None
    assert publish(client.tenant, stocked(1), read_time=now) is None
    assert shown(client) == 2


def test_of_two_rebuilds_at_once_the_later_state_stays_whichever_publishes_last(client: TestClient) -> None:
    now = CatalogStore(client.tenant).pointer().read_time
    together = threading.Barrier(2)

    def rebuild(units: int, read_time: dt.datetime) -> None:
        together.wait()
        publish(client.tenant, stocked(units), read_time=read_time)

    threads = [threading.Thread(target=rebuild, args=(units, now + units * SECOND)) for units in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert shown(client) == 2


def test_a_snapshot_made_from_one_that_is_gone_is_refused(client: TestClient) -> None:
    """Its base lacks what the current one took from the documents: it has to be computed again."""
    base = publish(client.tenant, stocked(1))
    assert base is not None
    assert publish(client.tenant, stocked(2), read_time=base.read_time + SECOND) is not None
    with pytest.raises(Conflict, match="catalog_base_moved"):
        publish(client.tenant, stocked(3), read_time=base.read_time + 2 * SECOND, base_version=base.version)
    assert shown(client) == 2


def test_a_refresh_that_a_later_one_has_overtaken_is_not_needed(client: TestClient) -> None:
    base = publish(client.tenant, stocked(1))
    assert base is not None
    later, earlier = base.read_time + 2 * SECOND, base.read_time + SECOND
    assert publish(client.tenant, stocked(2), read_time=later, base_version=base.version) is not None
    assert publish(client.tenant, stocked(1), read_time=earlier, base_version=base.version) is None
    assert shown(client) == 2


def test_a_rebuild_does_not_hide_behind_a_later_refresh_that_lacks_what_it_read(client: TestClient) -> None:
    base = publish(client.tenant, stocked(1))
    assert base is not None
    later = base.read_time + 2 * SECOND
    assert publish(client.tenant, stocked(1), read_time=later, base_version=base.version) is not None
    with pytest.raises(Conflict, match="catalog_base_moved"):
        publish(client.tenant, stocked(2), read_time=base.read_time + SECOND)


def test_publishing_removes_edits_that_are_in_the_snapshot_before_and_keeps_later_ones(client: TestClient) -> None:
    store = CatalogStore(client.tenant)
    publish(client.tenant, stocked(1))
    _edit(store, "a")
    first = store.pointer().read_time
    _edit(store, "b")
    publish(client.tenant, stocked(2), read_time=first)  # has the edit of a
    publish(client.tenant, stocked(3), read_time=first + dt.timedelta(microseconds=1))
    edits = store.edits(store.pointer().edits)
    assert edits is not None
    assert [edit.item_ids for edit in edits] == [("b",)]


def test_chunks_stay_until_no_instance_can_still_be_reading_them(client: TestClient) -> None:
    store = CatalogStore(client.tenant)
    first, second, third = (publish(client.tenant, stocked(units)) for units in (1, 2, 3))
    assert first is not None
    assert second is not None
    assert third is not None
    assert store.chunks(first.items) is None
    assert store.chunks(second.items) is not None
    assert store.chunks(third.items) is not None
    assert current_catalog(client.tenant).pointer.items == third.items


def test_chunks_that_are_there_are_not_written_again(client: TestClient, meter: FirestoreMeter) -> None:
    store = CatalogStore(client.tenant)
    chunks = [("one", b"1"), ("two", b"2"), ("one", b"1")]
    meter.reset()
    assert store.write_chunks(chunks, present={"one"}) == ("one", "two", "one")
    assert meter.of(client.client_id).writes == 1
    assert store.chunks(("two",)) == b"2"
    assert store.chunks(("one", "two")) is None


def test_a_chunk_of_the_largest_size_fits_a_document(client: TestClient) -> None:
    store = CatalogStore(client.tenant)
    store.write_chunks([("full", bytes(CHUNK_BYTES))], present=())
    assert store.chunks(("full",)) == bytes(CHUNK_BYTES)


def test_an_edit_is_named_by_the_pointer_and_by_each_of_its_items(client: TestClient) -> None:
    store = CatalogStore(client.tenant)
    before = store.pointer()
    _edit(store, "a/b %", "c")
    (edit_id,) = store.pointer().edits
    edits = store.edits([edit_id])
    assert edits is not None
    (edit,) = edits
    assert edit.item_ids == ("a/b %", "c")
    assert edit.committed_at > before.read_time
    assert edit.rows["item_id"].to_list() == ["a/b %", "c"]
    last = client.tenant.transact(lambda transaction: store.last_edits(transaction, ["c", "a/b %", "d"]))
    assert [one.edit_id for one in last] == [edit_id, edit_id, None]
    assert last[0].committed_at == edit.committed_at
    assert store.edits(["nothing"]) is None


def test_an_edit_moves_the_pointer_and_leaves_what_it_says(client: TestClient) -> None:
    store = CatalogStore(client.tenant)
    published = publish(client.tenant, stocked(1))
    before = store.pointer()
    _edit(store, "a")
    after = store.pointer()
    assert before.moved_at is not None
    assert after.moved_at is not None
    assert after.moved_at > before.moved_at
    assert after.pointer == published


def test_edits_before_the_first_snapshot_are_no_pointer(client: TestClient) -> None:
    store = CatalogStore(client.tenant)
    _edit(store, "a")
    assert store.pointer().pointer is None


def _edit(store: CatalogStore, *item_ids: str) -> None:
    rows = catalog_rows(*({"item_id": item_id} for item_id in item_ids))
    store.tenant.transact(
        lambda transaction: store.write_edit(transaction, item_ids, rows, {}, Settings().metric_inputs)
    )
