"""The catalog as an instance holds it: what it costs, and what it shows after edits and publications."""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import pytest

from shared.catalog import live
from shared.catalog.edit import edit_item
from shared.catalog.live import current_catalog
from shared.catalog.store import CatalogStore
from shared.domain.errors import NotFound, Unavailable
from shared.domain.purchasing.product import Product
from shared.firestore.catalog_documents import CatalogDocuments
from tests.benchmarks import synthetic
from tests.support.at_once import at_once
from tests.support.catalogs import catalog_rows, publish
from tests.support.firestore_meter import FirestoreMeter
from tests.support.running import Running
from tests.support.tenants import TestClient

LARGE = 20_000


@dataclass(frozen=True)
class Shop:
    """A published catalog and one of its items."""

    client: TestClient
    item_id: str
    items: int


@pytest.fixture(scope="module", params=[3, LARGE], ids=["3 items", "20,000 items"])
def shop(request: pytest.FixtureRequest, running: Running) -> Shop:
    client = TestClient(running.base_url).create()
    items: int = request.param
    rows = synthetic.catalog_rows(items)
    profiles = synthetic.demand_profiles(rows) if items < LARGE else None
    publish(client.tenant, rows, profiles)
    client.stock([Product("10000", "Lantern")], {"10000": {"LONDON": "5"}})
    current_catalog(client.tenant)
    return Shop(client, "10000", items)


def rename(client: TestClient, item_id: str, name: str) -> None:
    edit_item(client.tenant, item_id, lambda edit: edit.set_product(Product(item_id, name)))


def test_nothing_changed_costs_one_read(shop: Shop, meter: FirestoreMeter) -> None:
    assert current_catalog(shop.client.tenant) is current_catalog(shop.client.tenant)
    assert (meter.of(shop.client.client_id).reads, meter.of(shop.client.client_id).writes) == (2, 0)
    meter.reset()
    assert shop.client.get("/products?search=100&sort=-stockout_risk,product_name").json()["items"]
    assert meter.of(shop.client.client_id).reads == 1
    meter.reset()
    assert shop.client.get("/dashboard").json()["metrics"]["total_skus"] == shop.items
    assert meter.of(shop.client.client_id).reads == 1


def test_a_request_after_a_change_costs_a_read_more_for_each_edit(shop: Shop, meter: FirestoreMeter) -> None:
    rename(shop.client, shop.item_id, "Renamed")
    meter.reset()
    found = shop.client.get(f"/products?search={shop.item_id}").json()["items"]
    assert meter.of(shop.client.client_id).reads == 2
    assert [row["product_name"] for row in found if row["item_id"] == shop.item_id] == ["Renamed"]
    for name in ("Renamed again", "and again", "and again"):
        rename(shop.client, shop.item_id, name)
    current_catalog(shop.client.tenant)
    rename(shop.client, shop.item_id, "at last")
    meter.reset()
    shop.client.get("/dashboard")
    assert meter.of(shop.client.client_id).reads == 2
    assert meter.of(shop.client.client_id).writes == 0


def test_an_edit_costs_the_same_whatever_the_catalogs_size(shop: Shop, meter: FirestoreMeter) -> None:
    rename(shop.client, shop.item_id, "First")
    meter.reset()
    rename(shop.client, shop.item_id, "Second")
    assert meter.of(shop.client.client_id).reads <= 4
    assert meter.of(shop.client.client_id).writes == 3


