"""The order as its supplier gets it: a PDF to read, and a CSV of its lines. Pure: the same order, the same bytes.

Names of products are cut at MAX_NAME characters, so that a page takes bounded time; the item's ids beside them say
what is meant.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from functions.purchase_orders.typesetting import BLACK, GREY, LINE_MM, MARGIN_MM, PAGE_COUNT, RED, Sheet
from shared.domain.access.client import Client
from shared.domain.csv_cells import inert_text
from shared.domain.location import Location
from shared.domain.purchasing.order_status import OrderStatus
from shared.domain.purchasing.purchase_order import OrderLine, PurchaseOrder
from shared.domain.purchasing.supplier import Supplier

CSV_COLUMNS = (
    "po_number",
    "order_date",
    "expected_delivery_date",
    "item_id",
    "supplier_sku",
    "product_name",
    "quantity",
    "packaging_unit",
    "packaging_qty",
    "unit_cost",
    "total_price",
    "currency",
)
MAX_NAME = 200

_WIDTH_MM = 180  # between the margins of A4
_HALF_MM = 86
_SMALL, _NORMAL, _LARGE = 7.0, 9.0, 16.0
_CELL = 8.0
_CELL_MM = LINE_MM * _CELL / _NORMAL


@dataclass(frozen=True)
class _Column:
    head: str
    width_mm: float
    align: str = "L"


@dataclass(frozen=True)
class _Paper:
    """Everything that the document says."""

    order: PurchaseOrder
    supplier: Supplier
    location: Location | None
    client: Client

    @property
    def buyer(self) -> list[str]:
        client = self.client
        return _present(client.address, client.contact_name, client.contact_email, client.contact_phone)

    @property
    def seller(self) -> list[str]:
        supplier = self.supplier
        contact = (supplier.contact_name, supplier.contact_email, supplier.contact_phone)
        return _present(supplier.name, supplier.address, *contact)

    @property
    def place(self) -> list[str]:
        location = self.location
        if location is None:
            return _present(self.order.location_id)
        return _present(location.name, location.address, location.city, location.country)

    @property
    def terms(self) -> list[tuple[str, str]]:
        """Label and value of what was agreed."""
        order = self.order
        requested = order.expected_delivery_date
        values = (
            ("Order date", order.order_date.isoformat()),
            ("Requested delivery", None if requested is None else requested.isoformat()),
            ("Payment terms", self.supplier.payment_terms),
            ("Shipping method", order.shipping_method),
            ("Shipping unit", order.shipping_unit),
            ("Currency", order.currency),
            ("Your number at us", self.supplier.external_id),
        )
        return [(label, value) for label, value in values if value]

    @property
    def text(self) -> str:
        """Every text that is not ours, in no order."""
        lines = (
            text
            for line in self.order.lines
            for text in (line.item_id, line.product_name[:MAX_NAME], line.supplier_sku, line.packaging_unit)
        )
        terms = (value for _, value in self.terms)
        return "".join(
            filter(None, (self.client.name, *self.buyer, *self.seller, *self.place, *terms, *lines, self.order.notes))
        )


def order_pdf(order: PurchaseOrder, supplier: Supplier, location: Location | None, client: Client) -> bytes:
    """The order as A4 pages. Dated when the order was created, so that printing it again gives the same file."""
    paper = _Paper(order, supplier, location, client)
    sheet = Sheet(paper.text, lambda sheet: _header(sheet, paper), lambda sheet: _footer(sheet, order))
    sheet.pdf.set_creation_date(order.created_at)
    sheet.pdf.set_title(f"Purchase order {order.po_number}")
    sheet.pdf.set_author(client.name)
    sheet.pdf.set_lang("en")
    sheet.pdf.add_page()
    _parties(sheet, paper)
    _lines_table(sheet, order)
    _notes(sheet, order)
    return sheet.output()


def order_csv(order: PurchaseOrder) -> bytes:
    """The order's lines as UTF-8 CSV with a header; texts that a spreadsheet would run are neutralised."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(CSV_COLUMNS)
    for line in order.lines:
        writer.writerow(
            [
                inert_text(order.po_number),
                order.order_date,
                order.expected_delivery_date,
                inert_text(line.item_id),
                inert_text(line.supplier_sku or ""),
                inert_text(line.product_name),
                line.quantity,
                inert_text(line.packaging_unit or ""),
                line.packaging_qty,
                line.unit_cost,
                line.total_price,
                order.currency,
            ]
        )
    return file.getvalue().encode()


