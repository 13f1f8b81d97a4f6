"""Decoding in a child gives what the readers give; a limit that it meets, and whatever ends it, ends nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from polars.testing import assert_frame_equal

from shared.domain.imports.import_errors import DecodingTooCostly, UnusableFile
from shared.domain.imports.record_fields import STOCK_FIELDS
from shared.imports import decoding
from shared.imports.column_finding import header_fit
from shared.imports.decoding import LIMITS, DecoderError, DecoderKilled, DecodingLimits, decode
from shared.imports.readers import excel, excel_parts, frames, parquet, record_source
from shared.imports.readers.file_reading import FOUND, FileReading, HeaderFit, no_names
from shared.imports.readers.formats import SourceFormat, read_here
from tests.shared.imports.readers.files_of_texts import rewrite, write_excel
from tests.support.tenants import eventually

pytestmark = pytest.mark.integration

MEBI = 1024**2
TIGHT = replace(LIMITS, memory_bytes=400 * MEBI)


def decoded(
    path: Path,
    source_format: SourceFormat = SourceFormat.EXCEL,
    reading: FileReading = FOUND,
    fit: HeaderFit = no_names,
    on_wait: Callable[[], object] = lambda: None,
    limits: DecodingLimits = LIMITS,
) -> record_source.RecordSource:
    return decode(path, source_format, reading, fit, on_wait, limits)


def stock(folder: Path) -> Path:
    """A workbook whose second sheet has a title, cells of each kind, a blank row and a row that is too long."""
    book = openpyxl.Workbook()
    book.active.append(["Notes", "Nothing"])
    sheet = book.create_sheet("Stock")
    for row in (
        ["Stock of today"],
        ["item_id", "location_id", "current_stock"],
        ["a", "LONDON", 1.5],
        [True, "#N/A", "=1+1"],
        [],
        ["b", "LONDON", 2, "more"],
    ):
        sheet.append(row)
    path = folder / "upload"
    book.save(path)
    return path


def sold(folder: Path) -> Path:
    frame = {
        "item": [1, 2, None],
        "day": ["2024-01-01", None, ""],
        "units": [1.0, 2.5, float("nan")],
        "list": [[1]] * 3,
    }
    path = folder / "upload"
    pl.DataFrame(frame).write_parquet(path)
    return path


@pytest.mark.parametrize(("write", "source_format"), [(stock, SourceFormat.EXCEL), (sold, SourceFormat.PARQUET)])
def test_the_records_are_those_of_the_reader(tmp_path: Path, write: Any, source_format: SourceFormat) -> None:
    path, fit = write(tmp_path), header_fit(STOCK_FIELDS, ())

    here, there = read_here(path, source_format, FOUND, fit), decoded(path, source_format, fit=fit)

    assert (there.header, there.layout, there.typed) == (here.header, here.layout, here.typed)
    assert there.on_disk
    for _ in range(2):  # as often as somebody asks for them
        for mine, other in zip(here.batches(), there.batches(), strict=True):
            assert mine.row_number.to_list() == other.row_number.to_list()
            assert_frame_equal(mine.columns, other.columns)
            assert_frame_equal(mine.malformed, other.malformed)
            assert_frame_equal(mine.cells, other.cells)


def test_a_refusal_of_the_reader_is_that_of_the_child(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile) as refused:
        decoded(stock(tmp_path), reading=FileReading(sheet="Sales"))
    assert refused.value.code == "sheet_not_found"
    assert refused.value.detail == "the workbook has no sheet 'Sales'; it has 'Sheet', 'Stock'"


@dataclass(frozen=True)
class Doing:
    """A fit that the child is given to do something else with."""

    do: Callable[..., object]
    arguments: tuple[object, ...] = ()

    def __call__(self, cells: Sequence[str | None]) -> int:
        self.do(*self.arguments)
        return 0


def _die(number: int) -> None:
    os.kill(os.getpid(), number)


def _spin(pid_file: str) -> None:
    Path(pid_file).write_text(str(os.getpid()))
    while True:
        pass


def _tell_environment(path: str) -> None:
    Path(path).write_text("\n".join(os.environ))


def _fail(text: str) -> None:
    raise RuntimeError(text)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_ended_from_outside_it_is_tried_again(tmp_path: Path, number: signal.Signals) -> None:
    with pytest.raises(DecoderKilled) as killed:
        decoded(stock(tmp_path), fit=Doing(_die, (number,)))
    assert killed.value.status == 503
    assert number.name in killed.value.detail


def test_a_crash_is_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(DecodingTooCostly, match="damaged, or takes more than 1,024 MiB of memory"):
        decoded(stock(tmp_path), fit=Doing(_die, (signal.SIGSEGV,)))


def test_a_fault_of_ours_is_none_of_the_file_and_quotes_nothing_of_it(tmp_path: Path) -> None:
    with pytest.raises(DecoderError) as failed:
        decoded(stock(tmp_path), fit=Doing(_fail, ("the price of a cell",)))
    assert "RuntimeError" in str(failed.value)
    assert "_fail" in str(failed.value)
    assert "price" not in str(failed.value)


def test_computing_time_has_a_limit(tmp_path: Path) -> None:
    with pytest.raises(DecodingTooCostly, match="takes more than 1 seconds"):
        decoded(stock(tmp_path), fit=Doing(_spin, (str(tmp_path / "pid"),)), limits=replace(LIMITS, computing_s=1))


def test_waiting_has_a_limit_and_leaves_no_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "_WAITING_S", 0.01)
    pid_file = tmp_path / "pid"

    def on_wait() -> None:
        if pid_file.exists():
            ended.append(1)
            monkeypatch.setattr("shared.imports.decoding.time.monotonic", lambda: float("inf"))

    ended: list[int] = []
    with pytest.raises(DecodingTooCostly, match="takes more than 1,350 seconds"):
        decoded(stock(tmp_path), fit=Doing(_spin, (str(pid_file),)), on_wait=on_wait)
    assert not _runs(int(pid_file.read_text()))


class Cancelled(Exception):
    """A user has cancelled the import."""


def test_who_waits_may_end_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "_WAITING_S", 0.01)
    pid_file = tmp_path / "pid"

    def on_wait() -> None:
        if pid_file.exists() and pid_file.read_text():
            raise Cancelled

    with pytest.raises(Cancelled):
        decoded(stock(tmp_path), fit=Doing(_spin, (str(pid_file),)), on_wait=on_wait)
    assert not _runs(int(pid_file.read_text()))


_PARENT = """
import sys
from pathlib import Path
from tests.shared.imports.test_decoding import Doing, _spin, decoded
decoded(Path(sys.argv[1]), fit=Doing(_spin, (sys.argv[2],)))
"""


def test_it_ends_with_its_parent(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    parent = subprocess.Popen([sys.executable, "-c", _PARENT, str(stock(tmp_path)), str(pid_file)])
    child = int(eventually(lambda: pid_file.exists() and pid_file.read_text(), "the child to decode"))
    parent.kill()
    parent.wait()
    eventually(lambda: not _runs(child), "the child to end")


def _runs(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


def test_it_knows_nothing_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOCKCAST_PASSWORD_PEPPERS", "secret")
    decoded(stock(tmp_path), fit=Doing(_tell_environment, (str(tmp_path / "environment"),)))
    known = set((tmp_path / "environment").read_text().split())
    assert known <= {*decoding.ENVIRONMENT, "PYTHONPATH", "TMPDIR", "LC_CTYPE", "_RJEM_MALLOC_CONF"}


def test_what_lies_on_disk_has_a_limit(tmp_path: Path) -> None:
    with pytest.raises(DecodingTooCostly, match="decodes to more than 0 MiB"):
        decoded(stock(tmp_path), limits=replace(LIMITS, disk_bytes=1000))


class WithoutLimitsOfSize:
    """Takes the limits of the readers away where it arrives, so that a limit of the process is all that is left."""

    def __call__(self, cells: Sequence[str | None]) -> int:
        return 0

    def __reduce__(self) -> tuple[Any, ...]:
        return _without_limits_of_size, ()


def _without_limits_of_size() -> WithoutLimitsOfSize:
    none = 2**60
    for module, names in {
        record_source: ("MAX_TEXT_SIZE", "BATCH_TEXT_SIZE", "MAX_CELL_LENGTH"),
        frames: ("BATCH_TEXT_SIZE", "MAX_CELL_LENGTH"),
        parquet: ("MAX_INFLATED_BYTES",),
        excel: ("MAX_INFLATED_BYTES", "MAX_INFLATION", "_MAX_TEXT_BYTES"),
        excel_parts: ("_MAX_STRING_BYTES", "_MAX_ROW_BYTES", "_MAX_PART_BYTES"),
    }.items():
        for name in names:
            assert hasattr(module, name)
            setattr(module, name, none)
    return WithoutLimitsOfSize()


def _compressed_text(path: Path) -> SourceFormat:
    table = pa.table({"id": ["a"] * 6000, "text": ["x" * 100_000] * 6000})
    pq.write_table(table, path, use_dictionary=False, compression="zstd", write_statistics=False)
    return SourceFormat.PARQUET


def _cells_that_point_at_one_string(path: Path) -> SourceFormat:
    write_excel(path, "x")
    shared = f"<si><t>id</t></si><si><t>text</t></si><si><t>{'x' * 32_000}</t></si>"
    rewrite(path, shared, ["<row><c t='s'><v>2</v></c></row>"] * 50_000)
    return SourceFormat.EXCEL


def _long_string(path: Path) -> SourceFormat:
    write_excel(path, "0123456789" * 12_700_000)
    return SourceFormat.EXCEL


def _wide_row_group(path: Path) -> SourceFormat:
    """Which no other limit stops: a column of it is a few bytes, and polars decodes a group of rows as a whole."""
    column = pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int8()), 2_000_000), pa.array(["a text of it"]))
    table = pa.table({f"column {number}": column for number in range(60)})
    pq.write_table(table, path, row_group_size=2_000_000, write_statistics=False, store_schema=False)
    return SourceFormat.PARQUET


_PEAK = """
import sys
from pathlib import Path
from shared.domain.imports.import_errors import UnusableFile
from tests.shared.imports.test_decoding import TIGHT, WithoutLimitsOfSize, decoded
from shared.imports.readers.formats import SourceFormat
from shared.imports.readers.file_reading import FOUND, no_names
fit = WithoutLimitsOfSize() if sys.argv[3] == "without" else no_names
before = Path("/proc/self/clear_refs").write_text("5")  # the peak begins here
try:
    decoded(Path(sys.argv[1]), SourceFormat(sys.argv[2]), FOUND, fit, limits=TIGHT)
except UnusableFile as error:
    print(error.code, error.detail, sep=";", end=";")
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
print(int(status["VmHWM"].split()[0]) // 1024)
"""


@pytest.mark.parametrize(
    ("write", "limits"),
    [
        (_compressed_text, "without"),
        (_cells_that_point_at_one_string, "without"),
        (_long_string, "without"),
        (_wide_row_group, "within"),
    ],
    ids=lambda value: value.__name__.strip("_") if callable(value) else "",
)
def test_memory_has_a_limit_and_the_worker_has_none_of_it(
    tmp_path: Path, write: Callable[[Path], SourceFormat], limits: str
) -> None:
    path = tmp_path / "upload"
    source_format = write(path)

    command = [sys.executable, "-c", _PEAK, str(path), source_format.value, limits]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout

    code, detail, peak_mib = said.split(";")
    assert code == "decoding_too_costly"
    assert "more than 400 MiB of memory" in detail
    assert int(peak_mib) < 250
