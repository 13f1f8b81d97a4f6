"""A client's data: exported as a whole, and deleted without a trace but the record of it."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import polars as pl
import pytest

from functions.etl import client_deletion
from functions.etl.client_deletion import ClientsNotDeleted, delete_due
from shared.bigquery.client_rows import ClientRows
from shared.bigquery.tables import DEMAND, TABLES
from shared.bigquery.warehouse import Warehouse
from shared.config import config
from shared.domain.access.principal import PLATFORM_HOME, Role
from shared.firestore.client_data import NOT_EXPORTED
from shared.firestore.client_deletions import ClientDeletions
from shared.firestore.clients import Clients
from shared.firestore.driver import database
from shared.firestore.tenant import Tenant
from shared.object_storage import storage_client
from tests.support.problems import assert_problem
from tests.support.running import Running
from tests.support.shops import CONDITIONS, PRODUCTS, fill
from tests.support.tenants import TestClient
from tests.support.users import sign_up

_DAY = dt.timedelta(days=1)


@pytest.fixture(scope="module")
def neighbour(running: Running) -> TestClient:
    return _furnished(running.new_client())


@pytest.fixture
def shop(running: Running) -> TestClient:
    """One that a test may delete."""
    return _furnished(running.new_client())


def _furnished(client: TestClient) -> TestClient:
    """Documents of many kinds, rows, objects, users, keys."""
    fill(client)
    user = sign_up(client, role=Role.VIEWER)
    signed_in = {"email": user.user.email, "password": "correct horse battery staple"}
    client.post("/auth/token", json=signed_in, headers={"X-Forwarded-For": client.client_id})
    client.post("/auth/users", json={"email": f"{client.client_id}@example.org", "role": "CEO"})
    client.post("/auth/service-tokens", json={"name": "ERP export"}, headers={"Idempotency-Key": "a key"})
    client.finished(
        client.post("/etl/import", files={"file": ("p.csv", "item_id,product_name\n,x\n")}, data={"kind": "products"})
    )
    client.call("PUT", "/etl/mappings/products", json={"mapping": {"item_id": "Artikel"}})
    client.post("/order-planning/cart/add", json={"item_id": "A/1", "supplier_id": "acme", "quantity": 12})
    storage_client(config()).bucket(config().upload_bucket).blob(
        f"checkpoints/{client.client_id}/run/0"
    ).upload_from_string(b"1")
    return client


def platform(client: TestClient) -> dict[str, str]:
    return {"Authorization": f"Bearer {client.token(platform=True)}"}


def mentions(client_id: str) -> Counter[str]:
    """How many documents, rows and objects mention the id, by where they lie; other clients' own parts aside."""
    found: Counter[str] = Counter()
    for path, fields in _documents(client_id):
        if client_id in path or client_id in repr(fields):
            found["/".join(path.split("/")[::2])] += 1
    for table in TABLES:
        if rows := Warehouse(config(), client_id).stored_count(table):
            found[table.name] = rows
    for blob in storage_client(config()).list_blobs(config().upload_bucket):
        if client_id in blob.name:
            found["objects"] += 1
    return found


def _documents(client_id: str) -> Iterator[tuple[str, Any]]:
    """Every document but those of other clients; of these the platform's."""
    firestore = database(config())
    for collection in firestore.collections():
        for snapshot in collection.stream():
            yield snapshot.reference.path, snapshot.to_dict()
    for owner in (client_id, PLATFORM_HOME):
        for inner in Tenant(firestore, owner).document.collections():
            for snapshot in inner.stream():
                yield snapshot.reference.path, snapshot.to_dict()
                for innermost in snapshot.reference.collections() if inner.id == "forecast_runs" else ():
                    yield from ((each.reference.path, each.to_dict()) for each in innermost.stream())
    for token in firestore.collection_group("refresh_tokens").stream():
        yield token.reference.path, token.to_dict()


