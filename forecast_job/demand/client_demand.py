"""A client's demand as item totals, for the commands that look back over it: the backtest and the replay."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import polars as pl
from google.api_core.exceptions import GoogleAPIError
from google.auth.exceptions import GoogleAuthError
from requests.exceptions import RequestException

from forecast_job.demand import load
from forecast_job.demand.demand_file import ONE_LOCATION
from forecast_job.demand.load import DemandSource
from forecast_job.demand.panel import NoDemand
from forecast_job.progress import JobProgress, first_line
from shared.bigquery.demand_queries import MOST_ACTIVE_ITEMS
from shared.bigquery.warehouse import Warehouse
from shared.config import ConfigurationError, config
from shared.domain.errors import Invalid, Unavailable
from shared.firestore.clients import Clients
from shared.firestore.driver import database

MOST_ITEMS = 10_000  # as a panel of two years 30 MB; of a larger client the most active are read


class NotConfigured(Invalid):
    """The environment lacks a setting."""

    code = "not_configured"


class GoogleUnavailable(Unavailable):
    """Google Cloud did not answer as it should."""

    code = "google_unavailable"


def client_records(client_id: str, progress: JobProgress) -> pl.DataFrame:
    """Days of demand before the client's today, at most two years of them, all locations together: item_id,
    location_id (the same for all), date_local, units_sold and stock_on_date (null where a location's is not known).

    Of the client's items the MOST_ITEMS with most days with a sale. Read in blocks, each added up before the next.
    Raises NotFound for an unknown client, Invalid where it has no demand or this process is not set up, Unavailable
    where Google cannot be reached.
    """
    with google_in_one_line():
        client = Clients(database(config())).get(client_id)
        source = DemandSource(Warehouse(config(), client_id), client.today(dt.datetime.now(dt.UTC)))
        table = source.warehouse.arrow(MOST_ACTIVE_ITEMS, first=source.first, last=source.last, most=MOST_ITEMS)
        items = pl.DataFrame(pl.from_arrow(table)).sort("item_id")
        if not len(items):
            raise NoDemand(f"client {client_id!r} has no demand from {source.first} to {source.last}: import its sales")
        blocks = load.blocks(items)
        return pl.concat([_totals(source, block) for block in progress.track(blocks, "reading", len(blocks))])


@contextmanager
def google_in_one_line() -> Iterator[None]:
    """Turns what Google's clients and the settings of this process raise into errors of ours, a line each."""
    try:
        yield
    except ConfigurationError as error:
        raise NotConfigured(str(error)) from error
    except (GoogleAPIError, GoogleAuthError, RequestException) as error:
        raise GoogleUnavailable(f"Google Cloud did not answer as it should: {first_line(error)}") from error


def _totals(source: DemandSource, item_ids: Sequence[str]) -> pl.DataFrame:
    units, stock = (pl.col(name).clip(lower_bound=0) for name in ("units_sold", "stock_on_date"))
    return (
        source.demand(item_ids)
        .group_by("item_id", "date_local")
        .agg(
            units_sold=units.sum(),
            stock_on_date=pl.when(stock.is_null().any()).then(None).otherwise(stock.sum()),
        )
        .select("item_id", pl.lit(ONE_LOCATION).alias("location_id"), "date_local", "units_sold", "stock_on_date")
    )
