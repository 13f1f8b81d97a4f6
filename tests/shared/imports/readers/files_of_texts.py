"""Files with an id and a text in each record, however long the texts are."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from pathlib import Path

import openpyxl
import polars as pl

_NAMESPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'

_SHARED_STRINGS = (
    '<Override PartName="/xl/sharedStrings.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>'
)


def write_parquet(path: Path, *texts: str) -> None:
    pl.DataFrame({"id": "a", "text": pl.Series(texts)}).write_parquet(path)


def write_csv(path: Path, *texts: str) -> None:
    path.write_text("id,text\n" + "".join(f"a,{text}\n" for text in texts), encoding="utf-8")


def write_excel(path: Path, *texts: str) -> None:
    book = openpyxl.Workbook()
    for row in (("id", "text"), *(("a", "text") for _ in texts)):
        book.active.append(row)
    book.save(path)
    shared = "".join(f"<si><t>{text}</t></si>" for text in ("id", "text", "a", *texts))
    rows = (f"<row><c t='s'><v>2</v></c><c t='s'><v>{n + 3}</v></c></row>" for n in range(len(texts)))
    rewrite(path, shared, rows)


def rewrite(path: Path, shared: str, rows: Iterable[str]) -> None:
    """The workbook with these shared strings, the first two of which are its header, and these rows."""
    header = "<row><c t='s'><v>0</v></c><c t='s'><v>1</v></c></row>"
    sheet = f"<sheetData>{header}{''.join(rows)}</sheetData>"
    parts = {
        "xl/sharedStrings.xml": f"<sst {_NAMESPACE}>{shared}</sst>",
        "xl/worksheets/sheet1.xml": f"<worksheet {_NAMESPACE}>{sheet}</worksheet>",
    }
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name).decode() for name in archive.namelist()}
    if "sharedStrings" not in (types := entries["[Content_Types].xml"]):
        entries["[Content_Types].xml"] = types.replace("</Types>", f"{_SHARED_STRINGS}</Types>")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, content in (entries | parts).items():
            archive.writestr(name, content)
