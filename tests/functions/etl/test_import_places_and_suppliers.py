"""Imports of what a client's own system keeps: locations, suppliers and their links; what is kept here stays."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from shared.domain.location import Location, LocationType
from shared.domain.purchasing.product import Condition, Product
from shared.domain.purchasing.supplier import Supplier
from shared.firestore.conditions import Conditions
from shared.firestore.locations import Locations
from shared.firestore.products import Products
from shared.firestore.suppliers import Suppliers
from tests.support.firestore_meter import FirestoreMeter
from tests.support.importer import Importer

_BOOKKEEPING = 20  # writes of an operation itself, however many records it reads


def _changes(run: dict[str, Any]) -> tuple[int, int, int, int]:
    result = run["result"]
    return result["inserted"], result["updated"], result["unchanged"], run["counts"]["rejected"]


def _again(caller: Importer, meter: FirestoreMeter, content: str, kind: str) -> None:
    """The same file once more changes nothing, and writes nothing but the operation itself."""
    meter.reset()
    run = caller.imported(content, kind=kind)
    assert (run["result"]["inserted"], run["result"]["updated"]) == (0, 0)
    assert meter.of(caller.tenant.client_id).writes <= _BOOKKEEPING


def test_locations_of_the_clients_system_are_kept_and_others_left(caller: Importer, meter: FirestoreMeter) -> None:
    here = Location("OUTLET", "Our outlet", LocationType.STORE)
    caller.tenant.transact(lambda transaction: Locations(caller.tenant).put(transaction, here))
    many = "".join(f"DEPOT-{number},Depot {number},warehouse,,,\n" for number in range(30))
    head = "location_id,name,type,address,city,country\n"
    file = f"{head}MAIN,Main depot,Warehouse,,Leeds,UK\noutlet,Theirs,store,,,\nSHOP,,,,,\n*,All,,,,\nX,X,attic,,,\n"

    run = caller.imported(file + many, kind="locations")

    assert _changes(run) == (32, 0, 0, 3)
    assert caller.rejects(run) == [
        (3, "app_managed", "location_id"),
        (5, "format", "location_id"),
        (6, "format", "type"),
    ]
    listed = {place["location_id"]: place for place in caller.get("/locations", page_size=200).json()["items"]}
    assert (listed["OUTLET"]["name"], listed["OUTLET"]["is_synced"]) == ("Our outlet", False)
    assert (listed["SHOP"]["name"], listed["SHOP"]["type"]) == ("SHOP", None)
    assert listed["MAIN"] == listed["MAIN"] | {"name": "Main depot", "type": "warehouse", "is_synced": True}
    _again(caller, meter, file + many, "locations")

    changed = caller.imported(f"{head}main,,,,York,\n", kind="locations")

    assert _changes(changed) == (0, 1, 0, 0)
    stored = Locations(caller.tenant).get("MAIN").value
    assert stored == Location("MAIN", "Main depot", LocationType.WAREHOUSE, None, "York", "UK", is_synced=True)


def test_suppliers_of_the_clients_system_are_kept_and_others_left(caller: Importer, meter: FirestoreMeter) -> None:
    suppliers = Suppliers(caller.tenant)
    suppliers.put_many([Supplier("own", "Own & Co", external_id="9", lead_time_days=3)])
    head = "external_id,name,contact_email,lead_time_days,minimum_order_value\n"
    file = f"{head}1,Mugs Ltd,old@mugs.example,10,250.5\n2,own & co,,,\n9,Other,,,\n,Cups,,,\n1,Mugs again,,,\n"

    run = caller.imported(file, kind="suppliers")

    assert _changes(run) == (2, 0, 0, 3)
    assert caller.rejects(run) == [
        (3, "app_managed", "name"),
        (4, "app_managed", "supplier_id"),
        (6, "duplicate", None),
    ]
    by_name = {supplier.name: supplier for supplier in suppliers.every()}
    mugs = by_name["Mugs Ltd"]
    assert mugs == Supplier(
        mugs.supplier_id, "Mugs Ltd", "1", contact_email="old@mugs.example", lead_time_days=10,
        minimum_order_value=Decimal("250.50"), is_synced=True,
    )  # fmt: skip
    assert by_name["Own & Co"] == Supplier("own", "Own & Co", external_id="9", lead_time_days=3)
    _again(caller, meter, file, "suppliers")

    # A contact is the client's from then on, and a new name is that of its links too.
    Products(caller.tenant).put_many([Product("a", "A")])
    link = Condition("a", mugs.supplier_id, "Mugs Ltd", 5, Decimal(0), Decimal(1), Decimal(1), True)
    Conditions(caller.tenant).put_many([link])
    changed = caller.imported(f"{head}1,Mugs Limited,new@mugs.example,12,\n", kind="suppliers")

    assert _changes(changed) == (0, 1, 0, 0)
    assert suppliers.get(mugs.supplier_id).value == replace(mugs, name="Mugs Limited", lead_time_days=12)
    assert Conditions(caller.tenant).of_item("a") == [replace(link, supplier_name="Mugs Limited")]
    assert caller.get("/suppliers", search="limited").json()["items"][0]["is_synced"]


@pytest.fixture
def linked(caller: Importer) -> Importer:
    """A client with the products a and b/1, three suppliers, and one link of its own."""
    Products(caller.tenant).put_many([Product("a", "A"), Product("b/1", "B")])
    Suppliers(caller.tenant).put_many(
        [Supplier("m", "Mugs", "1", lead_time_days=9, is_synced=True), Supplier("c", "Cups"), Supplier("own", "Own")]
    )
    own = Condition("a", "own", "Own", 3, Decimal(5), Decimal(1), Decimal("2.00"), True)
    Conditions(caller.tenant).put_many([own])
    return caller


def test_links_of_the_clients_system_are_made_and_terms_never_overwritten(
    linked: Importer, meter: FirestoreMeter
) -> None:
    conditions = Conditions(linked.tenant)
    (own,) = conditions.of_item("a")
    head = "item_id,supplier_id,external_id,supplier_name,supplier_cost,moq,lead_time_days,packaging_qty,is_primary\n"
    file = (
        f"{head}A,,1,,0.42,100,,24,true\nb/1,c,,,1.5,,7,,true\na,,,own,9,,,,\na,,,nobody,1,,,,\nnone,c,,,1,,,,\n"
        "b/1,,,mugs,,,,,\n"
    )

    run = linked.imported(file, kind="product-suppliers")

    assert linked.rejects(run) == [
        (4, "app_managed", None),
        (5, "unknown_supplier", "supplier_name"),
        (6, "unknown_item", "item_id"),
        (7, "required", "supplier_cost"),
    ]
    assert _changes(run) == (2, 0, 0, 4)
    # Where the client has chosen a primary supplier of its own, it stays that.
    mugs = Condition("a", "m", "Mugs", 9, Decimal(100), Decimal(24), Decimal("0.42"), False, is_synced=True)
    assert conditions.of_item("a") == [own, mugs]
    (cups,) = conditions.of_item("b/1")
    assert (cups.is_primary, cups.lead_time_days, cups.is_synced) == (True, 7, True)
    _again(linked, meter, file, "product-suppliers")

    changed = linked.imported(f"{head}a,m,,,2,500,30,12,\nb/1,c,,,,,,,\nb/1,m,,,3,,,,true\n", kind="product-suppliers")

    assert _changes(changed) == (1, 2, 0, 0)  # c is not the primary one any more
    assert conditions.of_item("a") == [own, replace(mugs, supplier_cost=Decimal(2), packaging_qty=Decimal(12))]
    assert {link.supplier_id: link.is_primary for link in conditions.of_item("b/1")} == {"c": False, "m": True}
