"""The suppliers' documents: what goes in comes out, and a name belongs to one of them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from shared.domain.errors import NotFound
from shared.domain.purchasing.supplier import ExternalIdTaken, Supplier, SupplierNameTaken, name_key, number_key
from shared.firestore.suppliers import Suppliers
from shared.firestore.transaction import Transaction
from tests.support.firestore_meter import FirestoreMeter
from tests.support.tenants import TestClient

FULL = Supplier(
    "a/b",
    "Ünï & Co",
    external_id="V-1",
    contact_name="Ann",
    contact_email="a@b.example",
    contact_phone="1",
    address="2\n3",
    supplier_type="Maker",
    payment_terms="30 days",
    lead_time_days=5,
    minimum_order_value=Decimal("6.70"),
    notes="8",
    is_synced=True,
)
BARE = Supplier("bare", "Bare")


def put(client: TestClient, *after: Supplier, before: tuple[Supplier, ...] = ()) -> None:
    stored = {supplier.supplier_id: supplier for supplier in before}
    client.tenant.transact(lambda transaction: Suppliers(client.tenant).put_all(transaction, after, stored))


def test_what_goes_in_comes_out(client: TestClient) -> None:
    suppliers = Suppliers(client.tenant)
    assert suppliers.put_many([FULL, BARE]) == 2
    assert suppliers.get("a/b").value == FULL
    assert suppliers.get_many(["bare", "nobody", "a/b", "bare"]) == {"bare": BARE, "a/b": FULL}
    assert suppliers.get_many([]) == {}
    assert list(suppliers.every()) == [FULL, BARE]
    with pytest.raises(NotFound, match="no supplier 'nobody'"):
        suppliers.get("nobody")


def test_what_is_not_in_a_document_is_none(client: TestClient) -> None:
    fields = {"supplier_id": "old", "name": "Old", "lead_time_days": 7, "minimum_order_value": "150.00"}
    client.tenant.collection("suppliers").document("old").set(fields)
    expected = Supplier("old", "Old", lead_time_days=7, minimum_order_value=Decimal("150.00"))
    assert Suppliers(client.tenant).get("old").value == expected


def test_a_name_and_a_number_belong_to_one(client: TestClient) -> None:
    put(client, FULL, BARE)
    keys = [name_key("üNÏ  & co"), name_key("bare"), number_key("V-1"), name_key("free")]
    assert Suppliers(client.tenant).holders(keys) == {keys[0]: "a/b", keys[1]: "bare", keys[2]: "a/b"}
    assert Suppliers(client.tenant).holders([]) == {}
    with pytest.raises(SupplierNameTaken, match="supplier 'bare' has the name 'bare' already"):
        put(client, replace(FULL, name="BARE"), before=(FULL,))
    with pytest.raises(ExternalIdTaken, match="supplier 'a/b' has the external_id 'V-1' already"):
        put(client, replace(BARE, external_id="V-1"), before=(BARE,))
    with pytest.raises(SupplierNameTaken, match="'x' has"):
        put(client, Supplier("x", "New"), Supplier("y", "new"))
    assert set(Suppliers(client.tenant).get_many(["x", "y"])) == set()


def test_two_may_exchange_their_names(client: TestClient) -> None:
    put(client, FULL, BARE)
    swapped = (replace(FULL, name="Bare", external_id=None), replace(BARE, name=FULL.name, external_id="V-1"))
    put(client, *swapped, before=(FULL, BARE))
    keys = [name_key(FULL.name), name_key("bare"), number_key("V-1")]
    assert Suppliers(client.tenant).holders(keys) == dict(zip(keys, ("bare", "a/b", "bare"), strict=True))


def test_what_is_given_up_or_removed_is_free(client: TestClient) -> None:
    put(client, FULL, BARE)
    put(client, replace(FULL, name="Else"), before=(FULL,))
    put(client, Supplier("c", FULL.name))

    def remove(transaction: Transaction) -> None:
        Suppliers(client.tenant).remove(transaction, BARE)

    client.tenant.transact(remove)
    put(client, Supplier("d", "BARE"))
    assert [supplier.supplier_id for supplier in Suppliers(client.tenant).every()] == ["a/b", "c", "d"]


def test_a_change_of_other_fields_reads_no_name(client: TestClient, meter: FirestoreMeter) -> None:
    put(client, FULL)
    meter.reset()
    put(client, replace(FULL, notes="9", name="üNÏ & CO"), before=(FULL,))
    assert (meter.of(client.client_id).reads, meter.of(client.client_id).writes) == (0, 1)
