"""Workbooks as openpyxl streams them, opened without going through a sheet that does not say how large it is.

openpyxl has no setting for it, so two private members are replaced and filled; read against openpyxl 3.1.5.
"""

from __future__ import annotations

import warnings
from typing import Any, BinaryIO

from openpyxl.reader.excel import ExcelReader
from openpyxl.worksheet._read_only import ReadOnlyWorksheet


def open_workbook(file: BinaryIO, *, data_only: bool) -> Any:
    """The workbook. Its cells hold values, or without `data_only` formulas where there are some."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # openpyxl's remarks on styles and extensions it skips
        reader = _Reader(file, read_only=True, data_only=data_only, keep_links=False)
        reader.read()
        return reader.wb


class _Sheet(ReadOnlyWorksheet):  # type: ignore[misc]  # openpyxl has no types
    """A sheet whose size nobody asks for. The one that it states is often wrong, and may be a lie; of a sheet that
    states none, openpyxl reads every row to find it, each time the workbook is opened."""

    def _get_size(self) -> None:
        pass


class _Reader(ExcelReader):  # type: ignore[misc]
    def read_worksheets(self) -> None:
        for sheet, relation in self.parser.find_sheets():
            if relation.target not in self.valid_files:
                continue
            if "chartsheet" in relation.Type:
                self.read_chartsheet(sheet, relation)
                continue
            worksheet = _Sheet(self.wb, sheet.name, relation.target, self.shared_strings)
            worksheet.sheet_state = sheet.state
            self.wb._sheets.append(worksheet)
