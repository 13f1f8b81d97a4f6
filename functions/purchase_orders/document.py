"""The order as its supplier gets it: a PDF to read, and a CSV of its lines. Pure: the same order, the same bytes.

Texts are set in DejaVu Sans (Latin, Greek, Cyrillic, Arabic, Hebrew and more) and, where it lacks a character, in
WenQuanYi Micro Hei (Chinese, Japanese, Korean). What neither has is a box; the item_id beside it says what is meant.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from shared.domain.access.client import Client
from shared.domain.csv_cells import inert_text
from shared.domain.location import Location
from shared.domain.purchasing.order_status import OrderStatus
from shared.domain.purchasing.purchase_order import PurchaseOrder
from shared.domain.purchasing.supplier import Supplier

if TYPE_CHECKING:
    from fpdf import FPDF
    from fpdf.fonts import TTFFont
    from fpdf.table import Table

CSV_COLUMNS = ("po_number", "item_id", "product_name", "quantity", "unit_cost", "total_price", "currency")

_FONTS = Path(__file__).parent / "fonts"
_MARGIN_MM = 15
_LINE_MM = 5
# Item, product, quantity, unit price, line total: together the width between the margins of A4.
_COLUMN_WIDTHS_MM = (34, 66, 20, 30, 30)
_BOX = "\N{WHITE SQUARE}"
_RIGHT_TO_LEFT = ("R", "AL")
_PAGE_COUNT = "\ue000"  # stands for the number of pages until it is known; no text of an order prints as this
_JOINERS = "\u200c\u200d"  # shape the letters beside them
_GREY, _RED, _BLACK = (110, 110, 110), (190, 0, 0), (0, 0, 0)


def order_pdf(order: PurchaseOrder, supplier: Supplier, location: Location | None, client: Client) -> bytes:
    """The order as A4 pages. Dated when the order was created, so that printing it again gives the same file."""
    pdf = _new_document(order, client)
    _set_fonts(pdf, _all_texts(order, supplier, location, client))
    pdf.add_page()
    _parties(pdf, order, supplier, location, client)
    _lines_table(pdf, order)
    if order.notes:
        _note(pdf, order.notes)
    for font in pdf.fonts.values():
        cast("TTFFont", font).ttfont.recalcBBoxes = False
    return bytes(pdf.output())


def order_csv(order: PurchaseOrder) -> bytes:
    """The order's lines as UTF-8 CSV with a header; texts that a spreadsheet would run are neutralised."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(CSV_COLUMNS)
    for line in order.lines:
        texts = [inert_text(text) for text in (order.po_number, line.item_id, line.product_name)]
        writer.writerow([*texts, line.quantity, line.unit_cost, line.total_price, order.currency])
    return file.getvalue().encode()


def _new_document(order: PurchaseOrder, client: Client) -> FPDF:
    pdf = _page_class()(order)
    pdf.set_margins(_MARGIN_MM, _MARGIN_MM)
    pdf.set_auto_page_break(auto=True, margin=2 * _MARGIN_MM)
    pdf.set_creation_date(order.created_at)
    pdf.set_title(f"Purchase order {order.po_number}")
    pdf.set_author(client.name)
    pdf.set_lang("en")
    return pdf


def _set_fonts(pdf: FPDF, text: str) -> None:
    """What the text needs, and no more: each of the two extras takes as long as the rest together."""
    pdf.add_font("DejaVu", fname=_FONTS / "DejaVuSans.ttf")
    pdf.add_font("DejaVu", style="B", fname=_FONTS / "DejaVuSans-Bold.ttf")
    if not all(_is_covered(pdf, character) for character in text if character.isprintable()):
        pdf.add_font("WenQuanYi", fname=_FONTS / "wqy-microhei.ttc")
        pdf.set_fallback_fonts(["WenQuanYi"])
    if any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in text):
        pdf.set_text_shaping(use_shaping_engine=True)


def _all_texts(order: PurchaseOrder, supplier: Supplier, location: Location | None, client: Client) -> str:
    """Every text of the document that is not ours, in no order."""
    parties = (
        client.name,
        supplier.name,
        supplier.contact_name,
        supplier.address,
        supplier.contact_email,
        supplier.contact_phone,
    )
    place = (order.location_id,) if location is None else (location.name, location.address)
    lines = (text for line in order.lines for text in (line.item_id, line.product_name))
    return "".join(filter(None, (*parties, *place, *lines, order.notes)))


