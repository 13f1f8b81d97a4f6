"""What a supplier gets: the PDF read back, and the CSV, say what the order says."""

from __future__ import annotations

import csv
import datetime as dt
import io
import time
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from operator import itemgetter
from typing import Any

import pypdf
import pytest
import simplejson
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.purchase_orders.document import CSV_COLUMNS, MAX_NAME, order_csv, order_pdf
from shared.domain.access.client import Client
from shared.domain.access.principal import Role
from shared.domain.location import Location
from shared.domain.purchasing.purchase_order import OrderLine, PurchaseOrder
from shared.domain.purchasing.supplier import Supplier
from shared.firestore.locations import Locations
from shared.firestore.suppliers import Suppliers
from tests.support.firestore_meter import FirestoreMeter
from tests.support.orders import order, put_order
from tests.support.problems import assert_problem
from tests.support.running import Running
from tests.support.tenants import TestClient

CLIENT = Client("c", "Grand Gifts Ltd", currency="GBP")
SUPPLIER = Supplier(
    "acme",
    "Acmé & Søns",
    contact_name="Ms Ødegård",
    contact_email="orders@acme.example",
    contact_phone="+45 33 00 00 00",
    address="Havnegade 1\n1058 København",
)
PLACE = Location("LONDON", "London warehouse", address="Dock 4, 2 Quay Street, London E1")


def line(item_id: str, name: str, quantity: str = "12.000", price: str = "1.75") -> OrderLine:
    return OrderLine(item_id, name, Decimal(quantity), Decimal("0.000"), Decimal(price), 10)


def pages(pdf: bytes) -> list[str]:
    """The text of each page, as a reader would copy it."""
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]


def printed(placed: PurchaseOrder, location: Location | None = PLACE) -> list[str]:
    return pages(order_pdf(placed, SUPPLIER, location, CLIENT))


def test_a_pdf_says_who_orders_what_from_whom_for_when_and_where() -> None:
    placed = order(7, notes="Ring the bell.\nTwice.", lines=(line("A/1", "Red lantern", "2.500", "1234.50"),))
    (text,) = printed(placed)
    for part in (
        "Purchase order PO-2024-000007",
        "Grand Gifts Ltd",
        "Acmé & Søns",
        "Ms Ødegård",
        "Havnegade 1",
        "1058 København",
        "orders@acme.example",
        "+45 33 00 00 00",
        "2024-05-27",
        "2024-06-13",
        "London warehouse",
        "Dock 4, 2 Quay Street, London E1",
        "A/1",
        "Red lantern",
        "2.5 1,234.50 3,086.25",
        "(GBP)",
        "Total (1 line) GBP 3,086.25",
        "Ring the bell.",
        "Twice.",
        "page 1 of 1",
    ):
        assert part in text
    assert "CANCELLED" not in text


def test_both_parties_terms_packs_and_shipping_are_on_it() -> None:
    packed = replace(
        line("A/1", "Red lantern", "24.000"),
        packaging_qty=Decimal("6.000"),
        packaging_unit="carton",
        supplier_sku="AC-77",
    )
    placed = order(7, lines=(packed,), shipping_method="Sea freight", shipping_unit="Euro pallet")
    buyer = replace(
        CLIENT,
        address="12 Market Street\nLondon N1",
        contact_name="Jane Buyer",
        contact_email="buying@gifts.example",
        contact_phone="+44 20 7946 0000",
    )
    seller = replace(SUPPLIER, payment_terms="30 days net", external_id="S-1001")
    (text,) = pages(order_pdf(placed, seller, replace(PLACE, city="London", country="United Kingdom"), buyer))
    for part in (
        "12 Market Street\nLondon N1",
        "Jane Buyer",
        "buying@gifts.example",
        "+44 20 7946 0000",
        "Payment terms 30 days net",
        "Shipping method Sea freight",
        "Shipping unit Euro pallet",
        "S-1001",
        "United Kingdom",
        "Your no. AC-77",
        "A/1 Red lantern 4 × carton of 6 24 1.75 42.00",
    ):
        assert part in text


