"""The command, from a client's demand to weights that the job takes; what does no better is not kept."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from forecast_job import finetune
from forecast_job.client_history.season_and_open_days import ClientHistory
from forecast_job.demand.covariates import Covariates
from forecast_job.demand.panel import Panel
from forecast_job.engines import chronos2_tuning
from forecast_job.engines.covariate_choice import CHOICE_VARIABLE
from forecast_job.engines.pinning import Weights
from forecast_job.engines.registry import engine_for
from forecast_job.engines.weights import CPU, load_pipeline
from forecast_job.finetune import HELD_BACK_DAYS, TrainingExample, main, score
from forecast_job.progress import JobProgress
from shared.config import config
from shared.domain.errors import Invalid
from shared.domain.forecast_engine import CHRONOS2
from shared.domain.forecast_request import DEFAULT_HORIZON_DAYS
from tests.support.panels import FIRST
from tests.support.running import Running
from tests.support.tenants import TODAY, TestClient
from tests.support.weights import pinned, use_weights, weights_environment

LEAST_DAYS = chronos2_tuning.least_days(DEFAULT_HORIZON_DAYS) + HELD_BACK_DAYS
DAYS, ITEMS = 182, 5
WEEK = (9, 1, 0, 2, 5, 0, 0)
LEARNING = ("--steps", "25", "--learning-rate", "0.03")

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def base(tiny_weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A folder with the tiny model, for this test to put more into. Of a week that repeats, so small a model learns
    enough in a few steps only with the calendar beside it."""
    monkeypatch.setenv(CHOICE_VARIABLE, "all")
    folder = tmp_path / "weights"
    folder.mkdir()
    for file in tiny_weights.iterdir():
        (folder / file.name).symlink_to(file)
    return str(folder)


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Lines:
    return lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def _sell(client: TestClient, days: int = DAYS, of_them_quiet: int = 0) -> None:
    """The same week again and again, of another size for each item; in the end nothing for some days."""
    first = TODAY - dt.timedelta(days=days)
    client.sell(
        [
            {
                "item_id": f"I{item}",
                "location_id": "NORTH",
                "date_local": first + dt.timedelta(days=day),
                "units_sold": WEEK[day % 7] * (item + 1) * (day < days - of_them_quiet),
                "promotion_flag": day % 9 == item,
            }
            for item in range(ITEMS)
            for day in range(days)
        ]
    )


def _tune(client: TestClient, base: str, *more: str) -> int:
    return main(["--client", client.client_id, *LEARNING, *more], weights_environment(base))


