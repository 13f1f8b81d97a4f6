"""The champion of each demand pattern: the engine that would have served its items best at earlier origins.

Every engine forecasts four weeks from each of four earlier origins, two weeks apart, from what was known then. The last
of these windows ends where the history does, so nothing that is forecast later can influence the choice. An engine
replaces the first one for a pattern when its weighted quantile loss, pooled over the pattern's items and the origins,
is clearly lower and it was lower at most origins. Anything less is noise, and the first engine stays.

On the demo's shop before 2011-08-18 the first engine stays nearly everywhere and nothing is lost or gained
(docs/experiments/forecast-accuracy.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from forecast_job.client_history.level import LONG_HALF_LIVES, SHORT_HALF_LIVES
from forecast_job.client_history.season_and_open_days import YEAR_DAYS, ClientHistory
from forecast_job.demand.classify import weeks
from forecast_job.demand.panel import Panel
from forecast_job.engines import DailyForecast, DemandOnly, Engine
from forecast_job.engines.same_weekday import SameWeekdayEngine
from forecast_job.engines.statistical import StatisticalEngine
from forecast_job.scores import pinball_losses
from shared.arrays import Floats
from shared.bigquery.tables import DAILY_QUANTILES
from shared.domain.planning import classification

CANDIDATES: tuple[Engine, ...] = (
    StatisticalEngine(),
    StatisticalEngine("statistical_quick", SHORT_HALF_LIVES),
    StatisticalEngine("statistical_calm", LONG_HALF_LIVES),
    SameWeekdayEngine(),
)
_HORIZON_DAYS = 28
_ORIGINS = 4
_STEP_DAYS = 14
_LEAST_HISTORY_DAYS = 182
_LEAST_SERIES = 30
_MOST_SERIES = 1000
_LEAST_GAIN = 0.005  # of the loss
_WON_SHARE = 0.75  # of the origins


@dataclass(frozen=True)
class ChampionEngine(DemandOnly):
    """Forecasts each series with the champion of its demand pattern; implements forecast_job.engines.Engine and Learns.

    `champions`: by pattern; patterns that are missing, all of them before it has learned, have the first candidate.
    """

    champions: Mapping[str, Engine] = field(default_factory=dict)
    candidates: Sequence[Engine] = CANDIDATES
    name: str = "champion"

    def learn(self, panel: Panel, history: ClientHistory) -> ChampionEngine:
        """The champions by the candidates' forecasts at earlier origins of the panel.

        At most 1,000 series, evenly spread over all, are forecast, so that learning takes seconds.
        """
        rows = panel.distinct()
        rows = rows[(panel.units[rows, -YEAR_DAYS:] > 0).any(axis=1)]
        sample = panel.rows(rows[:: max(1, -(-len(rows) // _MOST_SERIES))])
        origins = [
            origin
            for step in range(_ORIGINS)
            if (origin := panel.days - _HORIZON_DAYS - step * _STEP_DAYS) >= _LEAST_HISTORY_DAYS
        ]
        losses: dict[str, list[Floats]] = {}
        for origin in origins:
            _add_losses(losses, sample, history, origin, self.candidates)
        champions = {pattern: self.candidates[_best(np.stack(at_origins))] for pattern, at_origins in losses.items()}
        return ChampionEngine(champions, self.candidates)

    def forecast(
        self, panel: Panel, horizon_days: int, quantiles: Sequence[float], history: ClientHistory
    ) -> DailyForecast:
        """As the protocol says; a series' forecast depends on no other series of the panel."""
        chosen = [self.champions.get(str(pattern), self.candidates[0]) for pattern in patterns(panel.units)]
        result = np.zeros((panel.series, horizon_days, len(quantiles)), dtype=np.float32)
        mean = np.zeros((panel.series, horizon_days), dtype=np.float32)
        for engine in dict.fromkeys(chosen):
            rows = np.flatnonzero([choice is engine for choice in chosen])
            part = engine.forecast(panel.rows(rows), horizon_days, quantiles, history)
            result[rows], mean[rows] = part.quantiles, part.mean
        return DailyForecast(result, mean, tuple(engine.name for engine in chosen))


def patterns(units: NDArray[np.float32]) -> NDArray[np.str_]:
    """The demand pattern of each series, as forecast_job.demand.classify names it."""
    return classification.pattern(*classification.intermittence(weeks(units)))


def _add_losses(
    losses: dict[str, list[Floats]], sample: Panel, history: ClientHistory, origin: int, engines: Sequence[Engine]
) -> None:
    """Append to each pattern's list the engines' losses at one origin; patterns of a few series are left out."""
    before, then = sample.until(origin), history.until(origin)
    sold = sample.units[:, origin : origin + _HORIZON_DAYS]
    by_engine = np.stack(
        [
            pinball_losses(
                sold, engine.forecast(before, _HORIZON_DAYS, DAILY_QUANTILES, then).quantiles, DAILY_QUANTILES
            )
            for engine in engines
        ]
    )
    pattern = patterns(before.units)
    for name in np.unique(pattern):
        of_pattern = pattern == name
        if of_pattern.sum() >= _LEAST_SERIES:
            losses.setdefault(str(name), []).append(by_engine[:, of_pattern].sum(axis=1))


def _best(losses: Floats) -> int:
    """The index of the best engine; `losses`: origins x engines. The first one unless another is clearly better."""
    pooled = losses.sum(axis=0)
    clearly = pooled < (1 - _LEAST_GAIN) * pooled[0]
    often = (losses < losses[:, :1]).mean(axis=0) >= _WON_SHARE
    better = clearly & often
    return int(np.argmin(np.where(better, pooled, np.inf))) if better.any() else 0
