"""What belongs to one client is to every other one as if there were none of it: each operation of the document that
takes an id is called with those of somebody else (OWASP API1:2023, broken object level authorization)."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from google.cloud.firestore import DocumentReference

from shared.domain.notification import Notification, NotificationEvent
from shared.domain.purchasing.product import Product
from shared.firestore.notifications import Notifications
from tests.support.operations import document, operations, that_ends
from tests.support.running import Running
from tests.support.tenants import TestClient

# In the names of everything that the victim has, and in nothing that the stranger sends.
_MARK = "Wrenfield"
_NOWHERE = "nobody-has-this"
# These ids are names that a client gives or that the product defines: the operation is about the caller's own.
_OWN_BY_NAME = {
    ("put", "/etl/sources/{source_id}"),
    ("put", "/etl/mappings/{kind}"),
    ("post", "/etl/sync/{kind}"),
    ("get", "/etl/templates/{kind}"),
}
# Refused to all clients, whosever id it is.
_OF_THE_PLATFORM = {("delete", "/clients/{client_id}")}
# Not ids but names that the product defines.
_NAMES = ("kind", "file_name")


def _parameters(operation: Mapping[str, Any], place: str) -> list[str]:
    return [each["name"] for each in operation.get("parameters", []) if each["in"] == place]


_WITH_ID = [
    (method, path)
    for method, path, operation in operations()
    if _parameters(operation, "path") and (method, path) not in _OWN_BY_NAME | _OF_THE_PLATFORM
]
_FILTERED = [
    (path, name)
    for method, path, operation in operations()
    if method == "get" and not _parameters(operation, "path")
    for name in _parameters(operation, "query")
    if name.endswith("_id") and name != "client_id"
]


@dataclass(frozen=True)
class Victim:
    """A client with one of everything, and the ids of it by their names in the document."""

    client: TestClient
    ids: Mapping[str, str]
    documents: Mapping[str, Any]  # all that Firestore holds of the client, by their paths


def _documents_below(document: DocumentReference) -> Iterator[tuple[str, Any]]:
    yield document.path, document.get().to_dict()
    for collection in document.collections():
        for below in collection.list_documents():
            yield from _documents_below(below)


@pytest.fixture(scope="module")
def victim(running: Running) -> Victim:
    client = running.new_client()

    def made(path: str, body: Mapping[str, Any] | None = None, **sent: Any) -> dict[str, Any]:
        response = client.post(path, json=body, **sent) if body is not None else client.post(path, **sent)
        assert response.status_code in (200, 201, 202), f"{path}: {response.text}"
        answer: dict[str, Any] = response.json()
        return answer

    client.stock([Product("wren", f"{_MARK} lantern"), Product("finch", f"{_MARK} mug")], {})
    for place in ("nest", "barn"):
        made("/locations", {"location_id": place, "name": f"{_MARK} {place}"})
    made("/suppliers", {"supplier_id": "owl", "name": f"{_MARK} Ltd"})
    made("/products/wren/suppliers", {"supplier_id": "owl", "supplier_cost": 2, "lead_time_days": 5})
    made("/products/wren/locations", {"location_id": "nest", "current_stock": 40})
    moved = {"item_id": "wren", "from_location_id": "nest", "to_location_id": "barn", "quantity": 1}
    transfer = made("/inventory/transfers", moved)
    order = made("/purchase-orders", {"supplier_id": "owl", "items": [{"item_id": "wren", "quantity": 7}]})
    client.refresh(rebuild=True)
    made("/order-planning/cart/add", {"item_id": "wren", "supplier_id": "owl", "quantity": 3})
    days = {"start_date": "2024-06-01", "end_date": "2024-06-09"}
    campaign = made("/campaigns", {"name": f"{_MARK} week", "products": [{"item_id": "wren"}], **days})
    user = made("/auth/users", {"email": f"{client.client_id}@example.org", "name": _MARK, "role": "VIEWER"})
    token = made("/auth/service-tokens", {"name": _MARK})
    source = {"kind": "sql", "url": f"postgresql://reader@{_MARK.lower()}.example.org/erp"}
    products = {"table": "items", "mapping": {"item_id": "code", "product_name": "name"}}
    assert client.call("PUT", "/etl/sources/erp", json=source | {"entities": {"products": products}}).ok
    assert client.call("PUT", "/etl/mappings/products", json={"mapping": {"product_name": _MARK}}).ok
    file = {"file": ("products.csv", f"item_id,product_name\nrobin,{_MARK} robin\n,{_MARK} nothing\n")}
    run = client.finished(client.post("/etl/import", files=file, data={"kind": "products"}))
    forecast = made("/forecast", {"item_ids": ["wren"]})
    dismissed = client.post("/recommendations/URGENT:wren/dismiss", json={"reason": _MARK})
    assert dismissed.ok, dismissed.text
    told = Notification("note-1", NotificationEvent.RUN_FAILED, dt.datetime.now(dt.UTC), {"name": _MARK})
    client.tenant.transact(lambda transaction: Notifications(client.tenant).put(transaction, told))
    assert client.post(f"/operations/{forecast['id']}/cancel").ok
    export = client.finished(client.post(f"/clients/{client.client_id}/export"))
    assert export["status"] == "succeeded", export
    ids = {
        "item_id": "wren",
        "location_id": "nest",
        "from_location_id": "nest",
        "to_location_id": "barn",
        "supplier_id": "owl",
        "external_id": "owl",
        "order_id": order["id"],
        "campaign_id": campaign["campaign_id"],
        "transfer_id": transfer["id"],
        "user_id": user["user_id"],
        "subject_id": order["id"],
        "token_id": token["id"],
        "source_id": "erp",
        "kind": "products",
        "run_id": run["id"],
        "forecast run_id": forecast["id"],
        "operation_id": run["id"],
        "export_id": export["id"],
        "file_name": "users.jsonl",
        "notification_id": "note-1",
        "recommendation_id": "URGENT:wren",
        "client_id": client.client_id,
    }
    return Victim(client, ids, dict(_documents_below(client.tenant.document)))


@pytest.fixture(scope="module")
def stranger(running: Running) -> TestClient:
    client = running.new_client()
    client.stock([Product("own", "My own lantern")], {})
    client.refresh(rebuild=True)
    return client


def _address(victim: Victim, path: str, *, known: bool = True) -> str:
    """The path with the victim's ids, or with ids that nobody has."""
    for name, value in victim.ids.items():
        if "forecast" in path and name == "run_id":
            value = victim.ids["forecast run_id"]
        nobodys = value.replace("wren", _NOWHERE) if name == "recommendation_id" else _NOWHERE
        path = path.replace(f"{{{name}}}", value if known or name in _NAMES else nobodys)
    assert "{" not in path, f"the victim needs one of {path}"
    return path