def test_an_export_holds_all_that_the_api_lists(neighbour: TestClient) -> None:
    shop = neighbour
    operation = shop.finished(shop.post(f"/clients/{shop.client_id}/export"))
    assert operation["status"] == "succeeded", operation
    files = {file["name"]: file for file in operation["result"]["files"]}
    content = {name: shop.get(f"/etl/exports/{operation['id']}/files/{name}").content for name in files}
    manifest = json.loads(content["manifest.json"])
    assert manifest["client_id"] == shop.client_id
    assert manifest["files"] == [file for name, file in files.items() if name != "manifest.json"]
    for name, file in files.items():
        assert (len(content[name]), hashlib.sha256(content[name]).hexdigest()) == (file["bytes"], file["sha256"])

    lines = {name: content[name].decode().splitlines() for name in files if name.endswith(".jsonl")}
    assert {name: len(held) for name, held in lines.items()} == {name: files[name]["records"] for name in lines}
    for source, listed in {
        "products": "/products",
        "users": "/auth/users",
        "purchase_orders": "/purchase-orders",
        "campaigns": "/campaigns",
        "service_tokens": "/auth/service-tokens",
        "import_mappings": "/etl/mappings",
        "audit": "/audit",
    }.items():
        assert files[f"{source}.jsonl"]["records"] == shop.get(listed).json()["total"], source
    assert files["product_suppliers.jsonl"]["records"] == len(CONDITIONS)
    assert json.loads(lines["carts.jsonl"][0])["lines"][0]["item_id"] == "A/1"
    assert json.loads(lines["purchase_orders.jsonl"][0])["items"][0]["unit_cost"] == "1.75"
    assert not {f"{name}.jsonl" for name in NOT_EXPORTED} & lines.keys()

    everything = b"".join(content.values())
    for secret in (b"password_hash", b"argon2", b"secret_hash", b"nonce"):
        assert secret not in everything

    tables = {table.name: pl.read_parquet(io.BytesIO(content[f"{table.name}.parquet"])) for table in TABLES}
    assert all(tuple(tables[table.name].columns) == table.column_names for table in TABLES)
    assert {name: frame.height for name, frame in tables.items()} == {
        name: files[f"{name}.parquet"]["records"] for name in tables
    }
    demand = tables[DEMAND.name]
    assert demand.height == Warehouse(config(), shop.client_id).stored_count(DEMAND) > 300
    assert set(demand["client_id"]) == {shop.client_id}


def test_who_may_export_and_whose_files_are_seen(client: TestClient, neighbour: TestClient) -> None:
    shop = client
    assert_problem(shop.post(f"/clients/{neighbour.client_id}/export"), 404, "client_not_found")
    assert_problem(shop.post(f"/clients/{shop.client_id}/export", role=Role.CEO), 403, "role_not_allowed")
    operation = neighbour.finished(neighbour.post(f"/clients/{neighbour.client_id}/export"))
    path = f"/etl/exports/{operation['id']}/files/users.jsonl"
    assert_problem(neighbour.get(path, role=Role.CEO), 403, "role_not_allowed")
    assert_problem(shop.get(path), 404, "export_file_not_found")
    assert_problem(neighbour.get(path.replace("users", "nothing")), 404, "export_file_not_found")
    entry = neighbour.get("/audit?action=client.exported").json()["items"][0]
    assert entry["subject_id"] == neighbour.client_id


def test_one_that_is_closed_is_suspended_and_can_be_taken_back(neighbour: TestClient) -> None:
    shop = neighbour
    assert_problem(shop.call("DELETE", f"/clients/{shop.client_id}"), 403, "role_not_allowed")
    closed = shop.call("DELETE", f"/clients/{shop.client_id}", headers=platform(shop)).json()
    assert closed["status"] == "closing"
    wait = dt.datetime.fromisoformat(closed["deletes_at"]) - dt.datetime.now(dt.UTC)
    assert dt.timedelta(days=29.9) < wait < dt.timedelta(days=30)
    again = shop.call("DELETE", f"/clients/{shop.client_id}?grace_days=1", headers=platform(shop)).json()
    assert again == closed
    assert not Clients(database(config())).get(shop.client_id).active
    taken_back = shop.call("PUT", f"/clients/{shop.client_id}", json={"status": "active"}, headers=platform(shop))
    assert (taken_back.json()["status"], taken_back.json()["deletes_at"]) == ("active", None)
    before = mentions(shop.client_id)
    assert shop.client_id not in {client.client_id for client in Clients(database(config())).closing()}
    assert mentions(shop.client_id) == before
    statuses = [entry["after"]["status"] for entry in shop.get("/audit?action=client.changed").json()["items"]]
    assert statuses == ["active", "closing"]


