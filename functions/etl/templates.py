"""Templates: files to fill in, whose columns are the fields of a kind of imports."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from shared.domain.imports.record_fields import Field
from shared.imports.import_options import ImportKind

_DESCRIBED = ("column", "required", "what it holds", "meaning", "example")


def csv_template(fields: Sequence[Field]) -> bytes:
    """The header alone: an example that somebody leaves in would become a product. In UTF-8 with the mark by which
    Excel knows it."""
    file = io.StringIO(newline="")
    csv.writer(file).writerow(field.name for field in fields)
    return file.getvalue().encode("utf-8-sig")


def xlsx_template(kind: ImportKind, fields: Sequence[Field]) -> bytes:
    """The header, and on a second sheet what each column holds."""
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheets = ((kind.value, [[field.name for field in fields]]), ("columns", [_DESCRIBED, *map(_described, fields)]))
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _described(field: Field) -> tuple[str, ...]:
    return field.name, "yes" if field.required else "no", field.holds, field.meaning, field.example