def test_what_forecasts_better_is_kept_where_the_job_takes_it(
    client: TestClient, base: str, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    _sell(client)
    assert _tune(client, base) == 0
    own = Path(base) / "clients" / client.client_id
    said = lines()[-1]["message"]
    record = json.loads((own / "tuning.json").read_text())
    assert record["kept"]
    assert record["wql_tuned"] < record["wql_base"]
    assert said == (
        f"{client.client_id}: kept in {own}: WQL {record['wql_tuned']:.4f} against {record['wql_base']:.4f} of the "
        "base on the last 28 days; every run with --engine chronos2 takes it from now on"
    )
    use_weights(monkeypatch, base)
    for client_id, weights in ((client.client_id, str(own)), ("another", base), (None, base)):
        engine_for(CHRONOS2, fallback=False, progress=JobProgress(interactive=False), client_id=client_id)
        used = [line["weights"] for line in lines() if "weights" in line]
        assert used == [weights]


def test_the_run_of_a_client_is_forecast_with_its_own_weights(
    client: TestClient, base: str, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    from forecast_job.__main__ import main as run

    _sell(client, 9)
    own = Path(base) / "clients" / client.client_id
    own.mkdir(parents=True)
    (own / "config.json").write_text("{}")
    use_weights(monkeypatch, base)
    assert run(["--client", client.client_id, "--engine", CHRONOS2, "--no-fallback"], {}) == 1
    assert f"the Chronos-2 weights in {own} cannot be used" in lines()[0]["message"]


def test_it_goes_to_a_bucket_too(client: TestClient, base: str, lines: Lines) -> None:
    _sell(client)
    target = f"gs://{config().upload_bucket}/tuned/{client.client_id}"
    assert _tune(client, base, "--output", target) == 0
    own = Path(base) / "clients" / client.client_id
    assert lines()[-1]["message"].endswith(f"; the job takes it once its files are copied to {own}")
    assert not own.exists()
    load_pipeline(Weights(target, None), CPU)


def test_what_does_no_better_is_not_kept(client: TestClient, base: str, lines: Lines) -> None:
    _sell(client)
    assert _tune(client, base, "--learning-rate", "0.6", "--steps", "4") == 0
    own = Path(base) / "clients" / client.client_id
    record = json.loads((own / "tuning.json").read_text())
    assert record["wql_tuned"] >= record["wql_base"]
    assert not record["kept"]
    assert [file.name for file in own.iterdir()] == ["tuning.json"]
    assert "not kept: WQL" in lines()[-1]["message"]


def test_what_is_held_back_is_not_seen(tiny_weights: Path, tmp_path: Path) -> None:
    """Two examples that differ in the days held back alone teach the same."""
    rows = 3
    units = (np.tile(WEEK, LEAST_DAYS // 7 + 1) * np.arange(1, rows + 1)[:, None]).astype(np.float32)
    panel = Panel(FIRST, ("A", "B", "C"), ("*",) * rows, units, np.arange(rows))
    history = ClientHistory(FIRST, np.full(units.shape[1], 9.0))
    models: list[dict[str, Any]] = []
    for sold in (units[:, :HELD_BACK_DAYS], np.zeros((rows, HELD_BACK_DAYS), dtype=np.float32) + 50):
        example = TrainingExample(panel, history, Covariates({}, {}), sold)
        folder = tmp_path / str(len(models))
        schedule = chronos2_tuning.TuningSchedule(2, 0.03)
        verdict = finetune.finetune(pinned(tiny_weights), example, schedule, folder, JobProgress(interactive=False))
        assert verdict.base == score(load_pipeline(pinned(tiny_weights), CPU), example)
        models.append(load_pipeline(Weights(str(folder), None), CPU).model.state_dict())
    assert all((models[0][name] == models[1][name]).all() for name in models[0])


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (60, "has 60 days of demand, which is too short a history"),
        (LEAST_DAYS - 1, f"no item has {LEAST_DAYS} days of history to learn from"),
    ],
)
def test_too_short_a_history_is_said(client: TestClient, base: str, lines: Lines, days: int, words: str) -> None:
    _sell(client, days)
    _refused(client, base, lines, words)


def test_a_client_without_demand_is_said(client: TestClient, base: str, lines: Lines) -> None:
    _refused(client, base, lines, "has no demand from")


def test_nothing_sold_lately_is_said(client: TestClient, base: str, lines: Lines) -> None:
    _sell(client, of_them_quiet=HELD_BACK_DAYS)
    _refused(client, base, lines, "nothing was sold in the last 28 days")


def test_missing_weights_are_said(client: TestClient, tmp_path: Path, lines: Lines) -> None:
    _sell(client, LEAST_DAYS)
    _refused(client, str(tmp_path / "none"), lines, "there is no config.json in it")
    assert main(["--client", client.client_id], {}) == 1
    assert "set STOCKCAST_CHRONOS_WEIGHTS" in lines()[-1]["message"]


def test_a_place_that_cannot_be_written_to_is_said_at_once(
    client: TestClient, base: str, tmp_path: Path, lines: Lines
) -> None:
    (tmp_path / "file").write_text("in the way")
    _refused(client, base, lines, "Not a directory", "--output", str(tmp_path / "file" / "tuned"))


def test_a_client_nobody_knows_is_said(running: Running, base: str, lines: Lines) -> None:
    assert main(["--client", "nobody"], weights_environment(base)) == 1
    assert lines()[-1]["message"] == "no weights for nobody: client_not_found: no client 'nobody'"


def _refused(client: TestClient, base: str, lines: Lines, words: str, *more: str) -> None:
    assert _tune(client, base, *more) == 1
    (line,) = lines()
    assert line["severity"] == "ERROR"
    assert line["message"].startswith(f"no weights for {client.client_id}: ")
    assert words in line["message"]


@pytest.mark.parametrize(
    ("option", "given"), [("--steps", "0"), ("--items", "x"), ("--learning-rate", "2"), ("--learning-rate", "fast")]
)
def test_options_that_make_no_sense_are_refused(option: str, given: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--client", "demo", option, given], {})
    assert f"argument {option}: '{given}' is not a number" in capsys.readouterr().err


def test_an_example_knows_its_own_panel_only() -> None:
    panel = Panel(FIRST, (), (), np.zeros((0, 9), np.float32), np.arange(0))
    example = TrainingExample(panel, ClientHistory(FIRST, np.zeros(9)), Covariates({}, {}), panel.units)
    with pytest.raises(ValueError, match="its own panel"):
        example.of(panel.until(5), 1)


def test_the_end_of_the_history_is_an_option(client: TestClient, base: str, lines: Lines) -> None:
    _sell(client, LEAST_DAYS)
    until = TODAY - dt.timedelta(days=8)
    _refused(client, base, lines, "days of history to learn from", "--until", until.isoformat())


def test_no_items_is_no_example(client: TestClient) -> None:
    from forecast_job.demand.load import DemandSource
    from shared.bigquery.warehouse import Warehouse

    with pytest.raises(Invalid, match="no demand"):
        finetune.read_example(DemandSource(Warehouse(config(), client.client_id), TODAY), client.client_id, 10)
