"""The backtest command: its table, its protocol, and one line for what it cannot score."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest
from PIL import Image

from forecast_job import backtest
from forecast_job.backtest import Protocol
from forecast_job.progress import Progress
from tests.forecast_job.demand import demand, panel_of


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("backtest") / "demand.parquet"
    demand(330).write_parquet(path)
    return path


def test_the_table_compares_the_engine_to_the_baseline(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert backtest.main([str(file), "--items", "20"]) == 0
    out = capsys.readouterr().out.splitlines()
    lines = out[-5:]
    assert lines[0].startswith("20 most active of 30 items, 2022-06-06 to ")
    assert lines[1].split()[:3] == ["engine", "WQL", "WAPE"]
    baseline, ours, champion = (line.split() for line in lines[2:])
    assert (baseline[0], ours[0], champion[0]) == ("same_weekday", "statistical", "champion")
    assert float(ours[1]) < float(baseline[1])
    assert float(champion[1]) < float(baseline[1])


def test_the_picture_shows_coverage_and_the_worst_items(file: Path, tmp_path: Path) -> None:
    path = tmp_path / "backtest.png"
    assert backtest.main([str(file), "--items", "20", "--origins", "1", "--picture", str(path)]) == 0
    with Image.open(path) as image:
        assert image.format == "PNG"
        assert len(image.getcolors(1 << 16) or []) > 5


def test_a_picture_that_cannot_be_written_is_said_in_one_line(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "no" / "folder.png"
    assert backtest.main([str(file), "--items", "5", "--origins", "1", "--picture", str(path)]) == 1
    assert capsys.readouterr().err.splitlines()[-1] == f"{path}: No such file or directory"


def test_the_worst_items_are_those_whose_demand_nobody_saw_coming() -> None:
    records = demand(330)
    burst = [
        records.filter(pl.col("item_id") == "I029")
        .head(1)
        .with_columns(
            date_local=pl.lit(dt.date(2022, 6, 6) + dt.timedelta(310 + day)), units_sold=pl.lit(5000, pl.Int64)
        )
        for day in range(3)
    ]
    panel, _ = panel_of(pl.concat([records, *burst]), 330)
    worst = backtest.run(panel.rows(panel.totals()), Protocol(origins=1), Progress()).worst
    assert worst[0].item_id == "I029"
    assert worst[0].sold > 15_000 > 10 * worst[0].expected
    assert worst[0].loss_share > 0.5
    assert len(worst) == 10


def test_until_cuts_the_data(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert backtest.main([str(file), "--origins", "1", "--until", "2023-03-31"]) == 0
    assert "2022-06-06 to 2023-03-31; 1 origins" in capsys.readouterr().out


def test_the_last_window_ends_with_the_data() -> None:
    assert Protocol().origins_of(681) == [625, 639, 653]


def test_items_are_chosen_before_the_first_origin() -> None:
    records = demand(200)
    late = records.filter(pl.col("item_id") == "I000").head(1).with_columns(item_id=pl.lit("LATE"))
    days = [late.with_columns(date_local=pl.lit(dt.date(2022, 6, 6) + dt.timedelta(d))) for d in range(150, 200)]
    panel, _ = panel_of(pl.concat([records, *days]), 200)
    rows = backtest.most_active(panel, 150, 10)
    assert "LATE" not in [panel.item_ids[row] for row in rows]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--until", "2022-08-01"], "the file spans 57 days; these origins need at least 147"),
        (["--until", "2020-01-01"], "no demand"),
    ],
)
def test_too_little_data_is_said_in_one_line(
    file: Path, capsys: pytest.CaptureFixture[str], options: list[str], words: str
) -> None:
    assert backtest.main([str(file), *options]) == 1
    err = capsys.readouterr().err
    assert words in err
    assert err.count("\n") == 1


def test_a_missing_file_is_said_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert backtest.main([str(tmp_path / "none.parquet")]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_nonsense_is_refused(file: Path) -> None:
    with pytest.raises(SystemExit):
        backtest.main([str(file), "--items", "0"])