def test_a_new_instance_shows_what_the_old_one_does(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    rename(shop.client, shop.item_id, "Seen by all")
    old = current_catalog(shop.client.tenant)
    monkeypatch.setattr(live, "_held", OrderedDict())
    new = current_catalog(shop.client.tenant)
    assert new is not old
    assert new.items.frame.equals(old.items.frame)
    assert new.locations.frame.equals(old.locations.frame)
    assert new.items.rows_of(shop.item_id)["product_name"].to_list() == ["Seen by all"]


def test_edits_keep_their_order_when_the_documents_are_imported_from_an_export(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each document then has the time of its import."""
    publish(client.tenant, catalog_rows({"item_id": "a"}))
    for name in ("First", "Second", "Third"):
        rename(client, "a", name)
    store, documents = CatalogStore(client.tenant), CatalogDocuments(client.tenant)
    edits = store.edits(store.pointer().edits)
    assert edits is not None
    for edit in reversed(edits):
        document = documents.edit(edit.id)
        document.set({**(document.get().to_dict() or {}), "imported": True})
    monkeypatch.setattr(live, "_held", OrderedDict())
    assert current_catalog(client.tenant).items.frame["product_name"].to_list() == ["Third"]
    edits = store.edits(store.pointer().edits)
    assert edits is not None
    assert [edit.committed_at for edit in edits] == sorted((edit.committed_at for edit in edits), reverse=True)


def test_without_a_snapshot_there_is_no_catalog(client: TestClient) -> None:
    with pytest.raises(NotFound, match="catalog_not_ready"):
        current_catalog(client.tenant)


def test_an_instance_moves_on_to_a_new_snapshot_and_keeps_edits_made_since(client: TestClient) -> None:
    first = publish(client.tenant, catalog_rows({"item_id": "a"}, {"item_id": "b"}))
    assert first is not None
    later = first.read_time + dt.timedelta(microseconds=1)
    current_catalog(client.tenant)
    rename(client, "a", "Edited")
    publish(client.tenant, catalog_rows({"item_id": "a"}, {"item_id": "b"}, {"item_id": "c"}), read_time=later)
    assert current_catalog(client.tenant).items.frame["product_name"].to_list() == ["Edited", "Something", "Something"]


def test_a_snapshot_that_was_replaced_while_it_was_read_says_try_again(client: TestClient) -> None:
    """An instance that slept through two publications finds the chunks of its snapshot gone."""
    rows = [catalog_rows({"item_id": "a"}, {"item_id": "a", "location_id": place}) for place in ("L", "D", "R")]
    publish(client.tenant, rows[0])
    asleep = current_catalog(client.tenant)
    publish(client.tenant, rows[1])
    publish(client.tenant, rows[2])
    with pytest.raises(Unavailable, match="catalog_moving"):
        asleep.locations  # noqa: B018
    assert current_catalog(client.tenant).locations.frame["location_id"].to_list() == ["R"]


def test_tenants_have_catalogs_of_their_own(new_client: Callable[[], TestClient]) -> None:
    clients = [new_client() for _ in range(2)]
    for number, client in enumerate(clients):
        publish(client.tenant, catalog_rows({"item_id": "a", "current_stock": Decimal(number)}))
    assert [int(current_catalog(one.tenant).items.frame["current_stock"][0]) for one in clients] == [0, 1]


def test_an_instance_keeps_the_tenants_that_were_asked_for_last_and_reads_the_others_again(
    new_client: Callable[[], TestClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "_held", OrderedDict())
    monkeypatch.setattr(live, "_HELD_ROWS", 2)
    clients = [new_client() for _ in range(3)]
    for number, client in enumerate(clients):
        publish(client.tenant, catalog_rows({"item_id": "a", "current_stock": Decimal(number)}))
        current_catalog(client.tenant)
        held = current_catalog(clients[0].tenant)
    assert [key.rpartition("/")[2] for key in live._held] == [clients[2].client_id, clients[0].client_id]
    assert held.held_rows == 1
    assert [int(current_catalog(one.tenant).items.frame["current_stock"][0]) for one in clients] == [0, 1, 2]


def test_a_catalog_larger_than_what_is_held_is_kept_alone(
    new_client: Callable[[], TestClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "_held", OrderedDict())
    monkeypatch.setattr(live, "_HELD_ROWS", 2)
    for client in (new_client(), new_client()):
        publish(client.tenant, catalog_rows(*({"item_id": item} for item in "abc")))
        assert current_catalog(client.tenant) is current_catalog(client.tenant)
    assert len(live._held) == 1


def test_of_those_who_ask_at_once_one_reads_the_snapshot(
    client: TestClient, meter: FirestoreMeter, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(client.tenant, catalog_rows({"item_id": "a"}))
    monkeypatch.setattr(live, "_held", OrderedDict())
    meter.reset()
    catalogs = at_once(*[lambda: current_catalog(client.tenant)] * 8)
    assert len(set(catalogs)) == 1
    assert meter.of(client.client_id).reads == 8 + 1
