"""Document keys for any identifier, and tenants that see only their own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.errors import NotFound
from shared.domain.purchasing.product import Product
from shared.firestore.products import Products
from shared.firestore.tenant import document_key
from tests.support.tenants import TestClient

HARD_IDS = [
    "",
    "%",
    ".",
    "..",
    "...",
    "__x__",
    "__",
    "%5F%5Fx__",
    "%2E",
    "%2F",
    "/",
    "a/b",
    "a%2Fb",
    "a//b",
    "metrics",
    "pointer",
    "50% off",
    "ünï©ødé",
    "漢" * 500,
    "漢" * 499 + "字",
    "😀" * 500,
    "/" * 500,
    "%" * 500,
    "latest",
]
_nasty = st.text(st.sampled_from("./_%~2F5Ea漢"), min_size=1, max_size=12) | st.text(max_size=500)


def _fits_firestore(key: str) -> bool:
    """The limits of Firestore: valid UTF-8 of up to 1,500 bytes, no slash, not `.` or `..`, not `__.*__`."""
    reserved = key in (".", "..") or (key.startswith("__") and key.endswith("__"))
    return 0 < len(key.encode()) <= 1500 and "/" not in key and not reserved


@given(st.lists(_nasty.filter(lambda text: text.isprintable()), min_size=2, max_size=8, unique=True))
def test_keys_are_valid_and_differ_when_the_identifiers_do(identifiers: list[str]) -> None:
    keys = [document_key(one) for one in identifiers]
    assert all(_fits_firestore(key) for key in keys)
    assert len(set(keys)) == len(identifiers)


def test_keys_of_hard_identifiers_are_valid_and_differ() -> None:
    keys = [document_key(one) for one in HARD_IDS]
    assert all(_fits_firestore(key) for key in keys)
    assert len(set(keys)) == len(HARD_IDS)


def test_no_identifier_has_the_key_of_a_long_one() -> None:
    long = "漢" * 500
    assert document_key(document_key(long)) != document_key(long)


def test_the_database_takes_and_finds_every_hard_identifier(client: TestClient) -> None:
    documents = client.tenant.collection("keys")
    for one in HARD_IDS:
        documents.document(document_key(one)).create({"id": one})
    assert {found.get("id") for found in documents.stream()} == set(HARD_IDS)
    for one in HARD_IDS:
        assert documents.document(document_key(one)).get().to_dict() == {"id": one}


def test_a_tenant_does_not_find_what_another_has(client: TestClient, new_client: Callable[[], TestClient]) -> None:
    Products(client.tenant).put_many([Product("a", "A")])
    assert Products(client.tenant).get("a").value.product_name == "A"
    with pytest.raises(NotFound):
        Products(new_client().tenant).get("a")


def test_a_client_id_cannot_lead_out_of_its_tenant(client: TestClient) -> None:
    inside = TestClient(client.base_url, client_id=f"{client.client_id}/products/a")
    assert inside.tenant.document.parent.id == "clients"
