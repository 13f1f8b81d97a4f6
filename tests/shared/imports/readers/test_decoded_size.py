"""Small files that would fill the memory: a long cell costs its record, and memory stays flat."""

from __future__ import annotations

import gzip
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from shared.domain.imports.import_errors import UnusableFile
from shared.imports.readers import record_source
from shared.imports.readers.formats import SourceFormat, read_here
from shared.imports.readers.record_source import MAX_CELL_LENGTH
from tests.shared.imports.readers.files_of_texts import rewrite, write_csv, write_excel, write_parquet

_PEAK = """
import sys
from pathlib import Path
from shared.domain.imports.import_errors import UnusableFile
from shared.imports.readers.formats import SourceFormat, open_file, read_here
outcome = "read"
try:
    path, source_format = Path(sys.argv[1]), SourceFormat(sys.argv[2])
    opened = open_file if source_format is SourceFormat.CSV else read_here  # not in the child
    for _ in opened(path, source_format).batches():
        pass
except UnusableFile as error:
    outcome = error.code
# Unlike ru_maxrss this does not begin with what the process that started this one had.
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(outcome, int(peak.split()[1]) // 1024)
"""


_WRITERS = {SourceFormat.PARQUET: write_parquet, SourceFormat.CSV: write_csv, SourceFormat.EXCEL: write_excel}


@pytest.mark.parametrize("source_format", list(SourceFormat))
def test_a_record_with_a_cell_longer_than_excels_is_a_reject(tmp_path: Path, source_format: SourceFormat) -> None:
    path = tmp_path / "upload"
    _WRITERS[source_format](path, "x" * MAX_CELL_LENGTH, "x" * (MAX_CELL_LENGTH + 1), "short")

    batches = list(read_here(path, source_format).batches())

    assert [len(text) for batch in batches for text in batch.columns["text"]] == [MAX_CELL_LENGTH, 5]
    (message,) = [message for batch in batches for message in batch.malformed["message"]]
    assert message == "the cell of 'text' has 32,768 characters, at most 32,767 are read"
    assert sum(batch.size for batch in batches) == 3


@pytest.mark.parametrize("source_format", list(SourceFormat))
def test_long_texts_come_in_smaller_batches_and_too_much_is_refused(
    tmp_path: Path, source_format: SourceFormat, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "upload"
    _WRITERS[source_format](path, *(f"{n:030000}" for n in range(1200)))

    batches = list(read_here(path, source_format).batches())

    assert [int(text[-4:]) for batch in batches for text in batch.columns["text"]] == list(range(1200))
    numbers = [n for batch in batches for n in batch.row_number]
    assert numbers == list(range(numbers[0], numbers[0] + 1200))
    assert max(batch.size for batch in batches) < 600

    monkeypatch.setattr(record_source, "MAX_TEXT_SIZE", 30_000_000)
    with pytest.raises(
        UnusableFile, match=r"hold 3\d,\d{3},\d{3} bytes of text and more, at most 30,000,000"
    ) as refused:
        list(read_here(path, source_format).batches())
    assert refused.value.code == "too_much_text"


def _dictionary(path: Path) -> None:
    text = pl.DataFrame({"id": "a", "text": ["x" * 100_000]})
    text.select(pl.all().gather([0] * 3000)).write_parquet(path)


def _one_string_in_every_cell(path: Path) -> None:
    write_excel(path, "x" * 32_000)
    rewrite(
        path,
        f"<si><t>id</t></si><si><t>text</t></si><si><t>{'x' * 32_000}</t></si>",
        ["<row>" + "<c t='s'><v>2</v></c>" * 1000 + "</row>"] * 100,
    )


def _long_string(path: Path) -> None:
    write_excel(path, "0123456789" * 2_000_000)


def _comment_like_ends(path: Path) -> None:
    write_excel(path, "<![CDATA[" + "</si><si>" * 1_000_000 + "]]>")


def _many_cells_in_a_row(path: Path) -> None:
    write_excel(path, "x")
    rewrite(path, "<si><t>id</t></si><si><t>text</t></si>", ["<row>" + "<c r='A2'/>" * 2_000_000 + "</row>"])


def _rename(path: Path, part: str, name: str) -> None:
    """The workbook whose part has a name that says nothing of what is in it."""
    with zipfile.ZipFile(path) as archive:
        entries = {entry: archive.read(entry).decode() for entry in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for entry, content in entries.items():
            if entry.endswith((".rels", "].xml")):
                content = content.replace(part.removeprefix("xl/"), name.removeprefix("xl/"))
            archive.writestr(entry.replace(part, name), content)


def _long_string_in_a_picture(path: Path) -> None:
    _long_string(path)
    _rename(path, "xl/sharedStrings.xml", "xl/media/image1.png")


def _row_in_a_picture(path: Path) -> None:
    _many_cells_in_a_row(path)
    _rename(path, "xl/worksheets/sheet1.xml", "xl/media/image1.png")


def _line_of_commas(path: Path) -> None:
    path.write_bytes(gzip.compress(b"id,text\n" + b"," * 60_000_000, compresslevel=1))


@pytest.mark.integration
@pytest.mark.parametrize(
    ("write", "source_format", "outcome"),
    [
        (_dictionary, SourceFormat.PARQUET, "read"),  # as malformed rows
        (_one_string_in_every_cell, SourceFormat.EXCEL, "too_much_text"),
        (_long_string, SourceFormat.EXCEL, "too_much_text"),
        (_comment_like_ends, SourceFormat.EXCEL, "too_much_text"),
        (_many_cells_in_a_row, SourceFormat.EXCEL, "too_much_text"),
        (_long_string_in_a_picture, SourceFormat.EXCEL, "too_much_text"),
        (_row_in_a_picture, SourceFormat.EXCEL, "too_much_text"),
        (_line_of_commas, SourceFormat.CSV, "too_much_text"),
    ],
    ids=lambda value: value.__name__.strip("_") if callable(value) else "",
)
def test_memory_stays_flat(
    tmp_path: Path, write: Callable[[Path], None], source_format: SourceFormat, outcome: str
) -> None:
    path = tmp_path / "upload"
    write(path)

    command = [sys.executable, "-c", _PEAK, str(path), source_format.value]
    found, peak_mib = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()

    assert found == outcome
    assert int(peak_mib) < 300