def _closed(shop: TestClient) -> Callable[[], dt.datetime]:
    """Closed, and the clock of the day after its grace."""
    shop.call("DELETE", f"/clients/{shop.client_id}?grace_days=2", headers=platform(shop))
    later = dt.datetime.now(dt.UTC) + 3 * _DAY
    return lambda: later


def test_nothing_of_it_is_left_wherever_a_worker_was_killed(
    shop: TestClient, neighbour: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, others = mentions(shop.client_id), mentions(neighbour.client_id)
    assert {"clients", "clients/products", "users", "user_emails", "ts_demand_daily", "objects"} <= before.keys()
    later = _closed(shop)
    delete_due(config(), lambda: dt.datetime.now(dt.UTC) + _DAY)  # within the grace
    assert mentions(shop.client_id)["ts_demand_daily"] == before["ts_demand_daily"]

    stages = ("_remaining", "delete_users", "delete_documents", "_end")
    for number, stage in enumerate(stages):
        now = later() + number * dt.timedelta(hours=1)
        with monkeypatch.context() as patched:
            patched.setattr(client_deletion, stage, _killed)
            with pytest.raises(KeyboardInterrupt):
                delete_due(config(), lambda at=now: at)  # type: ignore[misc]
        held = delete_due(config(), lambda at=now: at)  # type: ignore[misc]
        assert (held.due, held.deleted) == (1, 0)  # a worker may still be at it
    back = shop.call("PUT", f"/clients/{shop.client_id}", json={"status": "active"}, headers=platform(shop))
    assert_problem(back, 409, "deletion_begun")
    body = {"client_id": shop.client_id, "name": "Another"}
    assert_problem(neighbour.post("/clients", json=body, headers=platform(neighbour)), 409, "client_exists")

    now = later() + _DAY
    with monkeypatch.context() as patched:
        patched.setattr(client_deletion, "counts_of", lambda _: {"products": 1})
        with pytest.raises(ClientsNotDeleted, match="1 of 1 clients could not be deleted"):
            delete_due(config(), lambda: now)
    assert delete_due(config(), lambda: now + _DAY).deleted == 1

    assert set(mentions(shop.client_id)) == {"client_deletions", "clients/audit"}  # the latter the platform's own
    (record,) = (each for each in ClientDeletions(database(config())).every() if each.client_id == shop.client_id)
    assert (record.finished_at, record.attempts) == (now + _DAY, len(stages) + 2)
    assert record.requested_by == f"user-{shop.client_id}"
    assert record.counts is not None  # of before the first attempt
    of_tables = {table.name for table in TABLES} | {"objects"}
    assert {name: record.counts[name] for name in of_tables & before.keys()} == {
        name: before[name] for name in of_tables & before.keys()
    }
    assert (record.counts["products"], record.counts["users"]) == (len(PRODUCTS), 2)
    assert mentions(neighbour.client_id) == others
    assert delete_due(config(), lambda: now + 2 * _DAY).deleted == 0
    assert neighbour.post("/clients", json=body, headers=platform(neighbour)).status_code == 201


def _killed(*_: object) -> Any:
    raise KeyboardInterrupt


def test_statements_take_the_rows_of_one_client_alone() -> None:
    rows = ClientRows(DEMAND, "p.d.ts_demand_daily")
    where = "`p.d.ts_demand_daily` WHERE client_id = @client_id AND date_local BETWEEN @first AND @last"
    assert rows.delete() == f"DELETE FROM {where}"
    assert rows.count() == f"SELECT COUNT(*) AS stored FROM {where}"
    assert rows.select().endswith(f"`run_id` FROM {where}")
