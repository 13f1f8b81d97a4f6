"""Which columns the fields are read from where nobody says."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from shared.domain.imports.column_names import name_key, name_ranks
from shared.domain.imports.condition_import import CONDITION_FIELDS
from shared.domain.imports.record_fields import Field
from shared.domain.imports.supplier_import import SUPPLIER_FIELDS
from shared.imports.column_finding import find_columns, header_fit, suggested_columns
from shared.imports.import_options import Aggregate, ImportKind
from shared.imports.run_kinds import run_kind

KINDS: dict[object, tuple[Field, ...]] = {
    **{(kind, how): fields for kind in ImportKind for how, fields in run_kind(kind).fields.items()},
    ("suppliers", None): SUPPLIER_FIELDS,
    ("product-suppliers", None): CONDITION_FIELDS,
}
STOCK = KINDS[ImportKind.STOCK_LEVELS, Aggregate.NONE]
PRODUCTS = KINDS[ImportKind.PRODUCTS, Aggregate.NONE]
SALES = KINDS[ImportKind.SALES_HISTORY, Aggregate.NONE]


@pytest.mark.parametrize("fields", KINDS.values(), ids=map(str, KINDS))
def test_no_name_means_two_fields_of_a_kind(fields: Sequence[Field]) -> None:
    names = [field.name for field in fields]
    means: dict[str, str] = {}
    for name in names:
        for rank in name_ranks(name, names)[:2]:
            for key in rank:
                assert means.setdefault(key, name) == name, key


@pytest.mark.parametrize(
    ("header", "fields", "columns"),
    [
        ("SKU-Nr.,Lager,Bestand (Stk)", STOCK, "item_id,location_id,current_stock"),
        ("Réf. article,Magasin,Quantité", STOCK, "item_id,location_id,current_stock"),
        ("Código artículo,Almacén,Existencias", STOCK, "item_id,location_id,current_stock"),
        ("Codice articolo,Magazzino,Giacenza", STOCK, "item_id,location_id,current_stock"),
        ("Artikelnummer,Magazijn,Voorraad", STOCK, "item_id,location_id,current_stock"),
        ("ITEM NO,Store,On Hand", STOCK, "item_id,location_id,current_stock"),
        ("Artikel,Lager,Bestand", STOCK, "item_id,location_id,current_stock"),
        ("Artikelnummer,Artikel,EK-Preis", PRODUCTS, "item_id,product_name,unit_cost"),
        ("sku,date,store,quantity", SALES, "item_id,date_local,location_id,units_sold"),
    ],
)
def test_known_names_in_six_languages(header: str, fields: Sequence[Field], columns: str) -> None:
    found = find_columns(fields, header.split(","))
    assert found.columns == dict(zip(columns.split(","), header.split(","), strict=True))
    assert found.unclear == {}
    assert header_fit(fields, [])(header.split(",")) == len(found.columns)


def test_items_are_known_by_their_one_number_and_by_no_name() -> None:
    assert find_columns(STOCK, ["EAN", "Lager", "Menge"]).columns["item_id"] == "EAN"
    assert find_columns(STOCK, ["Artikelnummer", "Artikel", "EAN"]).columns == {"item_id": "Artikelnummer"}
    assert find_columns(STOCK, ["EAN", "UPC"]).unclear == {"item_id": ("EAN", "UPC")}
    found = find_columns(STOCK, ["Item", "EAN", "Qty."])
    assert (found.columns, found.unclear) == ({"current_stock": "Qty."}, {"item_id": ("Item", "EAN")})


def test_a_list_of_suppliers_has_their_names() -> None:
    assert find_columns(SUPPLIER_FIELDS, ("Lieferant", "Lieferzeit")).columns["name"] == "Lieferant"
    both = find_columns(SUPPLIER_FIELDS, ("Lieferant", "Firma")).columns
    assert (both["supplier_id"], both["name"]) == ("Lieferant", "Firma")
    assert "name" not in find_columns(SUPPLIER_FIELDS, ("supplier_id", "email")).columns
    assert find_columns(CONDITION_FIELDS, ("Artikelnummer", "Lieferant")).columns["supplier_id"] == "Lieferant"


def test_of_two_columns_that_may_be_meant_none_is_taken() -> None:
    found = find_columns(STOCK, ["SKU", "Artikelnummer", "Lager", "Menge"])
    assert found.columns == {"location_id": "Lager", "current_stock": "Menge"}
    assert found.unclear == {"item_id": ("SKU", "Artikelnummer")}
    # the field's own name leaves no doubt, and a better name comes before one that may mean something else
    assert find_columns(STOCK, ["SKU", "item_id"]).columns == {"item_id": "item_id"}
    assert find_columns(STOCK, ["Counted", "Qty"]).columns == {"current_stock": "Qty"}


def test_a_name_that_is_like_a_known_one_is_suggested_and_not_taken() -> None:
    header = ["Artikelnumer", "Lager", "Quantty", "Farbe"]
    found = find_columns(STOCK, header)
    assert found.columns == {"location_id": "Lager"}
    assert suggested_columns(STOCK, header, found.columns) == {
        "location_id": "Lager",
        "item_id": "Artikelnumer",
        "current_stock": "Quantty",
    }


@pytest.mark.parametrize(
    ("name", "key"), [("SKU-Nr.", "skunr"), (" Prix (EUR) ", "prix"), ("Größe", "grosse"), ("(%)", ""), ("(a)", "a")]
)
def test_names_are_compared_without_what_people_vary(name: str, key: str) -> None:
    assert name_key(name) == key
