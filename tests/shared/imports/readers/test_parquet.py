"""Parquet files: every type as text, streamed, refused when broken or built to exhaust memory."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.domain.imports.import_errors import UnusableFile
from shared.imports.readers import parquet
from shared.imports.readers.parquet import open_parquet
from shared.imports.readers.parquet_pages import DeclaredSize, declared


def written(folder: Path, frame: pl.DataFrame, **options: object) -> Path:
    path = folder / "upload.parquet"
    frame.write_parquet(path, **options)  # type: ignore[arg-type]
    return path


def test_every_type_is_read_as_text(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        pl.DataFrame(
            {
                "id": [85123.0, float("nan")],  # pandas makes floats of integers with gaps
                "price": [2.55, 1e-7],
                "units": [3, None],
                "day": [dt.date(2011, 10, 12), None],
                "time": [dt.datetime(2011, 10, 12, 17, 19), None],
                "instant": pl.Series([dt.datetime(2011, 7, 1, 12), None]).dt.replace_time_zone("Europe/London"),
                "money": [Decimal("1.50"), None],
                "flag": [True, False],
                "text": pl.Series(["a", None], dtype=pl.Categorical),
                "tags": [["x"], []],
                "blob": [b"\xff", b""],
            }
        ),
    )

    source = open_parquet(path)
    (batch,) = source.batches()

    assert source.header == ("id", "price", "units", "day", "time", "instant", "money", "flag", "text")
    assert batch.columns.row(0) == (
        "85123",
        "2.55",
        "3",
        "2011-10-12",
        "2011-10-12 17:19:00.000000",
        "2011-07-01 12:00:00.000000+01:00",
        "1.50",
        "true",
        "a",
    )
    assert batch.columns.row(1) == (None, "1e-7", None, None, None, None, None, "false", None)
    assert batch.row_number.to_list() == [1, 2]


def test_a_large_file_comes_in_batches_in_order(tmp_path: Path) -> None:
    path = written(tmp_path, pl.DataFrame({"n": range(120_000)}), row_group_size=50_001)

    batches = list(open_parquet(path).batches())

    assert max(batch.size for batch in batches) <= 50_000
    assert [int(n) for batch in batches for n in batch.columns["n"]] == list(range(120_000))
    assert [n for batch in batches for n in batch.row_number] == list(range(1, 120_001))


@pytest.mark.parametrize(
    "content", [b"item_id,units\n1,2\n", b"PAR1", b"PAR1\xff\xff\xff\x7fPAR1", b"PAR1\0\0\0\0PAR1"]
)
def test_what_is_no_parquet_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "upload.parquet"
    path.write_bytes(content)

    with pytest.raises(UnusableFile) as refused:
        list(open_parquet(path).batches())
    assert refused.value.code == "unreadable_file"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(st.data())
def test_a_damaged_file_is_refused_or_read_but_never_crashes(tmp_path: Path, data: st.DataObject) -> None:
    path = written(tmp_path, pl.DataFrame({"a": ["x", "y"] * 50, "n": range(100)}))
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(len(content) - 20, len(content)))])

    assert _outcome(path) in ("read", "unreadable_file", "empty_file", "too_many_rows", "decompression_bomb")


def _outcome(path: Path) -> str:
    try:
        for _ in open_parquet(path).batches():
            pass
    except UnusableFile as error:
        return error.code
    return "read"


@pytest.mark.parametrize("compression", ["zstd", "snappy", "uncompressed", "gzip"])
def test_the_declared_size_is_that_of_the_pages(tmp_path: Path, compression: str) -> None:
    frame = pl.DataFrame({"text": ["x" * 1000] * 1000, "n": range(1000)})
    path = written(tmp_path, frame, compression=compression, use_pyarrow=False, row_group_size=300)

    size = declared(path)

    assert size.rows == 1000
    assert 1000 < size.inflated_bytes < 1_100_000


@pytest.mark.slow
def test_a_decompression_bomb_is_refused_by_its_page_headers(tmp_path: Path) -> None:
    distinct = pl.Series(range(600)).cast(pl.String)
    path = written(tmp_path, pl.DataFrame({"text": distinct + "0" * 1_000_000}), compression="zstd")
    assert path.stat().st_size < 2_000_000

    with pytest.raises(UnusableFile, match="inflates to 600,") as refused:
        open_parquet(path)
    assert refused.value.code == "decompression_bomb"


def test_too_many_rows_are_refused_by_the_footer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, pl.DataFrame({"n": [1]}))
    monkeypatch.setattr(parquet, "declared", lambda _: DeclaredSize(rows=10_000_001, inflated_bytes=1))

    with pytest.raises(UnusableFile, match="more than 10,000,000 rows") as refused:
        open_parquet(path)
    assert refused.value.code == "too_many_rows"
