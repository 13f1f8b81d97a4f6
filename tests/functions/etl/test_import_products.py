"""Imports of products: upserted, completed, and only written where they differ."""

from __future__ import annotations

from decimal import Decimal

from shared.domain.purchasing.item_planning import ItemPlanning
from shared.domain.purchasing.product import Product
from shared.firestore.products import Products
from tests.support.importer import Importer

FILE = '''item_id,product_name,category,unit_cost,strategic
85123A,White hanging heart,Decoration,1.255,false
a/b ü,Mug,,,
POST-1,"Card,  ""dolly""",Cards,0.10,true
'''


def products(caller: Importer) -> dict[str, Product]:
    return {product.item_id: product for product in Products(caller.tenant).every()}


def test_new_products_are_completed_and_marked_for_review(caller: Importer) -> None:
    run = caller.imported(FILE, kind="products")

    assert run["counts"] == {"read": 3, "accepted": 3, "rejected": 0}
    assert _changes(run) == (3, 0, 0)
    assert run["result"]["needs_review"] == 1
    assert products(caller) == {
        "85123A": Product("85123A", "White hanging heart", category="Decoration", unit_cost=Decimal("1.2550")),
        "a/b ü": Product("a/b ü", "Mug", needs_review=True),
        "POST-1": Product("POST-1", 'Card, "dolly"', category="Cards", unit_cost=Decimal("0.10"), strategic=True),
    }


def test_only_documents_that_differ_are_written(caller: Importer) -> None:
    caller.imported(FILE, kind="products")
    before = caller.written_at("products")

    again = caller.imported(FILE, kind="products")
    changed = caller.imported(FILE.replace("Cards,0.10", "Cards,0.12"), kind="products")

    after = caller.written_at("products")
    assert (_changes(again), _changes(changed)) == ((0, 0, 3), (0, 1, 2))
    assert {key for key in after if after[key] != before[key]} == {"POST-1"}


def test_what_was_exported_changes_nothing(caller: Importer) -> None:
    """A text that a spreadsheet would run has an apostrophe in the file, and none afterwards."""
    caller.imported(
        "item_id,sku,product_name,category,unit_cost,unit_price,strategic\n"
        "-5MM,+49,=SUM(A1),@home,1.25,2.5,true\n"
        "=A1,,-5 mm drill,Tools,0.1,,\n"
        "''+y,-,Lamp,Light's,3,4,\n",
        kind="products",
    )
    caller.client.refresh(rebuild=True)
    stored = products(caller)
    assert stored.keys() == {"-5MM", "=A1", "'+y"}
    assert stored["-5MM"] == Product(
        "-5MM", "=SUM(A1)", "+49", "@home", Decimal("1.25"), unit_price=Decimal("2.50"), strategic=True
    )
    for format_, name in (("csv", "p.csv"), ("excel", "p.xlsx"), ("parquet", "p.parquet")):
        exported = caller.get("/products/export", format=format_).content
        assert _changes(caller.imported(exported, name, kind="products")) == (0, 0, 3)
        assert products(caller) == stored


def test_what_the_file_leaves_blank_or_out_stays(caller: Importer) -> None:
    caller.imported(FILE, kind="products")

    run = caller.imported("item_id,category,unit_cost\n85123A,Gifts,\na/b ü,Kitchen,2\n", kind="products")

    assert _changes(run) == (0, 2, 0)
    assert products(caller)["85123A"] == Product(
        "85123A", "White hanging heart", category="Gifts", unit_cost=Decimal("1.2550")
    )
    assert products(caller)["a/b ü"] == Product("a/b ü", "Mug", category="Kitchen", unit_cost=Decimal(2))
    assert len(products(caller)) == 3


def test_records_that_are_no_product_are_rejected(caller: Importer) -> None:
    rows = ["a,Mug,1", ",Cup,1", "b,Cup,-1", "c,Cup,free", "a,Mug again,1", f"{'x' * 501},Long,1"]

    run = caller.imported("item_id,product_name,unit_cost\n" + "\n".join(rows), kind="products")

    assert run["counts"] == {"read": 6, "accepted": 1, "rejected": 5}
    assert caller.rejects(run) == [
        (3, "required", "item_id"),
        (4, "negative", "unit_cost"),
        (5, "format", "unit_cost"),
        (6, "duplicate", None),
        (7, "format", "item_id"),
    ]
    assert products(caller)["a"].product_name == "Mug"


