"""Excel workbooks read back as a spreadsheet would."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import openpyxl
from openpyxl.utils.escape import unescape


def sheet_rows(content: bytes) -> list[dict[str, Any]]:
    """The first sheet's rows by the names in its header, values as their cells' own types say; fails on a formula."""
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    header, *rows = sheet.iter_rows()
    names = [cell.value for cell in header]
    for row in rows:
        for cell in row:
            assert cell.data_type != "f", f"{cell.coordinate} is a formula: {cell.value!r}"
    return [{name: _value(cell.value) for name, cell in zip(names, row, strict=True)} for row in rows]


def _value(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    return unescape(value) if isinstance(value, str) else value  # Excel does so, openpyxl leaves it to us
