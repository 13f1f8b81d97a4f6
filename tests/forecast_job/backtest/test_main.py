"""The backtest command: its table, its plan, and one line for what it cannot score."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from forecast_job.backtest.__main__ import main
from shared.domain.recency import RECENCY_GROUPS
from tests.support.panels import demand

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("backtest") / "demand.parquet"
    demand(330).write_parquet(path)
    return path


def test_the_table_compares_the_engine_to_the_baseline(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(file), "--items", "20"]) == 0
    lines = capsys.readouterr().out.splitlines()[-17:]
    assert lines[0].startswith("20 most active of 30 items, 2022-06-06 to ")
    assert lines[1].split() == ["engine", "WQL", "WAPE", "MASE", "RMSE", "bias", "seconds"]
    baseline, ours, champion = (line.split() for line in lines[2:5])
    assert (baseline[0], ours[0], champion[0]) == ("same_weekday", "statistical", "champion")
    assert baseline[2] == "+0.0%"
    assert float(ours[1]) < float(baseline[1])
    assert float(champion[1]) < float(baseline[1])
    assert lines[6].startswith("Demand over 14 days")
    assert [line.split("  ")[0] for line in lines[7:10]] == ["totals", "own past windows", "calibrated"]
    assert lines[11].startswith("All 30 items by the days since their last sale")
    assert [line.split("  ")[0] for line in lines[12:]] == ["last sale", *RECENCY_GROUPS]
    selling = lines[13].split()
    assert int(selling[2]) > 80
    assert 0.8 < float(selling[4]) < 1.25


def test_further_engines_are_scored_beside_the_others(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(file), "--items", "5", "--origins", "1", "--engine", "auto_ets"]) == 0
    lines = capsys.readouterr().out.splitlines()
    (ets,) = (line.split() for line in lines if line.startswith("auto_ets"))
    assert 0 < float(ets[1]) < 5


def test_an_engine_that_is_not_to_be_had_is_said_in_one_line(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STOCKCAST_CHRONOS_WEIGHTS", raising=False)
    assert main([str(file), "--engine", "chronos2"]) == 1
    err = capsys.readouterr().err
    assert "engine chronos2 needs weights" in err
    assert err.count("\n") == 1


def test_the_picture_shows_coverage_and_the_worst_items(file: Path, tmp_path: Path) -> None:
    path = tmp_path / "backtest.png"
    assert main([str(file), "--items", "20", "--origins", "1", "--picture", str(path)]) == 0
    with Image.open(path) as image:
        assert image.format == "PNG"
        assert len(image.getcolors(1 << 16) or []) > 5


def test_a_picture_that_cannot_be_written_is_said_in_one_line(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(file), "--items", "5", "--origins", "1", "--picture", str(tmp_path)]) == 1
    assert capsys.readouterr().err.splitlines()[-1] == f"{tmp_path}: Is a directory"
    with pytest.raises(SystemExit):
        main([str(file), "--picture", str(tmp_path / "no" / "folder.png")])
    assert "there is no folder" in capsys.readouterr().err


def test_until_cuts_the_data(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(file), "--origins", "1", "--until", "2023-03-31"]) == 0
    assert "2022-06-06 to 2023-03-31; 1 origins" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--until", "2022-08-01"], "the demand spans 57 days; these origins need at least 147"),
        (["--until", "2020-01-01"], "no demand"),
    ],
)
def test_too_little_data_is_said_in_one_line(
    file: Path, capsys: pytest.CaptureFixture[str], options: list[str], words: str
) -> None:
    assert main([str(file), *options]) == 1
    err = capsys.readouterr().err
    assert words in err
    assert err.count("\n") == 1


def test_a_missing_file_is_said_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none.parquet")]) == 1
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("options", [["FILE", "--items", "0"], [], ["FILE", "--client", "demo"], ["--engine", "magic"]])
def test_nonsense_is_refused(file: Path, options: list[str]) -> None:
    with pytest.raises(SystemExit):
        main([str(file) if one == "FILE" else one for one in options])
