"""How the Online Retail file (897,637 invoice lines of a UK gift wholesaler, 2009-12-01 to 2011-10-12) is to be read.

These are the conventions of one retailer. They are written as the mapping of an import, as any client writes his own:
the demo imports the file with it, and the backtest and the replay read the same sales.

- Stock codes are typed by hand: 2,918 are partly in lower case, and `85123a` is the product 85123A.
- Postage, fees, discounts, manual entries, samples, bad debt, adjustments, gift vouchers and test entries are invoiced
  under codes of their own. They are no products: nobody plans their stock. A few have the number of a product, and only
  the description tells them: 51 lines of "Next Day Carriage" (23444), "PACKING CHARGE" (23574) and a gift voucher
  (22016). A carriage clock and a carriage lantern are products.
- An invoice number starting with C cancels: its lines have negative quantities. A line without a customer at price 0,
  or with a negative quantity on another invoice, books stock ("damaged", "found", "thrown away"): an adjustment, not
  demand. At price 0 *with* a customer it is a free item that left the shelf.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import polars as pl

from shared.domain.imports.exclusion_checks import excluded_check
from shared.domain.imports.exclusions import Exclusion
from shared.domain.imports.invoice_lines import line_checks

_CODES = {
    "postage": "POST|DOT",
    "carriage": "C2|C3",
    "a manual entry": "M",
    "a discount": "D",
    "samples": "S",
    "bad debt": "B",
    "bank charges": "BANK CHARGES",
    "an adjustment": "ADJUST|ADJUST2",
    "a marketplace fee": "AMAZONFEE",
    "a charity's commission": "CRUK",
    "a gift voucher": r"GIFT|GIFT_.*",
    "a test entry": r"TEST\d*",
}
# What the description of a line says, the whole of it but for a gift voucher's name and worth.
_SERVICES = {
    "carriage": r"^\s*(((next|same|express|saturday|working|named)[ -]?)*(day )?)?"
    r"(carriage|delivery|postage|shipping|freight|p ?& ?p)( (and|&) packing)?( (charge|cost|fee)s?)?\W*$",
    "a charge": r"^\s*(packing|packaging|handling|service|small order|minimum order|card|admin) (charge|fee)s?\W*$",
    "a gift voucher": r"\bgift vouchers?( \W?\d+([.,]\d+)?)?\W*$",
}
_STOCK_BOOKINGS: tuple[dict[str, Any], ...] = (
    {"units_sold": {"below": 0}, "invoice_no": {"not_matches": "^[Cc]"}},
    {"price": {"equals": 0}, "customer_id": {"empty": True}},
)

EXCLUDE: list[dict[str, Any]] = [
    *({"reason": what, "where": {"item_id": {"matches": f"(?i)^({codes})$"}}} for what, codes in _CODES.items()),
    *({"reason": what, "where": {"description": {"matches": f"(?i){text}"}}} for what, text in _SERVICES.items()),
    *({"reason": "a booking of stock", "where": where} for where in _STOCK_BOOKINGS),
]
"""The entry `exclude` of its mapping."""


def item_code(text: pl.Expr) -> pl.Expr:
    """A stock code as it is typed, as the item_id that it means."""
    return text.str.strip_chars().str.to_uppercase()


def sales_lines(lines: pl.DataFrame) -> pl.DataFrame:
    """Of lines with the typed fields of an invoice line, those that an import with the mapping takes."""
    refused = pl.any_horizontal(check.failed.fill_null(value=False) for check in (*_exclusions(), *line_checks()))
    return lines.filter(~refused)


@cache
def _exclusions() -> tuple[Any, ...]:
    return tuple(excluded_check(Exclusion.model_validate(entry)) for entry in EXCLUDE)