def _header(sheet: Sheet, paper: _Paper) -> None:
    """The buyer and the order's number; on the first page with the buyer's address and contact."""
    pdf, order = sheet.pdf, paper.order
    first = pdf.page_no() == 1
    size = _LARGE if first else _NORMAL
    y = float(MARGIN_MM)
    sheet.put(
        MARGIN_MM + _HALF_MM, y, _WIDTH_MM - _HALF_MM, f"Purchase order {order.po_number}", size, bold=True, align="R"
    )
    if order.status is OrderStatus.CANCELLED:
        pdf.set_text_color(*RED)
        sheet.put(
            MARGIN_MM + _HALF_MM,
            y + LINE_MM * size / _NORMAL,
            _WIDTH_MM - _HALF_MM,
            _CANCELLED,
            _NORMAL,
            bold=True,
            align="R",
        )
        pdf.set_text_color(*BLACK)
    y = _block(sheet, MARGIN_MM, y, _HALF_MM - 4, [paper.client.name], 12.0 if first else _NORMAL, bold=True)
    if first:
        y = _block(sheet, MARGIN_MM, y + 0.8, _HALF_MM - 4, paper.buyer, _CELL)
    y = max(y, MARGIN_MM + 2.2 * LINE_MM * size / _NORMAL) + 2
    pdf.set_draw_color(*GREY)
    pdf.set_line_width(0.3)
    pdf.line(MARGIN_MM, y, MARGIN_MM + _WIDTH_MM, y)
    pdf.set_y(y + 4)


def _footer(sheet: Sheet, order: PurchaseOrder) -> None:
    pdf = sheet.pdf
    pdf.set_text_color(*GREY)
    footer = f"{order.po_number} · page {pdf.page_no()} of {PAGE_COUNT}"
    pdf.set_font("DejaVu", "", _SMALL)
    pdf.set_xy(MARGIN_MM, pdf.h - MARGIN_MM)
    pdf.cell(_WIDTH_MM, LINE_MM, footer, align="C")
    pdf.set_text_color(*BLACK)


def _parties(sheet: Sheet, paper: _Paper) -> None:
    """Supplier and place of delivery beside each other, and what was agreed below them."""
    top = sheet.pdf.y
    right = MARGIN_MM + _WIDTH_MM - _HALF_MM
    bottom = _titled(sheet, MARGIN_MM, top, "Supplier", paper.seller)
    if paper.place:
        bottom = max(bottom, _titled(sheet, right, top, "Deliver to", paper.place))
    y = bottom + 3
    for number, (label, value) in enumerate(paper.terms):
        x = MARGIN_MM if number % 2 == 0 else right
        if number % 2 == 0:
            top = y
        _grey(sheet, x, top, 34, label)
        y = max(y, _block(sheet, x + 34, top, _HALF_MM - 34, [value], _CELL))
    sheet.pdf.set_y(y + 5)


def _lines_table(sheet: Sheet, order: PurchaseOrder) -> None:
    """One row a line and the total; the head is repeated on every page."""
    columns = (
        _Column("Item", 36),
        _Column("Product", 55),
        _Column("Pack", 25),
        _Column("Quantity", 18, "R"),
        _Column(f"Unit cost ({order.currency})", 22, "R"),
        _Column(f"Total ({order.currency})", 24, "R"),
    )
    _head(sheet, columns)
    for line in order.lines:
        cells = [
            sheet.wrapped(text, column.width_mm - 2, _CELL) for text, column in zip(_texts(line), columns, strict=True)
        ]
        height = max(len(cell) for cell in cells) * _CELL_MM + 1.6
        if height > sheet.room_mm:
            sheet.pdf.add_page()
            _head(sheet, columns)
        _row(sheet, columns, cells, height)
    if sheet.room_mm < 3 * LINE_MM:
        sheet.pdf.add_page()
    y = sheet.pdf.y + 1
    count = len(order.lines)
    label = f"Total ({count} line{'' if count == 1 else 's'})"
    sheet.put(MARGIN_MM, y, _WIDTH_MM - 46, label, _NORMAL, bold=True)
    total = f"{order.currency} {_amount(order.total_amount)}"
    sheet.put(MARGIN_MM + _WIDTH_MM - 80, y, 80, total, _NORMAL, bold=True, align="R")
    sheet.pdf.set_y(y + 2 * LINE_MM)