def test_five_hundred_lines_in_chinese_take_seconds() -> None:
    """They took 45: each text was measured several times, and the bounds of every glyph computed anew."""
    first = ord("\N{CJK UNIFIED IDEOGRAPH-4E00}")
    names = ["".join(chr(first + (number * 37 + place * 101) % 6000) for place in range(100)) for number in range(500)]
    placed = order(1, lines=tuple(line(f"item-{number}", name) for number, name in enumerate(names)))
    started = time.process_time()
    content = order_pdf(placed, SUPPLIER, PLACE, CLIENT)
    assert time.process_time() - started < 6  # 1.5 on an idle machine
    flat = "".join("".join(pages(content)).split())
    assert names[0][:20] in flat
    assert f"{placed.total_amount:,}" in flat


@given(
    st.lists(
        st.tuples(st.text(min_size=1, max_size=60), st.text(max_size=120)),
        min_size=1,
        max_size=4,
        unique_by=itemgetter(0),
    ),
    st.text(max_size=300),
)
@settings(max_examples=15)
def test_every_text_can_be_set(items: list[tuple[str, str]], notes: str) -> None:
    """Whatever an import or another system has stored, lone surrogates included."""
    placed = order(1, lines=tuple(line(item_id, name) for item_id, name in items), notes=notes)
    found = pages(order_pdf(placed, SUPPLIER, PLACE, CLIENT))
    assert f"page {len(found)} of {len(found)}" in found[-1]


def test_a_cancelled_order_says_so_on_every_page() -> None:
    lines = tuple(line(f"i{number}", "Lamp") for number in range(60))
    found = printed(order(1, status="cancelled", lines=lines))
    assert len(found) > 1
    assert all("CANCELLED" in text for text in found)


def test_two_hundred_lines_go_over_pages_each_with_its_head_and_number() -> None:
    lines = tuple(line(f"item-{number:03}", f"Product {number}", f"{number + 1}.000") for number in range(200))
    placed = order(1, lines=lines)
    found = printed(placed)
    assert len(found) > 3
    for number, text in enumerate(found, start=1):
        assert "Item Product Pack Quantity" in text
        assert f"page {number} of {len(found)}" in text
    whole = "\n".join(found)
    shown = [word for word in whole.split() if word.startswith("item-")]
    assert shown == [one.item_id for one in lines]
    for one in lines:
        assert f"{one.item_id} {one.product_name} {one.quantity.normalize():f} 1.75 {one.total_price:,}" in whole
    assert f"Total (200 lines) GBP {placed.total_amount:,}" in found[-1]


@pytest.mark.parametrize(
    "name",
    [
        "Ünïcödé",
        "Φανάρι",
        "Фонарь красный",
        "Կարմիր լապտեր",
        "Đèn lồng đỏ",
        "ŁÓŻKO – “ø” 5 µm²",
        "日本語の灯籠",
        "红灯笼 大",
        "빨간 등불",
        "פנס אדום",
        "فانوس أحمر",
    ],
)
def test_names_of_many_scripts_are_set(name: str) -> None:
    (text,) = printed(order(1, lines=(line("a", name), line("ünï", "x"))))
    assert name in text
    assert "Total (2 lines) GBP 42.00" in text
    assert "page 1 of 1" in text


def test_what_no_font_has_is_a_box_and_what_is_invisible_is_nothing() -> None:
    (text,) = printed(order(1, lines=(line("a", "Lamp ไทย red"), line("b", "Red\u202e {nb}\ue000\ufeff"))))
    assert "a Lamp □□□ red 12" in text
    assert "b Red {nb}□ 12" in text
    assert "page 1 of 1" in text


