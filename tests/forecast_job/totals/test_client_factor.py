"""What all items of a client sell more or less than expected is expected again as far as it lasts."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_job.client_history.level import expect
from forecast_job.client_history.season_and_open_days import ClientHistory
from forecast_job.totals.calibration import fit
from forecast_job.totals.client_factor import without_what_lasts
from forecast_job.totals.expected_total import AWAKE, IDLE
from forecast_job.totals.pooled_errors import Errors
from shared.bigquery.tables import WINDOW_QUANTILES
from tests.support.panels import FIRST, bare_panel

ORIGINS, HALF_LIFE = 52, 20.0


def origin(index: int, part: float, series: int = 300, kind: int = AWAKE) -> Errors:
    """The errors of an origin, `index` weeks before the latest, at which all sold that part more than expected."""
    generator = np.random.default_rng(index)
    leverage = generator.uniform(0.5, 3, series)
    noise = generator.normal(0, 1, series)
    weight = np.full(series, 0.5 ** (index / HALF_LIFE))
    return Errors(noise + part * leverage, np.full(series, kind), np.zeros(series), np.arange(series), weight, leverage)


def parts(share: float, seed: int) -> np.ndarray:
    """A first-order autoregression of a week's step, the latest first."""
    generator = np.random.default_rng(seed)
    result = [0.0]
    for _ in range(3 * ORIGINS):
        result.append(share * result[-1] + generator.normal(0, 0.1))
    return np.array(result[::-1][:ORIGINS])


def test_a_part_that_lasts_is_expected_again_and_taken_out_of_the_errors() -> None:
    lasting = np.linspace(0.4, -0.2, ORIGINS)  # ever more than expected
    found = [origin(index, part) for index, part in enumerate(lasting)]
    shifted, factor = without_what_lasts(found, overlap=2)
    usual = np.average(lasting, weights=0.5 ** (np.arange(ORIGINS) / HALF_LIFE))
    assert factor == pytest.approx(1 + lasting[0] - usual, abs=0.07)
    before, after = (np.mean([errors.error.mean() for errors in of[:10]]) for of in (found, shifted))
    assert after < 0.75 * before


def test_one_part_that_follows_no_other_is_not_expected_again() -> None:
    factors = []
    for seed in range(20):
        generator = np.random.default_rng(seed)
        found = [origin(index, part) for index, part in enumerate(generator.normal(0, 0.2, ORIGINS))]
        factors.append(without_what_lasts(found, overlap=1)[1])
    assert np.sqrt(np.mean((np.array(factors) - 1) ** 2)) < 0.03


def test_a_share_of_it_is_expected_where_a_share_lasts() -> None:
    slopes = []
    for seed in range(12):
        of = parts(0.8, seed)
        _, factor = without_what_lasts([origin(index, part) for index, part in enumerate(of)], overlap=1)
        usual = np.average(of, weights=0.5 ** (np.arange(ORIGINS) / HALF_LIFE))
        slopes.append((factor - 1) / (of[0] - usual))
    assert 0.5 < np.median(slopes) < 0.9


@pytest.mark.parametrize(("series", "kind"), [(50, AWAKE), (300, IDLE)], ids=["few items", "asleep"])
def test_few_items_and_those_asleep_say_nothing_of_the_client(series: int, kind: int) -> None:
    found = [origin(index, part, series, kind) for index, part in enumerate(np.linspace(0.4, -0.2, ORIGINS))]
    shifted, factor = without_what_lasts(found, overlap=2)
    assert factor == 1
    for before, after in zip(found, shifted, strict=True):
        np.testing.assert_array_equal(before.error, after.error)


def test_without_errors_nothing_changes() -> None:
    nothing = origin(0, 0.0, series=0)
    assert without_what_lasts([nothing, nothing], overlap=2)[1] == 1
    assert without_what_lasts([origin(0, 0.3)], overlap=2)[1] == 1


@pytest.fixture(scope="module")
def growing() -> tuple[np.ndarray, np.ndarray]:
    """What was sold in 14 days and its quantiles, at three origins of a shop whose every item grows to 3.3 times."""
    days, items, window = 400, 400, 14
    generator = np.random.default_rng(1)
    level = np.exp(generator.uniform(np.log(0.3), np.log(8), (items, 1)))
    mean = (
        level * np.exp(np.arange(days) / days * 1.2) * np.array([0.8, 0.8, 0.9, 1, 1.3, 1.6, 0.6])[np.arange(days) % 7]
    )
    units = generator.poisson(generator.gamma(5, 1, mean.shape) * mean / 5).astype(np.float64)
    sold, quantiles = [], []
    for origin_day in (days - 56, days - 42, days - 28):
        panel = bare_panel(units[:, :origin_day])
        history = ClientHistory.of(FIRST, panel.units)
        learned = fit(panel, history, (window, 28), WINDOW_QUANTILES)
        sold.append(units[:, origin_day : origin_day + window].sum(axis=1))
        quantiles.append(learned.totals(expect(panel.units, history, 28, history.season(28))).quantiles[:, 0])
    return np.concatenate(sold), np.concatenate(quantiles)


@pytest.mark.parametrize("level", [0.8, 0.9, 0.95])
def test_a_shop_whose_every_item_grows_is_covered_as_often_as_said(
    growing: tuple[np.ndarray, np.ndarray], level: float
) -> None:
    sold, quantiles = growing
    assert (sold <= quantiles[:, WINDOW_QUANTILES.index(level)]).mean() == pytest.approx(level, abs=0.03)
