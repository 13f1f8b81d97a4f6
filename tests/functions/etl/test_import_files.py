"""Files as people have them, imported over HTTP: read whole, or refused; never taken for something else."""

from __future__ import annotations

import datetime as dt
import gzip
import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

from shared.domain.purchasing.product import Product
from shared.firestore.products import Products, StockLevels
from tests.support.importer import Importer

HEADER = "item_id,product_name,category,unit_cost\n"


def products(caller: Importer) -> dict[str, tuple[str, str]]:
    return {
        product.item_id: (product.product_name, str(product.unit_cost)) for product in Products(caller.tenant).every()
    }


def test_a_quote_that_is_not_closed_costs_no_product(caller: Importer) -> None:
    rows = 'Q-1,Cup,Cups,1.00\nQ-2,"6 inch plate,Plates,1.00\nQ-3,Mug,Cups,2.00\nQ-4,Jug,Jugs,3.00\nQ-5,Bowl,Bowls,3\n'
    run = caller.imported(HEADER + rows, kind="products")
    assert run["counts"] == {"read": 5, "accepted": 5, "rejected": 0}
    assert products(caller) == {
        "Q-1": ("Cup", "1.0000"),
        "Q-2": ('"6 inch plate', "1.0000"),
        "Q-3": ("Mug", "2.0000"),
        "Q-4": ("Jug", "3.0000"),
        "Q-5": ("Bowl", "3.0000"),
    }


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (f"{HEADER}TEA,Tea,Drinks,1.20,\nCOFFEE,Coffee,Drinks,3.40,\n", "products.csv"),
        (f"sep=,\n{HEADER}TEA,Tea,Drinks,1.20\nCOFFEE,Coffee,Drinks,3.40\n", "products.csv"),
        (f"{HEADER}TEA,Tea,Drinks,1.20\nCOFFEE,Coffee,Drinks,3.40\n,,,\n".replace(",", ";"), "products.csv"),
        (f"{HEADER}TEA,Tea,Drinks,1.20\nCOFFEE,Coffee,Drinks,3.40\n".replace(",", "\t"), "products.tsv"),
        (gzip.compress(f"{HEADER}TEA,Tea,Drinks,1.20\nCOFFEE,Coffee,Drinks,3.40\n".encode()), "products.csv.gz"),
    ],
    ids=["one blank cell more", "sep line", "semicolons and a blank row", "tabs", "compressed"],
)
def test_what_spreadsheets_and_systems_write_is_read(caller: Importer, content: str | bytes, name: str) -> None:
    run = caller.imported(content, name, kind="products")
    assert run["counts"] == {"read": 2, "accepted": 2, "rejected": 0}
    assert products(caller) == {"TEA": ("Tea", "1.2000"), "COFFEE": ("Coffee", "3.4000")}


def test_a_run_that_accepts_nothing_has_not_succeeded(caller: Importer) -> None:
    content = f"{HEADER}TEA,Tea,Drinks,1.20,x\n,Coffee,Drinks,3.40\n"
    dry = caller.imported(content, kind="products", dry_run="true")
    assert (dry["status"], dry["counts"]) == ("succeeded", {"read": 2, "accepted": 0, "rejected": 2})
    run = caller.imported(content, kind="products")
    assert (run["status"], run["counts"]) == ("failed", {"read": 2, "accepted": 0, "rejected": 2})
    assert run["error"]["code"] == "nothing_accepted"
    assert "1 x malformed, 1 x required" in run["error"]["detail"]
    assert caller.rejects(run) == [(2, "malformed", None), (3, "required", "item_id")]