def test_long_names_wrap_and_break() -> None:
    long = "A product name of many words " * 17
    unbroken = "x" * 500
    (text,) = printed(
        order(1, lines=(line("i" * 200, "Lamp"), line("b", long[:MAX_NAME]), line("c", unbroken[:MAX_NAME])))
    )
    # Name and figures stand beside the first line of a row.
    flat = "".join(text.split()).replace("121.7521.00", "").replace("Lamp", "")
    assert "".join(long[:MAX_NAME].split()) in flat
    assert unbroken[:MAX_NAME] in flat
    assert "i" * 200 in flat
    (text,) = printed(order(1, lines=(line("b", unbroken),)))
    assert "xx…" in text
    assert text.count("x") == MAX_NAME + 1  # and that of the address


def test_control_characters_do_no_harm() -> None:
    (text,) = printed(order(1, lines=(line("a\tb", "Lamp\x00red"),), notes="\x07one\r\ntwo"))
    assert "a b Lamp red 12" in text
    assert "one\ntwo" in text


def test_what_is_not_known_is_left_out() -> None:
    placed = order(1, expected_delivery_date=None, location_id=None)
    (text,) = pages(order_pdf(placed, Supplier("acme", "Acme Ltd"), None, CLIENT))
    assert "Requested delivery" not in text
    assert "Deliver to" not in text
    assert "Note" not in text
    (text,) = printed(order(1), location=None)
    assert "Deliver to\nLONDON" in text  # the location is there no more


def test_printing_again_gives_the_same_file() -> None:
    placed = order(1, lines=(line("a", "Lamp"), line("b", "Фонарь")))
    first = order_pdf(placed, SUPPLIER, PLACE, CLIENT)
    assert order_pdf(placed, SUPPLIER, PLACE, CLIENT) == first
    dated = pypdf.PdfReader(io.BytesIO(first)).metadata
    assert dated is not None
    assert dated.creation_date == placed.created_at
    assert dated.title == "Purchase order PO-2024-000001"
    assert order_pdf(replace(placed, notes="!"), SUPPLIER, PLACE, CLIENT) != first


def test_csv_has_the_lines_and_no_formula() -> None:
    lines = (line("A/1", 'Red "lantern", large'), line("=1+1", "@SUM(A1)"), line("-5", "  +1", "2.500", "0.10"))
    packed = replace(lines[0], packaging_qty=Decimal("6.000"), packaging_unit="carton", supplier_sku="AC-1")
    content = order_csv(order(1, lines=(packed, *lines[1:]))).decode()
    order_fields = ["PO-2024-000001", "2024-06-02", "2024-06-13"]
    assert list(csv.reader(io.StringIO(content, newline=""))) == [
        list(CSV_COLUMNS),
        [*order_fields, "A/1", "AC-1", 'Red "lantern", large', "12.000", "carton", "6.000", "1.75", "21.00", "GBP"],
        [*order_fields, "'=1+1", "", "'@SUM(A1)", "12.000", "", "1.000", "1.75", "21.00", "GBP"],
        [*order_fields, "'-5", "", "'  +1", "2.500", "", "1.000", "0.10", "0.25", "GBP"],
    ]


# Over HTTP


@pytest.fixture(scope="module")
def shop(running: Running) -> TestClient:
    """A client with a supplier, a location and an order with both."""
    client = TestClient(running.base_url).create()

    def write(transaction: Any) -> None:
        Suppliers(client.tenant).put(transaction, SUPPLIER)
        Locations(client.tenant).put(transaction, PLACE)

    client.tenant.transact(write)
    lines = (line("A/1", "Red lantern", "2.500", "0.99"), line("b", "=Mug", "7.000", "1234.56"))
    put_order(client, order(1, lines=lines, notes="Ring."))
    put_order(client, order(2, supplier_id="gone", supplier_name="Gone Ltd", location_id="CLOSED"))
    return client


PATH = "/purchase-orders/order-1/document"


