"""What a forecast run is asked for: which items, how far ahead, by which engine, what is known of the days ahead."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

DEFAULT_HORIZON_DAYS = 90
MAX_HORIZON_DAYS = 365
MAX_ITEMS = 10_000

STATISTICAL = "statistical"
CHRONOS2 = "chronos2"
CHAMPION = "champion"  # the best of the quick ones for each demand pattern
AUTO_ETS = "auto_ets"
AUTO_THETA = "auto_theta"
ENGINES = (STATISTICAL, CHRONOS2, CHAMPION, AUTO_ETS, AUTO_THETA)


@dataclass(frozen=True)
class FutureDay:
    """What is known of a day ahead, of one item or (item_id None) of all; None: not known."""

    date_local: dt.date
    item_id: str | None = None
    promotion_flag: bool | None = None
    holiday_flag: bool | None = None
    marketing_spend: float | None = None
    price: float | None = None


@dataclass(frozen=True)
class ForecastRequest:
    """The default is the daily run's. `item_ids` None: every item. `fallback`: where the engine is not to be had, the
    statistical one forecasts instead. `backtest`: the last weeks are forecast as of then too, to be compared with what
    sold; of daily runs this is not asked, since what they forecast is itself compared later."""

    item_ids: tuple[str, ...] | None = None
    horizon_days: int = DEFAULT_HORIZON_DAYS
    engine: str = STATISTICAL
    fallback: bool = True
    future: tuple[FutureDay, ...] = ()
    backtest: bool = False

    @property
    def for_readers(self) -> bool:
        """Whether lists, metrics and suggestions may read its results: they need every item and the usual horizon."""
        return self.item_ids is None and self.horizon_days == DEFAULT_HORIZON_DAYS
