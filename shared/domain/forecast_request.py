"""The request of a forecast run: which items, how far ahead, by which engine, and what is known about future days."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from shared.domain.access.principal import STARTERS_OF_FORECASTS, Principal
from shared.domain.errors import Conflict, Forbidden, Invalid, NotFound
from shared.domain.forecast_engine import STATISTICAL

DEFAULT_HORIZON_DAYS = 90
MAX_HORIZON_DAYS = 365
MAX_ITEMS = 10_000


class ShardNotFound(Invalid):
    """The run has no shard of this index."""

    code = "no_such_shard"


class ForecastRunNotFound(NotFound):
    """There is no such forecast run."""

    code = "forecast_run_not_found"

    def __init__(self, run_id: str) -> None:
        super().__init__(f"no forecast run {run_id!r}")


class ForecastForLists(Forbidden):
    """Some roles may only request forecasts that lists do not use: of some items, or with another horizon."""

    code = "forecast_for_lists"


class ForecastNotPublished(Conflict):
    """The run's results can be read once it is published."""

    code = "forecast_not_published"


class ItemNotForecast(NotFound):
    """The run has no forecast of this item, or none at this location."""

    code = "item_not_forecast"


class ForecastRequestLost(Invalid):
    """What a run was asked for is no longer stored completely."""

    code = "forecast_request_lost"


class RunIdReserved(Invalid):
    """A run cannot have the name that stands for the latest one."""

    code = "run_id_reserved"


class ForecastRunDiffers(Conflict):
    """A run of this id was started for another date or number of shards."""

    code = "forecast_run_differs"


@dataclass(frozen=True)
class FutureDay:
    """What is known about a future day, for one item or (item_id None) for all; None: not known."""

    date_local: dt.date
    item_id: str | None = None
    promotion_flag: bool | None = None
    holiday_flag: bool | None = None
    marketing_spend: float | None = None
    price: float | None = None


@dataclass(frozen=True)
class ForecastRequest:
    """The default is the daily run's. `item_ids` None: every item. `fallback`: where the engine is unavailable, the
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

    def check_asked_by(self, caller: Principal) -> None:
        """Raises ForecastForLists where everybody would get a forecast that the caller's role may not make for them."""
        if self.for_readers and caller.role not in STARTERS_OF_FORECASTS and not caller.platform:
            names = ", ".join(sorted(STARTERS_OF_FORECASTS))
            raise ForecastForLists(
                f"your role {caller.role} may not start the forecast that lists use; allowed: {names}. Name item_ids, "
                f"filters or another horizon than {DEFAULT_HORIZON_DAYS} days for a forecast of your own"
            )