def _exact(client: TestClient, path: str) -> Any:
    return simplejson.loads(client.get(path).text, use_decimal=True)


@pytest.mark.parametrize(
    ("query", "accept", "content_type", "extension"),
    [
        ("", None, "application/pdf", "pdf"),
        ("", "*/*", "application/pdf", "pdf"),
        ("", "application/json", "application/pdf", "pdf"),
        ("", "text/csv", "text/csv; charset=utf-8", "csv"),
        ("", "text/csv, application/pdf;q=0.5", "text/csv; charset=utf-8", "csv"),
        ("", "application/pdf, text/csv", "application/pdf", "pdf"),
        ("?format=pdf", "text/csv", "application/pdf", "pdf"),
        ("?format=csv", "application/pdf", "text/csv; charset=utf-8", "csv"),
    ],
)
def test_the_format_is_what_is_asked_for(
    shop: TestClient, query: str, accept: str | None, content_type: str, extension: str
) -> None:
    response = shop.get(PATH + query, headers={"Accept": accept} if accept else None)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == content_type
    assert response.headers["Content-Disposition"] == f'attachment; filename="PO-2024-000001.{extension}"'
    assert response.content.startswith(b"%PDF" if extension == "pdf" else b"po_number,")


def test_totals_are_those_of_the_order(shop: TestClient) -> None:
    shown = _exact(shop, "/purchase-orders/order-1")
    (text,) = pages(shop.get(PATH).content)
    assert f"Total (2 lines) GBP {shown['total_amount']:,}" in text
    rows = list(csv.DictReader(io.StringIO(shop.get(f"{PATH}?format=csv").text)))
    assert sum(Decimal(row["total_price"]) for row in rows) == shown["total_amount"]
    assert [row["total_price"] for row in rows] == [str(one["total_price"]) for one in shown["items"]]
    for one in shown["items"]:
        assert f"{one['total_price']:,}" in text
    for part in ("A test client", "Acmé & Søns", "London warehouse", "Dock 4", "Ring."):
        assert part in text


def test_a_supplier_and_a_location_that_are_gone_are_named_as_the_order_knows_them(shop: TestClient) -> None:
    (text,) = pages(shop.get("/purchase-orders/order-2/document").content)
    assert "Gone Ltd" in text
    assert "CLOSED" in text


@pytest.mark.parametrize(("format_", "reads"), [("pdf", 3), ("csv", 1)])
def test_what_it_costs(shop: TestClient, meter: FirestoreMeter, format_: str, reads: int) -> None:
    """Below the client; its own document is the PDF's fourth read."""
    assert shop.get(f"{PATH}?format={format_}", role=Role.VIEWER).status_code == 200
    assert meter.of(shop.client_id).reads == reads
    assert meter.of(shop.client_id).writes == 0


def test_what_is_wrong_is_named(shop: TestClient, new_client: Callable[[], TestClient]) -> None:
    problem = assert_problem(shop.get(f"{PATH}?format=docx"), 422, "invalid_input")
    assert "'pdf' or 'csv'" in problem["detail"]
    assert_problem(shop.get("/purchase-orders/none/document"), 404, "purchase_order_not_found")
    assert_problem(new_client().get(PATH), 404, "purchase_order_not_found")
    assert_problem(shop.get(f"{PATH}?client_id=other"), 403, "other_client")


@pytest.mark.parametrize("format_", ["pdf", "csv"])
def test_the_document_declares_both(shop: TestClient, format_: str) -> None:
    assert shop.get(f"{PATH}?format={format_}").status_code == 200  # whose type `get` finds declared


def test_orders_are_dated_by_their_own_clock() -> None:
    """Not by the machine's: the order's moment, in UTC."""
    pdf = order_pdf(order(1, created_at=dt.datetime(2024, 1, 31, 23, 59, tzinfo=dt.UTC)), SUPPLIER, PLACE, CLIENT)
    assert b"D:20240131235900" in pdf