def workbook(*rows: Sequence[Any]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_an_id_that_a_spreadsheet_has_changed_is_no_product(caller: Importer) -> None:
    header = ["item_id", "product_name", "category", "unit_cost"]
    day = dt.datetime(2011, 3, 1)
    rows = [
        [day, "Cable MAR-1", "Cables", 2],
        [True, "Article", "Nuts", 0.5],
        ["A", day, "Nuts", 3],
        [12, "B", "#N/A", 3],
    ]
    run = caller.imported(workbook(header, *rows, ["C", "Cup", "Cups", 1]), "products.xlsx", kind="products")
    assert caller.rejects(run) == [
        (2, "unreadable_cell", "item_id"),
        (3, "unreadable_cell", "item_id"),
        (5, "unreadable_cell", "category"),
    ]
    assert products(caller) == {"A": ("2011-03-01T00:00:00", "3.0000"), "C": ("Cup", "1.0000")}


def test_a_formula_without_a_stored_value_leaves_the_stock_as_it_is(caller: Importer) -> None:
    Products(caller.tenant).put_many([Product(item, item) for item in ("TEA", "COFFEE", "MILK")])
    header = ["item_id", "location_id", "counted", "reserved", "current_stock"]
    first: list[list[Any]] = [["TEA", "LONDON", 0, 0, 40], ["COFFEE", "LONDON", 0, 0, 3], ["MILK", "LONDON", 0, 0, 3]]
    caller.imported(workbook(header, *first), "stock.xlsx", kind="stock-levels")

    rows: list[list[Any]] = [
        ["TEA", "LONDON", 45, 5, "=C2-D2"],
        ["COFFEE", "LONDON", 12, 0, 12],
        ["MILK", "LONDON", "=1+1", None, 7],
    ]
    run = caller.imported(workbook(header, *rows), "stock.xlsx", kind="stock-levels")

    assert caller.rejects(run) == [(2, "unreadable_cell", "current_stock")]
    (reject,) = caller.get(f"/etl/runs/{run['id']}/rejects").json()["items"]
    assert reject["reason"] == (
        "the cell of current_stock holds a formula without a stored value, which is no value of it"
    )
    stock = {level.item_id: level.levels for level in StockLevels(caller.tenant).every()}
    assert stock == {"TEA": {"LONDON": 40}, "COFFEE": {"LONDON": 12}, "MILK": {"LONDON": 7}}


def test_items_and_places_are_found_however_a_source_spells_them(caller: Importer) -> None:
    caller.imported(f"{HEADER}MUG-BLUE,Mug,Mugs,1\nCAFÉ-9,Café,Mugs,1\nmug-blue,Blue mug,Mugs,1\n", kind="products")
    run = caller.imported(f"{HEADER}mug-blue,Blue mug,Mugs,2\nCAFE\u0301-9,,,3\n", kind="products")
    assert run["result"]["updated"] == 2
    assert products(caller) == {"MUG-BLUE": ("Blue mug", "2.0000"), "CAFÉ-9": ("Café", "3.0000")}

    stock = "item_id,location_id,current_stock\nMug-Blue,London,4\ncafe\u0301-9,dublin,2\n"
    assert caller.imported(stock, kind="stock-levels")["counts"]["rejected"] == 0
    sales = "item_id,location_id,date,units_sold\nmug-blue,london,2011-10-10,3\nTAE,LONDON,2011-10-10,1\n"
    run = caller.imported(sales)
    assert run["result"]["orphans"] == {"count": 1, "examples": ["TAE"]}
    assert "1 item ids are no product of this client, such as 'TAE'" in run["result"]["warnings"][0]
    invoices = "invoice_no,item_id,location_id,date,units_sold,price\n1,mug-BLUE,LONDON,2011-10-11T10:00,2,1\n"
    assert caller.imported(invoices, aggregate="invoice_lines")["result"]["orphans"]["count"] == 0
    assert [row[:2] for row in caller.demand()] == [("MUG-BLUE", "LONDON"), ("MUG-BLUE", "LONDON"), ("TAE", "LONDON")]


def test_the_encoding_of_a_file_is_found_or_asked_for(caller: Importer) -> None:
    def imported(text: str, written_in: str, **form: Any) -> dict[str, Any]:
        return caller.imported(f"{HEADER}A,{text},Mugs,1\n".encode(written_in), kind="products", **form)

    assert imported("Чайник", "cp1251")["result"]["format"]["encoding"] == "cp1251"
    assert products(caller)["A"][0] == "Чайник"
    asked = imported("Příbor", "cp1250")
    assert (asked["status"], asked["error"]["code"]) == ("failed", "ambiguous_encoding")
    assert products(caller)["A"][0] == "Чайник"
    assert imported("Příbor", "cp1250", encoding="windows-1250")["status"] == "succeeded"
    assert products(caller)["A"][0] == "Příbor"


@pytest.mark.parametrize(
    ("form", "pointer"),
    [
        ({"encoding": "rot13"}, "form/encoding"),
        ({"encoding": "klingon"}, "form/encoding"),
        ({"delimiter": "x"}, "form/delimiter"),
        ({"encoding": "utf-8", "format": "excel"}, "form/encoding"),
    ],
)
def test_what_cannot_be_said_of_a_file_is_refused(caller: Importer, form: dict[str, Any], pointer: str) -> None:
    answer = caller.upload(f"{HEADER}A,B,C,1\n", kind="products", **form)
    assert answer.status_code == 422, answer.text
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


LINES = "invoice_no,item_id,location_id,date_local,units_sold,price,customer_id\n"


def test_a_day_of_invoices_comes_in_several_files_and_a_return_days_later(caller: Importer) -> None:
    Products(caller.tenant).put_many([Product("PART-DAY", "Part")])
    morning = f"{LINES}9001,PART-DAY,LONDON,2011-10-10T09:00,3,5.00,c1\n"
    caller.imported(morning)
    afternoon = caller.imported(f"{LINES}9002,PART-DAY,LONDON,2011-10-10T16:00,4,5.00,c2\n")
    assert afternoon["result"]["aggregate"] == "invoice_lines"
    assert (afternoon["result"]["inserted"], afternoon["result"]["updated"]) == (0, 1)
    day = ("PART-DAY", "LONDON", dt.date(2011, 10, 10), Decimal(7), Decimal(35))
    assert caller.demand() == [day]
    assert caller.imported(morning)["result"]["unchanged"] == 1
    assert caller.demand() == [day]

    returned = f"{LINES}9003,PART-DAY,LONDON,2011-10-12T10:00,-1,5.00,c2\n"
    tried = caller.imported(returned, dry_run="true")
    assert (tried["result"]["updated"], tried["result"]["returned_units"], caller.demand()) == (1, 1.0, [day])
    caller.imported(returned)
    assert caller.demand() == [(*day[:3], Decimal(6), Decimal(30))]
    corrected = (
        f"{LINES}9002,PART-DAY,LONDON,2011-10-10T16:00,2,5.00,c2\n9002,OTHER,LONDON,2011-10-11T09:00,1,5.00,c2\n"
    )
    caller.imported(corrected, mode="replace")
    assert [row[:4] for row in caller.demand()] == [
        ("OTHER", "LONDON", dt.date(2011, 10, 11), Decimal(1)),
        ("PART-DAY", "LONDON", dt.date(2011, 10, 10), Decimal(1)),
    ]


def test_codes_and_invoices_mean_what_the_mapping_says_and_nothing_else(caller: Importer) -> None:
    items = ("S", "M", "GIFT_BOX_RED", "MAT")
    Products(caller.tenant).put_many([Product(item, item) for item in items])
    rows = "".join(f"CH-2011-{n},{item},LONDON,2011-10-10,2,0,\n" for n, item in enumerate(items))
    assert caller.imported(LINES + rows)["counts"] == {"read": 4, "accepted": 4, "rejected": 0}
    assert [row[0] for row in caller.demand()] == ["GIFT_BOX_RED", "M", "MAT", "S"]
    wrong = caller.upload(LINES + rows, mapping='{"exclude": [{"reason": "x", "where": {"colour": {"empty": true}}}]}')
    assert wrong.status_code == 422
    (error,) = wrong.json()["errors"]
    assert error["pointer"] == "form/mapping/exclude/0/where"
    assert "unknown field 'colour'; allowed: item_id" in error["detail"]


def test_sales_of_a_day_at_several_times_are_added_up(caller: Importer) -> None:
    rows = "item_id,location_id,date,units_sold\nTEA,LONDON,2011-10-10 09:14,2\nTEA,LONDON,2011-10-10 16:40,3\n"
    run = caller.imported(rows)
    assert (run["result"]["aggregate"], run["result"]["summed"]) == ("none", 1)
    assert [row[3] for row in caller.demand()] == [5]


TILL = """sep=,
Receipt,Date,Time,SKU,Qty,Price,Customer,Shop
77001,10/10/2011,09:14,tea,2,2.50,,LONDON
77002,11/10/2011,16:40,tea,3,2.50,,LONDON
Total,,,,5,5.00,,
"""


def test_a_question_stops_an_import_and_a_dry_run_asks_it(caller: Importer) -> None:
    form = {"aggregate": "invoice_lines"}
    stopped = caller.imported(TILL, **form)
    assert (stopped["status"], stopped["error"]["code"], stopped["counts"]) == ("failed", "ambiguous_dates", None)
    assert "11/10/2011 may be 2011-10-11 (DMY) or 2011-11-10 (MDY)" in stopped["error"]["detail"]
    assert caller.demand() == []

    dry = caller.imported(TILL, dry_run="true", **form)
    result = dry["result"]
    assert dry["status"] == "succeeded"
    assert [(question["code"], question["choices"]) for question in result["questions"]] == [
        ("ambiguous_dates", ["DMY", "MDY"])
    ]
    assert result["format"] == {
        "name": "csv",
        "encoding": "utf-8",
        "delimiter": ",",
        "header_row": 1,
        "sheet": None,
        "decimal_mark": ".",
        "date_order": None,
    }
    assert result["suggested_mapping"]["item_id"] == "SKU"
    assert result["preview"][0]["row"] == 2
    assert result["preview"][0]["given"]["Date"] == "10/10/2011"
    assert result["preview"][0]["understood"]["date_local"] == "2011-10-10T09:14:00"

    run = caller.imported(TILL, date_order="DMY", **form)
    assert (run["counts"], run["result"]["rejected_by_check"]) == (
        {"read": 3, "accepted": 2, "rejected": 1},
        {"total_row": 1},
    )
    assert [row[:4] for row in caller.demand()] == [
        ("tea", "LONDON", dt.date(2011, 10, 10), 2),
        ("tea", "LONDON", dt.date(2011, 10, 11), 3),
    ]


def test_a_report_is_read_wherever_its_table_is(caller: Importer) -> None:
    Products(caller.tenant).put_many([Product("TEA", "Tea"), Product("MILK", "Milk")])
    book = openpyxl.load_workbook(io.BytesIO(workbook(["Read me first"], ["Artikel: see the next sheet"])))
    sheet = book.create_sheet("Bestand")
    rows: list[list[Any]] = [
        ["Lagerbestand zum 12.10.2011"],
        [],
        [None, "Artikel-Nr.", "Lagerort", "Bestand (Stk)"],
        [None, "TEA", "London", "1.240,5"],
        [" "],
        [None, "MILK", "Dublin", 2.5],
        [None, "Gesamt:", None, 1243],
    ]
    for row in rows:
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)

    run = caller.imported(file.getvalue(), "bestand.xlsx", kind="stock-levels")

    assert (run["counts"], run["result"]["rejected_by_check"]) == (
        {"read": 3, "accepted": 2, "rejected": 1},
        {"total_row": 1},
    )
    assert run["result"]["format"]["sheet"] == "Bestand"
    assert run["result"]["format"]["header_row"] == 3
    stock = {level.item_id: level.levels for level in StockLevels(caller.tenant).every()}
    assert stock == {"TEA": {"LONDON": Decimal("1240.5")}, "MILK": {"DUBLIN": Decimal("2.5")}}
    missing = caller.imported(file.getvalue(), "bestand.xlsx", kind="stock-levels", sheet="Lager")
    assert missing["error"]["code"] == "sheet_not_found"


def test_an_encoding_that_cannot_be_told_is_asked_about_by_a_dry_run(caller: Importer) -> None:
    content = f"{HEADER}A,Příbor,Mugs,1\n".encode("cp1250")
    result = caller.imported(content, kind="products", dry_run="true")["result"]
    (question,) = result["questions"]
    assert (question["code"], question["form_field"]) == ("ambiguous_encoding", "encoding")
    assert "cp1250" in question["choices"]
    assert result["preview"][0]["given"]["product_name"] in {"Pøíbor", "Příbor"}