def test_a_dry_run_writes_nothing_and_starts_no_refresh(caller: Importer) -> None:
    run = caller.imported(FILE, kind="products", dry_run="true")

    assert _changes(run) == (3, 0, 0)
    assert products(caller) == {}
    assert [operation["kind"] for operation in caller.get("/operations").json()["items"]] == ["etl_import.products"]


def test_a_change_starts_a_rebuild_of_the_catalog(caller: Importer) -> None:
    caller.imported(FILE, kind="products")

    kinds = [operation["kind"] for operation in caller.get("/operations").json()["items"]]
    assert sorted(kinds) == ["etl_import.products", "metrics_refresh.rebuild"]


def _changes(run: dict[str, dict[str, int]]) -> tuple[int, int, int]:
    return run["result"]["inserted"], run["result"]["updated"], run["result"]["unchanged"]


def test_what_is_planned_for_an_item_comes_with_it(caller: Importer) -> None:
    head = "item_id,service_level,min_stock,max_stock,do_not_order,do_not_order_until,reason\n"
    rows = [
        "a,0.98,5,50,,,",
        "b,,,,true,2011-12-31,seasonal",
        "c,1,,,,,",
        "d,,9,3,,,",
        "e,,,,true,2011-01-01,",
        "f,,,,,,x",
    ]

    run = caller.imported(head + "\n".join(rows), kind="products")
    again = caller.imported(f"{head}a,,6,,,,\nb,,,,no,,\n", kind="products")

    assert caller.rejects(run) == [
        (4, "range", "service_level"),
        (5, "stock_limits_out_of_order", "max_stock"),
        (6, "block_ends_in_the_past", "do_not_order_until"),
    ]
    assert _changes(run) == (3, 0, 0)
    assert _changes(again) == (0, 2, 0)
    planned = {item_id: product.planning for item_id, product in products(caller).items()}
    assert planned == {
        "a": ItemPlanning(service_level=0.98, min_stock=Decimal(6), max_stock=Decimal(50)),
        "b": ItemPlanning(reason="seasonal"),
        "f": None,
    }


def test_what_costs_less_than_a_cent_keeps_its_cost(caller: Importer) -> None:
    """Screws at 0.0042: an order of 100,000 comes to 420.00; a cost that rounding would change is refused."""
    costs = {"SCREW": "0.0042", "NUT": ".005", "BOLT": "0.89404", "DUST": "0.00004", "FREE": "0", "PIN": "0.00014"}
    rows = "".join(f"{item},Hardware,{cost}\n" for item, cost in costs.items())

    run = caller.imported(f"item_id,category,unit_cost\n{rows}", kind="products")

    assert caller.rejects(run) == [(5, "precision", "unit_cost"), (7, "precision", "unit_cost")]
    stored = {item_id: str(product.unit_cost) for item_id, product in products(caller).items()}
    assert stored == {"SCREW": "0.0042", "NUT": "0.0050", "BOLT": "0.8940", "FREE": "0.0000"}
    caller.imported("item_id,location_id,current_stock\nSCREW,LONDON,100000\n", kind="stock-levels")
    row = caller.get("/products", search="SCREW").json()["items"][0]
    assert (row["unit_cost"], row["inventory_value"]) == (0.0042, 420)
    caller.imported("external_id,name\n1,Acme\n", kind="suppliers")
    links = "item_id,external_id,supplier_cost\nSCREW,1,0.0042\n"
    caller.imported(links, kind="product-suppliers")
    supplier = caller.get("/suppliers").json()["items"][0]
    order = {"supplier_id": supplier["supplier_id"], "items": [{"item_id": "SCREW", "quantity": 100_000}]}
    placed = caller.client.post("/purchase-orders", json=order).json()
    assert (placed["total_amount"], placed["items"][0]["unit_cost"]) == (420, 0.0042)
    too_fine = caller.client.post(
        "/purchase-orders",
        json={**order, "items": [{"item_id": "SCREW", "quantity": 100, "unit_cost": 0.00421}]},
    )
    assert (too_fine.status_code, too_fine.json()["errors"][0]["pointer"]) == (422, "/items/0/unit_cost")