def _body(method: str, path: str, ids: Mapping[str, str]) -> dict[str, Any]:
    """What the document gives as an example of the body, with these ids in place of those in it."""
    content = document()["paths"][path][method].get("requestBody", {}).get("content", {})
    example = content.get("application/json", {}).get("example")
    if example is None:
        return {}
    return {"json": json.loads(json.dumps(example), object_hook=lambda fields: _with_ids(fields, ids))}


def _with_ids(fields: dict[str, Any], ids: Mapping[str, str]) -> dict[str, Any]:
    return fields | {name: ids[name] for name in fields if name in ids}


def _problem(response: requests.Response, victim: Victim) -> tuple[int, str, str]:
    """Status, code and text, with the ids of the request taken out."""
    problem = response.json()
    text = str(problem["detail"])
    for given in sorted({*victim.ids.values(), _NOWHERE, f"URGENT:{_NOWHERE}"}, key=len, reverse=True):
        text = text.replace(given, "ID")
    return response.status_code, problem["code"], text


@pytest.mark.parametrize(("method", "path"), _WITH_ID)
def test_an_id_of_another_client_is_as_one_that_nobody_has(
    victim: Victim, stranger: TestClient, method: str, path: str
) -> None:
    def called(*, known: bool) -> requests.Response:
        return stranger.call(
            method.upper(), _address(victim, path, known=known), **_body(method, path, {"item_id": "own"})
        )

    theirs, nobodys = called(known=True), called(known=False)
    assert theirs.status_code == 404, f"{method} {path}: {theirs.status_code} {theirs.text[:300]}"
    assert _problem(theirs, victim) == _problem(nobodys, victim)
    assert _MARK.lower() not in theirs.text.lower()


@pytest.mark.parametrize(("path", "name"), _FILTERED)
def test_a_filter_by_an_id_of_another_client_finds_nothing(
    victim: Victim, stranger: TestClient, path: str, name: str
) -> None:
    theirs = stranger.get(f"{path}?{name}={victim.ids[name]}")
    nobodys = stranger.get(f"{path}?{name}={_NOWHERE}")
    assert theirs.status_code == nobodys.status_code
    assert _MARK.lower() not in theirs.text.lower()


@pytest.mark.parametrize(
    ("method", "path"),
    [(method, path) for method, path, operation in operations() if method != "get" and "requestBody" in operation],
)
def test_ids_of_another_client_in_a_body_reach_nothing(
    victim: Victim, stranger: TestClient, method: str, path: str
) -> None:
    if path.startswith(("/auth/", "/clients")):
        return  # they name nothing of a client but by the path
    answer = stranger.call(method.upper(), _address(victim, path, known=False), **_body(method, path, victim.ids))
    assert _MARK.lower() not in answer.text.lower()


@pytest.mark.parametrize(("method", "path"), [(method, path) for method, path, _ in operations()])
def test_a_caller_may_not_name_another_client(victim: Victim, stranger: TestClient, method: str, path: str) -> None:
    operation = document()["paths"][path][method]
    if not operation.get("security", document().get("security")):
        return  # whoever signs in has no client yet
    query = {"client_id": victim.client.client_id}
    answer = stranger.call(method.upper(), _address(victim, path), params=query, **_body(method, path, victim.ids))
    assert (answer.status_code, answer.json()["code"]) == (403, "other_client"), answer.text[:300]


def test_nothing_of_the_victim_has_changed_or_is_listed(victim: Victim, stranger: TestClient) -> None:
    """At the end of this file: whatever the calls before it tried."""
    assert dict(_documents_below(victim.client.tenant.document)) == victim.documents
    assert victim.client.get(f"/auth/users/{victim.ids['user_id']}").json()["role"] == "VIEWER"
    for method, path, operation in operations():
        if method == "get" and not _parameters(operation, "path"):
            assert _MARK.lower() not in stranger.get(that_ends(path)).text.lower(), path