def _texts(line: OrderLine) -> tuple[str, ...]:
    name = line.product_name if len(line.product_name) <= MAX_NAME else f"{line.product_name[:MAX_NAME]}…"
    item = f"{line.item_id}\nYour no. {line.supplier_sku}" if line.supplier_sku else line.item_id
    return (item, name, _pack(line), _quantity(line.quantity), _unit_cost(line.unit_cost), _amount(line.total_price))


def _pack(line: OrderLine) -> str:
    """How many packs of what, where there are packs."""
    if line.packaging_qty == 1 and not line.packaging_unit:
        return ""
    count = line.quantity / line.packaging_qty
    packs = _quantity(count) if count == count.to_integral_value() else f"{count:.1f}"
    return f"{packs} × {line.packaging_unit or 'pack'} of {_quantity(line.packaging_qty)}"


def _head(sheet: Sheet, columns: Sequence[_Column]) -> None:
    pdf = sheet.pdf
    heads = [sheet.wrapped(column.head, column.width_mm - 2, _SMALL, bold=True) for column in columns]
    height = max(len(head) for head in heads) * _CELL_MM + 1.6
    pdf.set_fill_color(235, 235, 235)
    pdf.rect(MARGIN_MM, pdf.y, _WIDTH_MM, height, style="F")
    _row(sheet, columns, heads, height, bold=True, size=_SMALL)


def _row(
    sheet: Sheet,
    columns: Sequence[_Column],
    cells: Sequence[Sequence[str]],
    height: float,
    *,
    bold: bool = False,
    size: float = _CELL,
) -> None:
    """Line by line, so that who copies the text gets each row's first lines together."""
    pdf = sheet.pdf
    top = pdf.y
    for number in range(max(len(cell) for cell in cells)):
        x = float(MARGIN_MM)
        for column, cell in zip(columns, cells, strict=True):
            if number < len(cell):
                y = top + 0.8 + number * _CELL_MM
                sheet.put(x, y, column.width_mm, cell[number], size, bold=bold, align=column.align)
            x += column.width_mm
    pdf.set_draw_color(*GREY)
    pdf.set_line_width(0.1)
    pdf.line(MARGIN_MM, top + height, MARGIN_MM + _WIDTH_MM, top + height)
    pdf.set_y(top + height)


def _notes(sheet: Sheet, order: PurchaseOrder) -> None:
    lines = sheet.wrapped(order.notes, _WIDTH_MM - 2, _NORMAL)
    for number, line in enumerate(lines):
        if sheet.room_mm < 3 * LINE_MM:
            sheet.pdf.add_page()
        if number == 0:
            _grey(sheet, MARGIN_MM, sheet.pdf.y + 2, _WIDTH_MM, "Notes")
            sheet.pdf.set_y(sheet.pdf.y + LINE_MM)
        y = sheet.pdf.y
        sheet.put(MARGIN_MM, y, _WIDTH_MM, line, _NORMAL)
        sheet.pdf.set_y(y + LINE_MM)


def _titled(sheet: Sheet, x: float, y: float, title: str, texts: Sequence[str]) -> float:
    _grey(sheet, x, y, _HALF_MM, title)
    y = _block(sheet, x, y + LINE_MM, _HALF_MM, texts[:1], _NORMAL, bold=True)
    return _block(sheet, x, y, _HALF_MM, texts[1:], _CELL)


def _block(
    sheet: Sheet, x: float, y: float, width: float, texts: Sequence[str], size: float, *, bold: bool = False
) -> float:
    """Texts below each other; returns where the next one begins."""
    for text in texts:
        for line in sheet.wrapped(text, width - 2, size, bold=bold):
            sheet.put(x, y, width, line, size, bold=bold)
            y += LINE_MM * size / _NORMAL
    return y


def _grey(sheet: Sheet, x: float, y: float, width: float, label: str) -> None:
    sheet.pdf.set_text_color(*GREY)
    sheet.put(x, y, width, label, _CELL)
    sheet.pdf.set_text_color(*BLACK)


def _present(*texts: str | None) -> list[str]:
    return [text for text in texts if text]


def _amount(amount: Decimal) -> str:
    return f"{amount:,.2f}"


def _unit_cost(cost: Decimal) -> str:
    """With two decimals, and those beyond that are not 0: 1.50, 0.0042."""
    text = f"{cost:,.4f}"
    return text[:-2] + text[-2:].rstrip("0")


def _quantity(quantity: Decimal) -> str:
    """As short as possible: 12, 2.5."""
    return f"{quantity.normalize():,f}"


_CANCELLED = "CANCELLED - please do not deliver"
