"""The command: what is played, the table and the advice, and what is refused."""

from __future__ import annotations

import re
from pathlib import Path
from typing import cast

import polars as pl
import pytest
from PIL import Image

from forecast_job.replay.__main__ import main
from forecast_job.replay.simulation import (
    BUFFER_DAYS,
    HOLDING_FACTORS,
    SERVICE_LEVELS,
    ReplayPlan,
    replay_demand,
    simulation_of,
)
from forecast_job.replay.supply import ItemSupply
from tests.support.panels import demand

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Half of the items have lead times of their own."""
    path = tmp_path_factory.mktemp("replay") / "demand.parquet"
    number = pl.col("item_id").str.slice(1).cast(pl.Int64)
    lead_time = pl.when(number % 2 == 0).then(number % 3 + 1)
    demand(215, items=16).with_columns(unit_cost=number + 1, lead_time_days=lead_time).write_parquet(path)
    return path


def _words(out: str) -> list[str]:
    return [line for line in out.splitlines() if not line.startswith("{")]  # log lines, off a terminal


def test_the_command_prints_a_table_and_advice_and_draws(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = tmp_path / "out.png"
    arguments = [str(file), "--items", "10", "--weeks", "4", "--picture", str(picture)]
    assert main(arguments) == 0
    lines = _words(capsys.readouterr().out)
    assert "most active items, played for 4 weeks, scored from " in lines[0]
    assert "left out, whose lead times are too long for that" in lines[0]
    assert lines[0].endswith("stock is the mean stock at cost")
    assert re.match(r"lead times: the items' own for 4 of \d, else drawn by seed; ", lines[1])
    assert "MOQs: drawn by seed; packs: drawn by seed; costs: the items' own; prices: unknown" in lines[1]
    plays = 1 + len(BUFFER_DAYS) + 3 * len(SERVICE_LEVELS) + len(HOLDING_FACTORS)
    names = [line.split("  ")[0] for line in lines[3 : 3 + plays]]
    policies = ("service_level, by_cost", "service_level, by_value", "service_level, equal")
    levels = [name for name in policies for _ in SERVICE_LEVELS]
    assert names == ["mean demand", *["forecast_30d"] * 5, *levels, *["least_cost"] * 3]
    assert lines[-1] == f"Picture: {picture}"
    with Image.open(picture) as image:
        assert image.format == "PNG"
        colours = cast("list[tuple[int, tuple[int, int, int]]]", image.convert("RGB").getcolors(2**20) or [])
        assert {"#e67e22", "#2980b9", "#1e8449"} <= {f"#{r:02x}{g:02x}{b:02x}" for _, (r, g, b) in colours}


def test_known_terms_take_the_place_of_drawn_ones() -> None:
    played = replay_demand(demand(230, items=4), ReplayPlan(items=4, weeks=6))
    supply = {
        "I001": ItemSupply(2.0, None, 3, moq=9.0, packaging_qty=1.5),
        "I002": ItemSupply(8.0),
        "I003": ItemSupply(lead_time_days=15),
    }
    simulation = simulation_of(played, supply, ReplayPlan(weeks=6, lead_time_days=(5, 5)))
    terms = dict(zip(simulation.demand.item_ids, range(4), strict=False))
    assert sorted(terms) == ["I000", "I001", "I002"]
    assert simulation.left_out == 1  # 15 days and a week are more than half of six weeks
    assert simulation.since == played.start + 5 + 7
    row, supplied = terms["I001"], simulation.terms
    assert (supplied.lead_time_days[row], supplied.moq[row], supplied.packaging_qty[row]) == (3, 9000, 1500)
    # An item without a cost has the usual one.
    assert [float(supplied.unit_cost[terms[item]]) for item in ("I000", "I001", "I002")] == [5.0, 2.0, 8.0]
    drawn = simulation_of(played, supply, ReplayPlan(weeks=6, lead_time_days=(5, 5), draw_lead_times=True))
    assert set(drawn.terms.lead_time_days.tolist()) == {5}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--weeks", "20"], "the demand spans 215 days; 20 weeks need 322"),
        (["--weeks", "4", "--lead-time", "20", "30"], "4 weeks are too short to tell: try --weeks or --lead-time"),
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


@pytest.mark.parametrize(
    "options",
    [
        ["--items", "0"],
        ["--review", "0"],
        ["--lead-time", "9", "3"],
        ["--seed", "-1"],
        ["--picture", "no/folder.png"],
        ["--client", "demo"],
    ],
)
def test_nonsense_is_refused(file: Path, options: list[str]) -> None:
    with pytest.raises(SystemExit):
        main([str(file), *options])