@cache
def _page_class() -> Callable[[PurchaseOrder], FPDF]:
    """A document with the order's number in the header and the page number in the footer of each page."""
    from fpdf import FPDF  # half a second: only for who wants a PDF

    class OrderPages(FPDF):
        def __init__(self, order: PurchaseOrder) -> None:
            super().__init__(format="A4")
            self.order = order
            self.alias_nb_pages(_PAGE_COUNT)

        def header(self) -> None:
            self.set_font("DejaVu", "B", 15)
            self.cell(0, 8, f"Purchase order {self.order.po_number}", new_x="LMARGIN", new_y="NEXT")
            if self.order.status is OrderStatus.CANCELLED:
                self.set_text_color(*_RED)
                self.cell(0, 8, "CANCELLED - please do not deliver", new_x="LMARGIN", new_y="NEXT")
                self.set_text_color(*_BLACK)
            self.ln(3)

        def footer(self) -> None:
            self.set_y(-_MARGIN_MM)
            self.set_font("DejaVu", "", 8)
            self.set_text_color(*_GREY)
            self.cell(0, _LINE_MM, f"{self.order.po_number} · page {self.page_no()} of {_PAGE_COUNT}", align="C")
            self.set_text_color(*_BLACK)

    return OrderPages


def _parties(pdf: FPDF, order: PurchaseOrder, supplier: Supplier, location: Location | None, client: Client) -> None:
    """Who orders what from whom, for when and where to, as label and value."""
    contact = (supplier.contact_name, supplier.address, supplier.contact_email, supplier.contact_phone)
    delivery = order.expected_delivery_date
    place = [order.location_id] if location is None else [location.name, location.address]
    for label, values in (
        ("From", [client.name]),
        ("To", [supplier.name, *contact]),
        ("Order date", [order.order_date.isoformat()]),
        ("Requested delivery", [delivery.isoformat() if delivery else None]),
        ("Deliver to", place),
    ):
        text = "\n".join(_printable(pdf, value) for value in values if value)
        if text:
            pdf.set_font("DejaVu", "B", 9)
            pdf.cell(42, _LINE_MM, label)
            pdf.set_font("DejaVu", "", 9)
            pdf.multi_cell(0, _LINE_MM, text, align="L", new_x="LMARGIN", new_y="NEXT")
            pdf.ln(1.5)
    pdf.ln(3)


def _lines_table(pdf: FPDF, order: PurchaseOrder) -> None:
    """One row a line and the total; the head is repeated on every page."""
    from fpdf.fonts import FontFace

    heads = ("Item", "Product", "Quantity", f"Unit price ({order.currency})", f"Total ({order.currency})")
    pdf.set_font("DejaVu", "", 8)
    pdf.set_draw_color(*_GREY)
    pdf.set_line_width(0.1)
    with pdf.table(
        col_widths=_COLUMN_WIDTHS_MM,
        text_align=("LEFT", "LEFT", "RIGHT", "RIGHT", "RIGHT"),
        line_height=0.8 * _LINE_MM,
        headings_style=FontFace(emphasis="BOLD", fill_color=(235, 235, 235)),
        borders_layout="HORIZONTAL_LINES",
        padding=0.7,
    ) as table:
        _row(table, heads)
        for line in order.lines:
            texts = (_printable(pdf, line.item_id), _printable(pdf, line.product_name))
            _row(table, (*texts, _quantity(line.quantity), _amount(line.unit_cost), _amount(line.total_price)))
        total = table.row(style=FontFace(emphasis="BOLD"))
        total.cell(f"Total ({len(order.lines)} lines)", colspan=4)
        total.cell(_amount(order.total_amount))


def _row(table: Table, cells: tuple[str, ...]) -> None:
    row = table.row()
    for cell in cells:
        row.cell(cell)


def _note(pdf: FPDF, note: str) -> None:
    pdf.ln(6)
    pdf.set_font("DejaVu", "B", 9)
    pdf.cell(0, _LINE_MM, "Note", new_x="LMARGIN", new_y="NEXT")
    pdf.set_font("DejaVu", "", 9)
    pdf.multi_cell(0, _LINE_MM, _printable(pdf, note), align="L", new_x="LMARGIN", new_y="NEXT")


def _printable(pdf: FPDF, text: str) -> str:
    """The text as it can be set: a space for a control character, a box for one of no font; lines stay apart."""
    return "\n".join("".join(_glyph(pdf, character) for character in line).strip() for line in text.splitlines())


def _glyph(pdf: FPDF, character: str) -> str:
    kind = unicodedata.category(character)
    if kind == "Cc":
        return " "
    if kind == "Cf" and character not in _JOINERS:  # invisible, or turns the direction of what follows
        return ""
    if kind == "Co":  # means something to some systems only, and to this one the number of pages
        return _BOX
    return character if _is_covered(pdf, character) else _BOX


def _is_covered(pdf: FPDF, character: str) -> bool:
    fonts: Any = pdf.fonts
    return any(ord(character) in font.cmap for font in fonts.values())


def _amount(amount: Decimal) -> str:
    return f"{amount:,.2f}"


def _quantity(quantity: Decimal) -> str:
    """As short as possible: 12, 2.5."""
    return f"{quantity.normalize():,f}"
