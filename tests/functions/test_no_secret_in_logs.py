"""No line of the log holds a secret: password, token, key, address of a person, or what a body or a file holds."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from infra.local.stack.gateway import gateway
from shared.config import config
from shared.domain.access.principal import Role
from shared.domain.outbox_entry import OutboxEntry
from shared.tasks.delivery import deliver
from tests.support.importer import new_importer
from tests.support.log_lines import Lines, watched
from tests.support.receiver import listening
from tests.support.running import Running
from tests.support.tenants import TestClient
from tests.support.users import SignedUp, sign_up

MARK = f"mark{uuid.uuid4().hex[:8]}"
ADDRESS = f"{MARK}.person@example.org"


@pytest.fixture
def lines() -> Iterator[Lines]:
    with watched() as made:
        yield made


@pytest.fixture
def admin(running: Running) -> SignedUp:
    return sign_up(running.new_client(), role=Role.ADMIN, email=ADDRESS)


def filled(schema: dict[str, Any], document: dict[str, Any], depth: int = 0) -> Any:
    """A value for the schema in which every text is marked."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return filled(document["components"]["schemas"][name], document, depth)
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return filled(schema[choice][0], document, depth)
    if schema.get("type") == "object" and depth < 4:
        return {name: filled(each, document, depth + 1) for name, each in schema.get("properties", {}).items()}
    if schema.get("type") == "array":
        return [filled(schema.get("items", {}), document, depth + 1)]
    if "enum" in schema:
        return schema["enum"][0]
    return {"integer": 1, "number": 1, "boolean": True}.get(str(schema.get("type")), f"{MARK}-value")


def test_what_is_sent_to_any_endpoint_is_in_no_line(admin: SignedUp, lines: Lines) -> None:
    """Every operation with marked ids, queries and bodies: once with a token that is none, once signed in."""
    client, document = admin.client, gateway().document
    root = client.base_url
    called = 0
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            url = root + path.replace("{", f"{MARK}-").replace("}", "")
            content = operation.get("requestBody", {}).get("content", {})
            body = next((filled(each["schema"], document) for each in content.values()), None)
            for bearer in (f"{MARK}.token.{MARK}", client.token()):
                headers = {"Authorization": f"Bearer {bearer}", "Idempotency-Key": f"{MARK}-{called}"}
                query = {"search": f"{MARK}-search", "page_token": MARK}
                response = requests.request(method, url, json=body, params=query, headers=headers, timeout=60)
                assert response.status_code < 500, (method, path, response.text)
                called += 1
    assert called > 200
    assert len(lines.of("request")) >= called
    assert MARK not in lines.text
    assert client.token() not in lines.text


def test_the_secrets_of_people_and_machines_are_in_no_line(
    admin: SignedUp, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, secrets = admin.client, [ADDRESS, MARK]
    pair = admin.sign_in().json()
    admin.sign_in(password=f"{MARK} is wrong")
    admin.sign_in(email=f"{MARK}@elsewhere.example")
    pair = admin.refresh(pair["refresh_token"]).json()
    secrets += [pair["access_token"], pair["refresh_token"], admin.password]
    changed = client.call(
        "PUT",
        "/auth/password",
        json={"current_password": admin.password, "new_password": f"{MARK} four unusual words"},
        headers={"Authorization": f"Bearer {pair['access_token']}"},
    )
    assert changed.status_code == 200, changed.text
    secrets += [changed.json()["access_token"], changed.json()["refresh_token"]]
    invited = client.post("/auth/users", json={"email": f"new.{ADDRESS}", "name": f"{MARK} Person", "role": "VIEWER"})
    assert invited.status_code == 201, invited.text
    one_time = invited.json()["invitation"]["token"]
    secrets.append(one_time)
    for token, status in ((one_time + "x", 401), (one_time, 204)):
        reset = requests.post(
            f"{client.base_url}/auth/password-reset",
            json={"token": token, "new_password": f"{MARK} other words here"},
            timeout=60,
        )
        assert reset.status_code in (status, 200), reset.text
    key = client.post("/auth/service-tokens", json={"name": f"{MARK} machine"}).json()["token"]
    secrets.append(key)
    for bearer in (key, key[:-4] + "aaaa"):
        client.get("/products", headers={"Authorization": f"Bearer {bearer}"})

    monkeypatch.setenv("STOCKCAST_SECRET_ERP_PASSWORD", f"{MARK}-password")
    entities = {"products": {"table": f"{MARK}_items", "mapping": {"item_id": "code", "product_name": "name"}}}
    source = {"kind": "sql", "url": "postgresql://reader@127.0.0.1:1/shop", "secret": "erp-password"}
    assert client.call("PUT", "/etl/sources/erp", json=source | {"entities": entities}).status_code == 200
    client.post("/etl/sources/erp/test")
    client.post("/etl/sync/products", json={})
    lines.awaited("task", route="POST /etl/internal/sync", client_id=client.client_id)

    assert [secret for secret in secrets if secret in lines.text] == []


def test_files_and_webhooks_are_in_no_line(running: Running, lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOCKCAST_SECRET_HOOK", "whsec_" + "bWFya21hcmttYXJrbWFya21hcms=")
    shop = new_importer(TestClient(running.base_url))
    with listening() as receiver:
        receiver.answer = lambda _: 500
        hook = {"webhook_url": receiver.url(f"/hook/{MARK}"), "secret": "hook"}
        assert shop.client.call("PUT", "/settings", json={"notifications": hook}).status_code == 200
        shop.imported(f"item_id,location_id,date,quantity\n{MARK},LONDON,2011-10-01,{MARK}\n", f"{MARK}.csv")
        shop.imported(f"{MARK}\n1\n")
        for waiting in shop.tenant.collection("outbox").stream():
            deliver(config(), OutboxEntry(**(waiting.to_dict() or {})))
        lines.awaited("task", route="POST /notifications/internal/send", client_id=shop.client.client_id)
    assert lines.of("operation failed", client_id=shop.client.client_id)
    assert MARK not in lines.text
    assert "bWFya21hcmttYXJr" not in lines.text
    assert all(json.dumps(line) for line in lines.all())
